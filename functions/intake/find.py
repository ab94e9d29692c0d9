"""
Find an order, a fulfillment, an invoice or a credit note by exactly what a person has at hand: an id, an external id, a number.

Called by   functions/intake/handler.py: GET /v1/find
Returns     what the caller may read, each with its links; an empty list for everything else
Raises      Invalid without a text; WrongRegion for the id of another cell

Only keys are read: nothing is searched, and no text is compared with a part of another. A number may have other letters, small or
large, than its node.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.api.routes import ROUTES_BY_METHOD
from comanda.aws.directory import directory, legal_entities
from comanda.aws.dynamodb import keys, reads
from comanda.aws.orders import document_numbers, orders, ssccs
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.billing.document_numbers import BETWEEN, DocumentKind
from comanda.domain.check_digit import is_sscc
from comanda.domain.errors import Invalid, NotFound, Problem, WrongRegion
from comanda.domain.orders.fulfillment import plain_tracking_number
from comanda.domain.orders.order import Order

ID, EXTERNAL_ID, TRACKING, NUMBER, SSCC = "id", "external_id", "tracking_number", "number", "sscc"
_MOST = 100  # fulfillments with one tracking number
_PATHS = {
    "order": "/v1/orders/{order_id}",
    "fulfillment": "/v1/fulfillments/{fulfillment_id}",
    "invoice": "/v1/invoices/{invoice_id}",
    "credit_note": "/v1/credit-notes/{credit_note_id}",
}
_KINDS = {"ord": "order", "ful": "fulfillment", "inv": "invoice", "crn": "credit_note"}
_PREFIXES = {kind: prefix for prefix, kind in _KINDS.items()}
_SSCC = re.compile(r"(?:(?:\]C1)?00|\(00\))?([0-9]{18})")  # with the identifier of GS1 that a scanner sends, or without
_NUMBER = re.compile(r"(.{1,81})-([Cc]?)([0-9]{6,12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A thing that may have been meant: its kind, its order and its number there, and the way by which it was found."""

    kind: str
    order_id: str
    number: int
    found_by: str

    @property
    def id(self) -> str:
        if self.kind == "order":
            return self.order_id
        return ids.child(_PREFIXES[self.kind], self.order_id, self.number)


def find(event: dict[str, Any]) -> Response[str]:
    who, text = caller(event), http.query(event).get("q", "")
    if not text:
        raise Invalid(Problem(pointer="/q", code="missing", message="say what to find: an id or a number, whole"))
    hits = list(dict.fromkeys([*_by_id(text), *_by_key(who, text), *_by_tracking_number(text), *_by_sscc(text)]))
    wanted = [keys.order(order_id) for order_id in dict.fromkeys(hit.order_id for hit in hits)]
    found = {row["order_id"]: row["order"] for row in map(_order, reads.batch(settings.orders_table, wanted))}
    hits = [_with_number(found[hit.order_id], hit, text) for hit in hits if hit.order_id in found]
    seen = [_seen(who, found[hit.order_id], hit, text) for hit in hits if hit.order_id in found]
    items = {(hit.kind, hit.id): _item(who, hit) for hit in reversed(seen) if hit is not None}
    return http.respond(Answer(status=200, body={"items": list(reversed(items.values()))}))


def _order(row: dict[str, Any]) -> dict[str, Any]:
    return {"order_id": keys.order_id_of(row), "order": orders.order_of_item(row)}


def _by_id(text: str) -> Iterator[Hit]:
    """Yield what has this id of ours. Raises WrongRegion."""
    for prefix, kind in _KINDS.items():
        try:
            order_id, number = ids.parse(prefix, text, settings.cell)
        except WrongRegion:
            raise
        except NotFound:
            continue
        yield Hit(kind=kind, order_id=order_id, number=number, found_by=ID)


def _by_key(who: Caller, text: str) -> Iterator[Hit]:
    """Yield the orders with this external id in the channels that the caller sees, and the invoice or credit note with
    this number."""
    channels = directory.names(directory.CHANNEL) if who.office else sorted(who.channels)
    wanted = [keys.natural(channel, text) for channel in channels if who.sees_channel(channel)]
    if numbered := _NUMBER.fullmatch(text):
        of_kind = DocumentKind.CREDIT_NOTE if numbered[2] else DocumentKind.INVOICE
        series = _series(numbered[1], channels)
        wanted += [document_numbers.key_of_number(of_kind, one, int(numbered[3])) for one in sorted(series)]
    for row in reads.batch(settings.orders_table, wanted):
        kind = next((kind for kind in ("invoice", "credit_note") if kind in row), "")
        if kind:
            yield Hit(kind=kind, order_id=row["order_id"], number=int(row[kind]), found_by=NUMBER)
        else:
            yield Hit(kind="order", order_id=row["order_id"], number=0, found_by=EXTERNAL_ID)


