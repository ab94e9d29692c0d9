"""
State who must own each thing that a write names. The table has all things and kinds of caller, for every door and every
kind of file.

Called by   local/cli.py (`comanda ownership` writes docs/ownership.md); tests/functions/test_ownership.py, which makes its
            cases of it: every door, every kind of caller, every thing that must be theirs
Raises      KeyError for a field of a door, or a column of a file, that no row here is about

The doors apply it (`comanda.aws.api.callers`, the rooms' rules); this is what they are held to.
"""

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from comanda.aws.api.routes import ADMIN, CHANNEL, NODE, PARTNER, ROUTES, STAFF, WORKER, Route
from functions.inbox import shipment_rows as shipments
from functions.inbox import stock_file as stock
from functions.inbox import supply_file as supplies
from functions.inbox.arrival import SHIPMENTS, STOCK, SUPPLIES
from openapi.operations import OPERATIONS

FILE = Path(__file__).parent.parent / "docs" / "ownership.md"

# The rules for a thing that a caller names.
OWN = "theirs"  # it belongs to the caller; another's is answered as if it were not there
ASKED = "theirs, or asked"  # another's is asked, and nothing of it moves before it agrees
PART = "of the thing"  # it is a part of something that the same request names, and is looked for nowhere else
NEW = "their own word"  # a name that the caller gives; the same word of another caller is another thing
ANYONE = "anyone's"  # master data that every caller may name
PROVIDER = "the provider's"  # somebody outside knows whose it is
NOBODY = "-"  # no door takes it from this kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A thing that a request or a file names. The rules are those for each kind of caller. The office owns all
    things."""

    means: str
    channel: str = NOBODY
    node: str = NOBODY  # and worker
    partner: str = NOBODY

    def rule(self, kind: str) -> str:
        """Return the rule for a caller of this kind that names the thing."""
        return {CHANNEL: self.channel, NODE: self.node, WORKER: self.node, PARTNER: self.partner}.get(kind, ANYONE)


THINGS: Mapping[str, Thing] = {
    "channel": Thing(means="a channel of the caller's", channel=OWN),
    "channel asked about": Thing(means="a shop asks about its own; a node's people about any", channel=OWN, node=ANYONE),
    "order": Thing(means="an order of one of their channels; in a file, one of which a part is theirs to ship", channel=OWN, partner=OWN),
    "fulfillment": Thing(means="work of one of their nodes, or of their partner", node=OWN, partner=OWN),
    "reservation": Thing(means="kept for the very client that asked, and for the channel that it named", channel=OWN),
    "promise": Thing(means="made to the very client that asked, for the channel that it named", channel=OWN),
    "node": Thing(means="a node of theirs, or of their partner", node=OWN, partner=OWN),
    "origin": Thing(means="the node that a transfer takes units from", node=ASKED, partner=ASKED),
    "supply": Thing(
        means="a supply whose named lines go to a node of theirs, or to ship come from it; to add lines: a new id, or one of "
        "which all lines are theirs",
        node=OWN,
        partner=OWN,
    ),
    "request": Thing(means="a transfer that asks for units of a node of theirs", node=OWN, partner=OWN),
    "counter": Thing(means="a node with a counter, in a country where the channel sells", channel=ANYONE),
    "shelf": Thing(means="a node that sells, in a country where the channel sells", channel=ANYONE, node=ANYONE),
    "product": Thing(means="a sku of the directory", channel=ANYONE, node=ANYONE, partner=ANYONE),
    "customer": Thing(means="the channel's own id of a customer; lists show each channel its own orders only", channel=NEW),
    "line": Thing(means="a line of the order, the fulfillment or the supply", channel=PART, node=PART, partner=PART),
    "option": Thing(means="an option of the promise", channel=PART),
    "closure": Thing(means="a closure of the node", node=PART),
    "own name": Thing(means="an id that the caller makes up: of an order, a line of it, a request, a count, a receipt, a shipment, a package", channel=NEW, node=NEW, partner=NEW),
    "telling": Thing(means="an id of telling something of the supply, whoever tells it", node=PART, partner=PART),
    "payment": Thing(means="an authorisation at the payments' provider, which answers for it", channel=PROVIDER),
    "words of a carrier": Thing(means="a carrier, its service and its tracking number, as they stand on the label", node=ANYONE, partner=ANYONE),
}  # fmt: skip

# Names in paths and bodies, by their last part; a door that means another thing by one says so in `_AT`.
_NAMES: Mapping[str, str] = {
    "order_id": "order",
    "fulfillment_id": "fulfillment",
    "reservation_id": "reservation",
    "promise_id": "promise",
    "option_id": "option",
    "closure_id": "closure",
    "channel": "channel",
    "customer/id": "customer",
    "sku": "product",
    "line_id": "line",
    "parent_line_id": "line",
    "node_id": "node",
    "origin_node_id": "origin",
    "supply_id": "supply",
    "external_id": "own name",
    "request_id": "own name",
    "adjustment_id": "own name",
    "reference": "own name",
    "shipment_id": "own name",
    "package_id": "own name",
    "group": "own name",
    "carrier": "words of a carrier",
    "packages/*/service": "words of a carrier",
    "tracking_number": "words of a carrier",
}
_AT: Mapping[tuple[str, str], str] = {
    ("/v1/orders", "/lines/*/line_id"): "own name",
    ("/v1/orders", "/lines/*/fulfillment/node_id"): "counter",
    ("/v1/orders", "/payments/*/reference"): "payment",
    ("/v1/stock/supplies", "/reference"): "telling",
    ("/v1/reservations", "/lines/*/node_id"): "shelf",
    ("/v1/promises", "/lines/*/line_id"): "own name",
    ("/v1/promises", "/node_ids/*"): "counter",
    ("/v1/availability", "/skus/*"): "product",
    ("/v1/availability", "/node_ids/*"): "shelf",
    ("/v1/availability", "/channel"): "channel asked about",
    ("/v1/reservations", "/lines/*/nodes/*"): "shelf",
    ("/v1/stock/supplies", "/lines/*/line"): "line",
    ("/v1/stock/supplies/{id}/approve", "{id}"): "request",
    ("/v1/stock/supplies/{id}/refuse", "{id}"): "request",
    ("/v1/stock/supplies/{id}/approve", "/lines/*"): "line",
    ("/v1/stock/supplies/{id}/refuse", "/lines/*"): "line",
    ("/v1/nodes/{id}/closures", "{id}"): "node",
    ("/v1/nodes/{id}/closures/{closure_id}/end", "{id}"): "node",
    ("/v1/nodes/{id}/capacity/{day}", "{id}"): "node",
}
# Fields that name nothing: amounts, times, words, choices.
_PLAIN = frozenset(
    [
        "action",
        "allow_partial",
        "amount",
        "attributes",
        "bucket",
        "buckets",
        "cause",
        "date",
        "methods",
        "unit_price",
        "city",
        "class",
        "code",
        "counted_at",
        "country",
        "currency",
        "day",
        "deliver_by",
        "dims_mm",
        "draft",
        "email",
        "eta",
        "expires_at",
        "from",
        "gift",
        "gtin",
        "kind",
        "latitude",
        "line1",
        "line2",
        "locale",
        "longitude",
        "method",
        "name",
        "node_type",
        "not_before",
        "note",
        "occurred_at",
        "option",
        "over_receipt_percent",
        "phone",
        "placed_at",
        "postal_code",
        "price_share",
        "prices_include_tax",
        "priority",
        "quantity",
        "rate",
        "ratio",
        "reason",
        "region",
        "service",
        "ship_date",
        "shipped_at",
        "sourcing_class",
        "supplier",
        "tags",
        "tax_id",
        "title",
        "ttl_seconds",
        "type",
        "units",
        "until",
        "uom",
        "weight_g",
    ]
)
_COLUMNS: Mapping[str, Mapping[str, str]] = {
    SHIPMENTS: {
        "order_id": "order",
        "fulfillment_id": "fulfillment",
        "line_id": "line",
        "sku": "line",
        "shipment_id": "own name",
        "package_id": "own name",
        "carrier": "words of a carrier",
        "service": "words of a carrier",
        "tracking_number": "words of a carrier",
    },
    STOCK: {"reference": "own name", "sku": "product", "node": "node"},
    SUPPLIES: {
        "reference": "telling",
        "supply_id": "supply",
        "line": "line",
        "sku": "product",
        "node": "node",
        "origin_node": "origin",
    },
}
_PLAIN_COLUMNS = frozenset(
    [
        "quantity",
        "shipped_at",
        "weight_g",
        "label_cost",
        "label_currency",
        "mode",
        "counted_at",
        "uom",
        "open_box",
        "quarantine",
        "damaged",
        "action",
        "supplier",
        "type",
        "eta",
        "bucket",
        "occurred_at",
        "over_receipt_percent",
    ]
)


def writes() -> list[Route]:
    """Return the doors that take a request and that other callers than the office may call, also the doors that only
    answer a question. At the office's own doors, all things are the retailer's."""
    return [route for route in ROUTES if route.method != "GET" and kinds(route)]


def kinds(route: Route) -> tuple[str, ...]:
    """Return the kinds of caller of a door that do not own all things."""
    return tuple(kind for kind in route.who if kind not in (ADMIN, STAFF))


def named(route: Route) -> dict[str, str]:
    """Return the thing that each place of a door's path and body names. Raises KeyError for a place that no row is
    about."""
    places = [part for part in route.path.split("/") if part.startswith("{")]
    body = OPERATIONS[route.method, route.path].body
    found = {}
    for place in (*places, *(_fields(body) if body else ())):
        thing = _thing(route.path, place)
        if thing is not None:
            found[place] = thing
    return found


def _thing(path: str, place: str) -> str | None:
    """Return the thing at a place of a door, or None where the place names no thing."""
    if (path, place) in _AT:
        return _AT[path, place]
    words = place.strip("{}").replace("/{}", "").removesuffix("/=").strip("/").split("/")
    while words[-1] == "*":
        words.pop()
    for length in (3, 2, 1):
        if thing := _NAMES.get("/".join(words[-length:])):
            return thing
    if words[-1] in _PLAIN:
        return None
    raise KeyError(f"{path} {place}: say in openapi/ownership.py whose it must be")


def columns(kind: str) -> dict[str, str]:
    """Return the thing that each column of a kind of file names. Raises KeyError for a column that no row is about."""
    known = {SHIPMENTS: shipments.COLUMNS, STOCK: stock.COLUMNS, SUPPLIES: supplies.COLUMNS}[kind].known
    strange = sorted(known - _COLUMNS[kind].keys() - _PLAIN_COLUMNS)
    if strange:
        raise KeyError(f"{kind} {strange[0]}: say in openapi/ownership.py whose it must be")
    return dict(_COLUMNS[kind])


def _fields(model: type[BaseModel], at: str = "") -> Iterator[str]:
    """Yield the places of a body at which a value stands: `/lines/*/sku`."""
    for name, field in model.model_fields.items():
        yield from dict.fromkeys(_inside(field.annotation, f"{at}/{field.alias or name}"))


def _inside(kind: typing.Any, at: str) -> Iterator[str]:
    kind = getattr(kind, "__value__", kind)
    origin, of = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _fields(kind, at)
    elif origin is typing.Annotated:
        yield from _inside(of[0], at)
    elif origin in (list, tuple):
        yield from _inside(of[0], f"{at}/*")
    elif origin is dict:
        yield f"{at}/{{}}"
        yield from _inside(of[1], f"{at}/{{}}/=")
    elif origin in (typing.Union, types.UnionType):
        for one in of:
            if one is not type(None):
                yield from _inside(one, at)
    else:
        yield at


def page() -> str:
    """Return the text of docs/ownership.md."""
    return "\n".join([*_HEAD, *_things(), *_MIDDLE, *_doors(), "", "## Files", "", *_files()]) + "\n"


_HEAD = """# Who must own what a request names
<!-- `comanda ownership` writes this page from openapi/ownership.py; tests try every row of it at every door. -->

