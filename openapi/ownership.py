"""
List the required owner of each thing that a write names, for every door, every kind of file and every kind of caller.

Called by   openapi/ownership_page.py; tests/functions/test_ownership.py, which makes its cases of it: every door, every kind
            of caller, every thing that the caller must own
Raises      KeyError for a field of a door, or a column of a file, that has no row here

The module is long because it is one table: every name of every door, and every column of every kind of file.
The doors check ownership (`comanda.aws.api.callers`, the rooms' rules); the tests compare them with this table.
"""

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from comanda.aws.api.routes import ADMIN, CARRIER, CHANNEL, FORM, NODE, PARTNER, ROUTES, STAFF, WORKER, Route
from functions.inbox import carrier_invoice_file as bills
from functions.inbox import price_file as prices
from functions.inbox import settlement_file as settlements
from functions.inbox import shipment_rows as shipments
from functions.inbox import statement_file as statements
from functions.inbox import stock_file as stock
from functions.inbox import supply_file as supplies
from functions.inbox import tracking_file as tracking
from functions.inbox.arrival import (
    CARRIER_INVOICES,
    PRICES,
    SETTLEMENTS,
    SHIPMENTS,
    STATEMENTS,
    STOCK,
    SUPPLIES,
    TRACKING,
)
from openapi.operations import OPERATIONS

# The rules for a thing that a caller names.
OWN = "theirs"  # it belongs to the caller; a thing of another caller is answered as if it were not there
ASKED = "theirs, or asked"  # the owner of another's node is asked, and nothing of it moves before the owner agrees
PART = "of the thing"  # it is a part of a thing that the same request names, and is searched nowhere else
NEW = "their own word"  # a name that the caller gives; the same name of another caller is another thing
ANYONE = "anyone's"  # master data that every caller may name
PROVIDER = "the provider's"  # an outside party knows the owner
NOBODY = "-"  # no door takes it from this kind of caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A thing that a request or a file names, with the rule for each kind of caller. The office owns all things."""

    means: str
    channel: str = NOBODY
    node: str = NOBODY  # for workers too
    partner: str = NOBODY
    carrier: str = NOBODY

    def rule(self, kind: str) -> str:
        """Return the rule for a caller of this kind that names the thing."""
        return {
            CHANNEL: self.channel,
            FORM: self.channel,
            NODE: self.node,
            WORKER: self.node,
            PARTNER: self.partner,
            CARRIER: self.carrier,
        }.get(kind, ANYONE)


