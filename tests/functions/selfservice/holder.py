"""Hold a link to an order of a small retailer: open its page as a browser does, and send its form."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.functions import events
from tests.functions.order_form.site import Page
from tests.functions.world import World

LINK = re.compile(r"http://api\.test/live(/v1/s/[A-Za-z0-9_-]+)")


@dataclass
class Holder:
    """A customer with a link."""

    path: str
    language: str = "en-US"

    def get(self, path: str = "") -> Page:
        return self._ask("GET", path or self.path, None)

    def post(self, fields: dict[str, str] | str) -> Page:
        return self._ask("POST", self.path, fields if isinstance(fields, str) else urlencode(fields))

    def press(self, page: Page, do: str, **typed: str) -> Page:
        """Send the form of a page with other values in some fields."""
        return self.post({**dict(page.fields), **typed, "do": do})

    def _ask(self, method: str, path: str, body: str | None) -> Page:
        parts = urlsplit(path)
        asked = events.event(
            method,
            parts.path,
            resource="/v1/s/{token}",
            values={"token": parts.path.removeprefix("/v1/s/")},
            headers={"Accept-Language": self.language},
            query={name: [value] for name, value in parse_qsl(parts.query)},
            body=body,
            context={"requestId": "r-link"},
        )
        answer = events.answer("selfservice", asked)
        return Page(answer["statusCode"], answer["body"], events.flat(answer["multiValueHeaders"]))


def link_of(world: World, order_id: str, **body: Any) -> str:
    """Return the path of a link that the office makes."""
    reply = world.call("POST", f"/v1/orders/{order_id}/links", body, who="office")
    assert reply.status == 201, reply.body
    found = LINK.fullmatch(reply.body["url"])
    assert found is not None, reply.body
    return found[1]


def holder(world: World, order_id: str) -> Holder:
    return Holder(link_of(world, order_id))