def _series(text: str, channels: Iterable[str]) -> set[str]:
    """Return the series that a text names, as it is and in the letters of the sellers, nodes and channels that there are."""
    prefix, tilde, place = text.rpartition(BETWEEN)
    places = _spellings(place, [*(node.node_id for node in directory.nodes()), *channels])
    prefixes = _spellings(prefix, legal_entities.number_prefixes()) if tilde else {""}
    return {f"{one}{tilde}{other}" for one in prefixes for other in places}


def _spellings(text: str, names: Iterable[str]) -> set[str]:
    return {text, *(name for name in names if name.lower() == text.lower())}


def _by_tracking_number(text: str) -> Iterator[Hit]:
    """Yield the fulfillments with a parcel of this tracking number, of whatever carrier."""
    number = plain_tracking_number(text)
    if not number:
        return
    page = keys.tracking_page(number)
    rows = reads.query(settings.orders_table, "gsi1pk = :pk", index="GSI1", together=_MOST, pk=page)
    for row in islice(rows, _MOST):
        order_id, fulfillment = ids.parse("ful", row["sk"], settings.cell)
        yield Hit(kind="fulfillment", order_id=order_id, number=fulfillment, found_by=TRACKING)


def _by_sscc(text: str) -> Iterator[Hit]:
    """Yield the order that has a package with this SSCC, or had it. Its fulfillment is found in the order."""
    if (code := _SSCC.fullmatch(text)) and is_sscc(code[1]) and (order_id := ssccs.order_of(code[1])):
        yield Hit(kind="fulfillment", order_id=order_id, number=0, found_by=SSCC)


def _with_number(order: Order, hit: Hit, text: str) -> Hit:
    """Return the hit of an SSCC with the fulfillment whose package has it: a part shipment may have moved the package."""
    if hit.found_by != SSCC:
        return hit
    wanted = text[-18:]
    own = (f.number for f in order.fulfillments if any(package.sscc == wanted for package in f.packages))
    return replace(hit, number=next(own, 0))


def _seen(who: Caller, order: Order, hit: Hit, text: str) -> Hit | None:
    """Return what the caller may see of a hit: itself; the order of a parcel whose fulfillment is not for the caller;
    or None."""
    if not _exists(order, hit, text):
        return None
    if hit.kind == "fulfillment":
        own = any(f.number == hit.number and who.sees_fulfillment(f) for f in order.fulfillments)
        if own and _may_read(who, "fulfillment"):
            return hit
        if hit.found_by == ID:
            return None
        hit = Hit(kind="order", order_id=hit.order_id, number=0, found_by=hit.found_by)
    return hit if who.sees_channel(order.channel) and _may_read(who, hit.kind) else None


def _exists(order: Order, hit: Hit, text: str) -> bool:
    """Return whether the order has what was found: a row of a tracking number may be of a step that was not saved."""
    if hit.kind == "invoice":
        return hit.id in order.invoices
    if hit.kind == "credit_note":
        return 1 <= hit.number <= len(order.credits)
    if hit.kind == "order":
        return True
    if hit.found_by == SSCC:
        return hit.number > 0
    packages = [p for f in order.fulfillments if f.number == hit.number for p in f.packages]
    wanted = plain_tracking_number(text)
    return hit.found_by != TRACKING or any(plain_tracking_number(p.tracking_number) == wanted for p in packages)


def _may_read(who: Caller, kind: str) -> bool:
    """Return whether the route that shows this kind is for the caller and for its token."""
    route = ROUTES_BY_METHOD["GET", _PATHS[kind]]
    return not who.kinds.isdisjoint(route.who) and not who.scopes.isdisjoint(route.scopes)


def _item(who: Caller, hit: Hit) -> dict[str, Any]:
    own = _PATHS[hit.kind].partition("{")[0] + hit.id
    order = f"/v1/orders/{hit.order_id}" if _may_read(who, "order") else None
    links = {"self": own, "order": order}
    return {"kind": hit.kind, "id": hit.id, "order_id": hit.order_id, "found_by": hit.found_by, "links": links}