THINGS: Mapping[str, Thing] = {
    "channel": Thing(means="a channel of the caller's", channel=OWN),
    "channel asked about": Thing(means="a shop asks about its own channels; a node's people about any", channel=OWN, node=ANYONE),
    "order": Thing(means="an order of one of their channels; in a file, one of which a part is theirs to ship", channel=OWN, partner=OWN),
    "fulfillment": Thing(means="work of one of their nodes, or of their partner", node=OWN, partner=OWN),
    "draft": Thing(means="a draft of one of their channels", channel=OWN),
    "reservation": Thing(means="kept for the very client that asked, and for the channel that it named", channel=OWN),
    "promise": Thing(means="made to the very client that asked, for the channel that it named", channel=OWN),
    "pick wave": Thing(means="a wave of one of their nodes, or of their partner", node=OWN, partner=OWN),
    "picker": Thing(means="a person or an application of the wave's node", node=OWN, partner=OWN),
    "node": Thing(means="a node of theirs, or of their partner", node=OWN, partner=OWN),
    "origin": Thing(means="the node that a transfer takes units from", node=ASKED, partner=ASKED),
    "supply": Thing(
        means="a supply whose named lines go to a node of theirs, or to ship come from it; to add lines: a new id, or one of "
        "which all lines are theirs",
        node=OWN,
        partner=OWN,
    ),
    "request": Thing(means="a transfer that asks for units of a node of theirs", node=OWN, partner=OWN),
    "person": Thing(means="the person themself", node=OWN, partner=OWN),
    "device": Thing(means="a device of a node that the caller leads", node=OWN),
    "counter": Thing(means="a node with a counter, in a country where the channel sells", channel=ANYONE),
    "place of tax": Thing(means="a node of the directory, whose address is taxed", channel=ANYONE),
    "shelf": Thing(means="a node that sells, in a country where the channel sells", channel=ANYONE, node=ANYONE),
    "product": Thing(means="a sku of the directory", channel=ANYONE, node=ANYONE, partner=ANYONE),
    "customer": Thing(means="the channel's own id of a customer; lists show each channel its own orders only", channel=NEW),
    "carton": Thing(means="a carton of the retailer's list", node=ANYONE, partner=ANYONE),
    "label": Thing(means="the number on the label of a package; one that another package has is refused", node=NEW, partner=NEW),
    "package": Thing(means="a package of the shipment", node=PART, partner=PART),
    "line": Thing(means="a line of the order, the fulfillment or the supply", channel=PART, node=PART, partner=PART),
    "option": Thing(means="an option of the promise", channel=PART),
    "case": Thing(means="a case of an order of one of their channels", channel=OWN),
    "fulfillment of the order": Thing(means="a fulfillment of the order that the path names", channel=PART),
    "invoice": Thing(means="an invoice of an order of one of their channels", channel=OWN),
    "credit note": Thing(means="a credit note of an order of one of their channels", channel=OWN),
    "invoice of the order": Thing(means="an invoice of the order that the path names", channel=PART),
    "item": Thing(means="an item of `put-back`, `late-work` or `pay-outs` about the work of one of their nodes", node=OWN, partner=OWN),
    "closure": Thing(means="a closure of the node", node=PART),
    "own name": Thing(means="an id that the caller makes up: of an order, a line of it, a request, a count, a receipt, a shipment, a package", channel=NEW, node=NEW, partner=NEW),
    "telling": Thing(means="an id of a report on the supply, whichever caller sends it", node=PART, partner=PART),
    "parcel": Thing(means="a tracking number of a shipment of theirs; of a carrier: of a parcel whose label names it", partner=OWN, carrier=OWN),
    "carrier of the parcel": Thing(means="the carrier that the parcel's label names, or none", partner=PART, carrier=PART),
    "price list": Thing(means="a price list that names the partner", partner=OWN),
    "preview": Thing(means="a preview of a change of the order", channel=PART),
    "payment": Thing(means="an authorisation at the payments' provider, which answers for it", channel=PROVIDER),
    "words of a provider": Thing(means="a provider's ids of a movement of money, of the account whose reports the partner brings", partner=PROVIDER),
    "words of a carrier": Thing(means="a carrier, its service and its tracking number, as they stand on the label", node=ANYONE, partner=ANYONE),
}  # fmt: skip