Each thing that a write names must belong to the caller.
The caller's entry in the directory says what it owns: channels, nodes, a partner.
A thing of another caller is answered exactly as if it were not there, and nothing is changed.
A node has one partner: the one that its entry names as `partner_id`, else the one whose entry lists it in `nodes`.
An entry that would give it two is refused (422 `another-partners`); where both were stored before, `partner_id` decides.
The systems and people of a node have an entry that names the node, and work there beside its partner.
Everything of the cell belongs to the office (`admin`, `staff`).

| thing | is | channel | node, worker | partner |
|---|---|---|---|---|""".splitlines()
_MIDDLE = f"""
- **{OWN}**: another's is not there: 404 in a path, 422 at its field, `REJECTED` for a row.
- **{ASKED}**: another's node is asked, and nothing of it moves before it or the office agrees: [stock.md](stock.md#supplies).
- **{PART}**: it is looked for in the thing that the same request names, and nowhere else.
- **{NEW}**: whoever uses the same word has something else.
- **{ANYONE}**: master data, which every caller may name.
- **{PROVIDER}**: it is kept as it came; whoever is outside knows whose it is.

Nobody gives more than they have: a client that makes a client gives it no scope that it has not itself (403).

## Doors
These doors are open to callers other than the office.
A field that is not listed names nothing that is owned: it is an amount, a time or a word.

| door | who | names |
|---|---|---|""".splitlines()


def _things() -> list[str]:
    return [
        f"| {name} | {thing.means} | {thing.channel} | {thing.node} | {thing.partner} |"
        for name, thing in THINGS.items()
    ]


def _doors() -> list[str]:
    return [
        f"| `{route.method} {route.path}` | {', '.join(kinds(route))} | {_list(named(route))} |" for route in writes()
    ]


def _files() -> list[str]:
    """Return the lines about files. A file belongs to the partner in whose folder it lies: a partner writes only to its
    own folder, and reads its own receipts."""
    lines = ["A file is the partner's in whose folder it lies: `inbox/<partner>/<kind>/`.", ""]
    lines += ["| kind | names |", "|---|---|"]
    return lines + [f"| `{kind}` | {_list(columns(kind))} |" for kind in (SHIPMENTS, STOCK, SUPPLIES)]


def _list(places: Mapping[str, str]) -> str:
    return ", ".join(f"`{place}` {thing}" for place, thing in places.items())


def write() -> Path:
    FILE.write_text(page(), encoding="utf-8")
    return FILE
