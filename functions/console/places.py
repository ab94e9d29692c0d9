"""
Read the names and time zones of nodes, which pages show instead of ids and UTC.

Called by   the pages
Returns     a Place for each node that the person may read; a page shows the id of another one
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comanda.aws.api_client.calls import Answer, Call, get
from functions.console.request import Request

MOST = 8  # nodes of one page whose names are read
_MOST_CALENDARS = "100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A node as people know it. `zone` is that of its calendar, "UTC" where it is not known."""

    id: str
    name: str
    zone: str
    type: str


def calls(nodes: Iterable[str]) -> tuple[Call, ...]:
    """Return the calls that `read` needs the answers of, none without nodes. A page asks other calls beside them."""
    wanted = tuple(get(f"/v1/nodes/{node}") for node in list(nodes)[:MOST])
    return (*wanted, get("/v1/calendars", limit=_MOST_CALENDARS)) if wanted else ()


def read(answers: Iterable[Answer]) -> dict[str, Place]:
    """Return the places by id, from the answers to `calls` in their order."""
    *nodes, calendars = answers if (answers := tuple(answers)) else (Answer(status=0),)
    zones = {row["id"]: row["timezone"] for row in calendars.body["items"]} if calendars.ok else {}
    found = (node.body for node in nodes if node.ok)
    return {
        node["id"]: Place(
            id=node["id"], name=node["name"], zone=zones.get(node.get("calendar"), "UTC"), type=node["type"]
        )
        for node in found
    }


def find(request: Request, nodes: Iterable[str]) -> Mapping[str, Place]:
    """Return the places of these nodes by id."""
    return read(request.door.ask(*calls(nodes)))
