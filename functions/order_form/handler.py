"""
Serve the public order form of a channel: find products, see what is in stock and when it can be delivered, send an order.

Called by   API Gateway: GET|POST /o/{channel}, without a token
Returns     pages; every order is placed by POST /v1/orders, with the client that the channel's form alone has
Raises      nothing: what is wrong is said on a page

The room has no right on orders, stock or customers. It reads the secrets of forms' clients, and counts visitors in a table of
its own. A browser proves some work before each order, or confirms by a mailed link if it runs no scripts. Each address has a
limit of pages and of orders.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api.form_fields import TooLarge
from comanda.aws.api.replies import Reply, file, page, response
from comanda.aws.api_client.server import NoAnswer
from comanda.aws.runtime import clock
from comanda.aws.runtime.formats import LANGUAGES
from comanda.aws.runtime.room import report, room
from comanda.domain import text
from comanda.domain.errors import Busy
from functions.order_form import confirmation, incoming, pages, render, sending, shop, visits
from functions.order_form import entry as entries
from functions.order_form.incoming import Incoming
from functions.order_form.pages import Visit

_FORBIDDEN, _NOT_FOUND, _TOO_LARGE, _TOO_MANY, _UNAVAILABLE = 403, 404, 413, 429, 503
_RETRY_SECONDS = 5

logger = Logger()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    asked = incoming.read(event)
    try:
        return response(_answer(asked))
    except shop.NoForm:
        return response(_message(asked, "no-form", _NOT_FOUND))
    except TooLarge:
        return response(_message(asked, "too-large", _TOO_LARGE))
    except (NoAnswer, Busy) as error:
        report(error, event, context)
        return response(_message(asked, "unavailable", _UNAVAILABLE, _RETRY_SECONDS, asked.typed()))


def _answer(asked: Incoming) -> Reply:
    name = asked.query.get("file")
    if asked.method == "GET" and name:
        found = render.file(name)
        return file(found.text, found.media_type) if found else _message(asked, "no-form", _NOT_FOUND)
    if asked.method == "POST" and not asked.is_own:
        return _message(asked, "forged", _FORBIDDEN)
    if not text.ID.fits(asked.channel):
        raise shop.NoForm(asked.channel)
    now = clock.now()
    visitor = visits.visitor(asked.address, now)
    if not visits.may_look_up(visitor, now):
        left = visits.seconds_left(now)
        return _message(asked, "too-many-pages", _TOO_MANY, left, asked.typed())
    opened = shop.open_shop(asked.channel, now)
    language = render.language(asked.languages(), opened.terms.titles)
    visit = Visit(shop=opened, language=language, visitor=visitor, part=asked.part)
    if asked.method != "POST":
        token = asked.query.get("confirm")
        return confirmation.show(visit, token) if token else pages.new(visit)
    fields = asked.fields()
    action = next((value for field, value in fields if field == "do"), "")
    if action == "confirm":
        return confirmation.confirm(visit, next((value for field, value in fields if field == "confirm"), ""))
    entry = entries.read(fields)
    if not entries.is_key(entry.key):  # no page of ours sent it
        entry, action = replace(entry, key=pages.new_key(visit)), "review" if action == "send" else action
    return sending.send(visit, entry) if action == "send" else pages.change(visit, entry, action)


def _message(asked: Incoming, kind: str, status: int, seconds: int = 0, typed: Sequence[tuple[str, str]] = ()) -> Reply:
    """Return a page that only says something, in the visitor's language. `seconds`: when to try again, 0 if never.

    `typed` are the fields of a form that was not answered: the page holds them, and its button sends them again.
    """
    language = render.language(asked.languages(), LANGUAGES.values())
    html = render.page("message.html", language, title="Comanda", languages=[], kind=kind, seconds=seconds, typed=typed)
    return page(html, status=status, headers={"Retry-After": str(seconds)} if seconds else {})