# The things of names in paths and bodies, by their last part. `_AT` has the doors where a name means another thing.
_NAMES: Mapping[str, str] = {
    "order_id": "order",
    "case_id": "case",
    "fulfillment_id": "fulfillment",
    "wave_id": "pick wave",
    "picker_id": "picker",
    "reservation_id": "reservation",
    "promise_id": "promise",
    "draft_id": "draft",
    "option_id": "option",
    "item_id": "item",
    "closure_id": "closure",
    "person_id": "person",
    "invoice_id": "invoice",
    "credit_note_id": "credit note",
    "device_id": "device",
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
    "parent_id": "package",
    "carton_id": "carton",
    "sscc": "label",
    "group": "own name",
    "carrier": "words of a carrier",
    "packages/*/service": "words of a carrier",
    "tracking_number": "words of a carrier",
}
_AT: Mapping[tuple[str, str], str] = {
    ("/v1/orders", "/lines/*/line_id"): "own name",
    ("/v1/drafts", "/lines/*/line_id"): "own name",
    ("/v1/drafts/{draft_id}", "/lines/*/line_id"): "own name",
    ("/v1/drafts/{draft_id}", "/set_lines/*/line_id"): "own name",
    ("/v1/drafts/{draft_id}", "/remove_lines/*"): "line",
    **{
        (path, f"{at}fulfillment/node_id"): "counter"
        for path in ("/v1/drafts", "/v1/drafts/{draft_id}")
        for at in ("/", "/lines/*/", "/set_lines/*/")
    },
    ("/v1/orders/{order_id}/recall", "/fulfillment_id"): "fulfillment",
    ("/v1/orders/{order_id}/credit-notes", "/invoice_id"): "invoice of the order",
    ("/v1/fulfillments/{fulfillment_id}/deliver", "/packages/*"): "package",
    ("/v1/fulfillments/{fulfillment_id}/lose", "/packages/*"): "package",
    ("/v1/queues/{queue}/items/{item_id}/resolve", "/reference"): "words of a carrier",
    ("/v1/orders", "/lines/*/fulfillment/node_id"): "counter",
    ("/v1/orders", "/payments/*/reference"): "payment",
    ("/v1/orders/{order_id}/changes", "/payments/*/reference"): "payment",
    ("/v1/drafts/{draft_id}/confirm", "/payments/*/reference"): "payment",
    ("/v1/orders/{order_id}/payments", "/payments/*/reference"): "payment",
    ("/v1/orders/{order_id}/changes", "/preview_id"): "preview",
    ("/v1/orders/{order_id}/changes", "/changes/*/node_id"): "counter",
    ("/v1/orders/{order_id}/changes", "/changes/*/lines/*/line_id"): "own name",
    ("/v1/orders/{order_id}/changes", "/changes/*/lines/*/fulfillment/node_id"): "counter",
    ("/v1/orders/{order_id}/changes", "/changes/*/new_line_id"): "own name",
    ("/v1/stock/supplies", "/reference"): "telling",
    ("/v1/reservations", "/lines/*/node_id"): "shelf",
    ("/v1/promises", "/lines/*/line_id"): "own name",
    ("/v1/promises", "/node_ids/*"): "counter",
    ("/v1/availability", "/skus/*"): "product",
    ("/v1/store-credits", "/customer_id"): "customer",
    ("/v1/gift-cards/balance", "/customer_id"): "customer",
    ("/v1/gift-cards/find", "/customer_id"): "customer",
    ("/v1/credit-accounts", "/customer_id"): "customer",
    ("/v1/credit-accounts/{credit_account_id}/payments", "/reference"): "own name",
    ("/v1/credit-accounts/{credit_account_id}/payouts", "/reference"): "own name",
    ("/v1/credit-accounts/{credit_account_id}/reversals", "/reference"): "own name",
    ("/v1/gift-cards/balance", "/visitor"): "own name",
    ("/v1/tax-quotes", "/pickup_node_id"): "place of tax",
    ("/v1/availability", "/node_ids/*"): "shelf",
    ("/v1/availability", "/channel"): "channel asked about",
    ("/v1/reservations", "/lines/*/nodes/*"): "shelf",
    ("/v1/stock/supplies", "/lines/*/line"): "line",
    ("/v1/tracking-events", "/events/*/tracking_number"): "parcel",
    ("/v1/tracking-events", "/events/*/carrier"): "carrier of the parcel",
    ("/v1/stock/supplies/{id}/approve", "{id}"): "request",
    ("/v1/stock/supplies/{id}/refuse", "{id}"): "request",
    ("/v1/stock/supplies/{id}/approve", "/lines/*"): "line",
    ("/v1/stock/supplies/{id}/refuse", "/lines/*"): "line",
    ("/v1/queues/{queue}/resolve", "/items/*"): "item",
    ("/v1/orders/{order_id}/cases", "/line_ids/*"): "line",
    ("/v1/orders/{order_id}/cases", "/fulfillment_ids/*"): "fulfillment of the order",
    ("/v1/nodes/{id}/closures", "{id}"): "node",
    ("/v1/nodes/{id}/closures/{closure_id}/end", "{id}"): "node",
    ("/v1/nodes/{id}/capacity/{day}", "{id}"): "node",
    ("/v1/nodes/{id}/locations", "{id}"): "node",
}
# Fields that name no thing: amounts, times, words, choices.
_PLAIN = frozenset(
    [
        "action",
        "received_on",
        "payment_days",
        "limit",
        "frozen",
        "blocked_after",
        "allow_partial",
        "amount",
        "modification",
        "why",
        "again",
        "preview",
        "pending",
        "aisle",
        "answer",
        "as_of",
        "attributes",
        "authentication_results",
        "author",
        "bucket",
        "bin",
        "buckets",
        "cause",
        "date",
        "methods",
        "unit_price",
        "city",
        "class",
        "key",
        "protocol",
        "rack",
        "result",
        "code",
        "counted_at",
        "credit",
        "country",
        "currency",
        "day",
        "deliver_by",
        "delivered_at",
        "density",
        "dims_mm",
        "draft",
        "due",
        "email",
        "eta",
        "exclude_node",
        "revoke",
        "zone",
        "expires_at",
        "format",
        "from",
        "gift",
        "gtin",
        "internal",
        "keep_charges",
        "takes_line",
        "keys",
        "kind",
        "latitude",
        "line1",
        "line2",
        "locale",
        "location",
        "mail",
        "longitude",
        "message",
        "message_id",
        "method",
        "name",
        "node_type",
        "not_before",
        "note",
        "occurred_at",
        "open_cart",
        "option",
        "owner",
        "over_receipt_percent",
        "phone",
        "pin",
        "placed_at",
        "postal_code",
        "price_reason",
        "price_share",
        "prices_until",
        "prices_include_tax",
        "priority",
        "quantity",
        "queue",
        "rate",
        "ratio",
        "reason",
        "reason_code",
        "region",
        "reply_token",
        "resolution",
        "service",
        "ship_by",
        "most",
        "ship_date",
        "shipped_at",
        "sourcing_class",
        "status",
        "subject",
        "supplier",
        "tags",
        "tax_rate",
        "tax_id",
        "text",
        "theme",
        "title",
        "ttl_seconds",
        "type",
        "units",
        "until",
        "uom",
        "value",
        "valid_until",
        "weight_g",
        "wrap",
        "zero_rate_reason",
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
    TRACKING: {"tracking_number": "parcel", "carrier": "carrier of the parcel"},
    PRICES: {"price_list": "price list", "sku": "product"},
    SETTLEMENTS: dict.fromkeys(
        (
            "balance_transaction_id",
            "payment_intent_id",
            "charge_id",
            "source_id",
            "automatic_payout_id",
            "trace_id",
        ),
        "words of a provider",
    ),
    STATEMENTS: {},
    CARRIER_INVOICES: {
        "tracking_number": "words of a carrier",
        "carrier": "words of a carrier",
        "invoice_id": "words of a carrier",
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
        "status",
        "code",
        "location",
        "note",
        "unit_price",
        "currency",
        "tax_rate",
        "tax_class",
        "reporting_category",
        "amount",
        "billed_on",
        "gross",
        "fee",
        "net",
        "created_utc",
        "created",
        "customer_facing_amount",
        "customer_facing_currency",
    ]
)


def writes() -> list[Route]:
    """Return the doors that take a request from callers other than the office, also those that only answer a question.

    At the office's own doors, all things are the retailer's."""
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
    raise KeyError(f"{path} {place}: name its owner in openapi/ownership.py")


def columns(kind: str) -> dict[str, str]:
    """Return the thing that each column of a kind of file names. Raises KeyError for a column that no row is about."""
    kinds_of_files = {
        SHIPMENTS: shipments,
        STOCK: stock,
        SUPPLIES: supplies,
        TRACKING: tracking,
        PRICES: prices,
        SETTLEMENTS: settlements,
        STATEMENTS: statements,
        CARRIER_INVOICES: bills,
    }
    known = kinds_of_files[kind].COLUMNS.known
    strange = sorted(known - _COLUMNS[kind].keys() - _PLAIN_COLUMNS)
    if strange:
        raise KeyError(f"{kind} {strange[0]}: name its owner in openapi/ownership.py")
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
