"""
Take the scans of the people who pick a fulfillment, and show what they have scanned.

Called by   functions/fulfill/handler.py
Returns     what was scanned by line, and what is left
Raises      Invalid for a wrong scan, which says what is expected; NotAllowed, Claimed, NotFound; StaleOrder (Busy)

A scan is one small write, and the order is not saved: its units move once, with the step `pick`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.api import callers, http, idempotency
from comanda.aws.api.callers import Caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.api.routes import PARTNER
from comanda.aws.dynamodb import transaction
from comanda.aws.orders import order_items, orders, pick_sessions
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem, StaleOrder
from comanda.domain.lifecycle.node_work.sent_units import units_in
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status
from comanda.domain.picking import pick_session
from comanda.domain.picking.pick_session import PickSession
from comanda.domain.scanning import expected
from comanda.domain.scanning import scan as codes
from comanda.domain.scanning.expected import Expected, Refused
from comanda.domain.scanning.scan import UnreadableScan
from functions.fulfill import contract

_TRIES = 4  # of a scan beside those of another picker
_SAYS = {
    Refused.ANOTHER_ARTICLE: "is another article",
    Refused.ENOUGH: "is an article of which all units are scanned",
    Refused.NOT_AN_ARTICLE: "is the code of an order, a parcel or a pallet",
    Refused.EXPIRED: "has expired",
}

type Change = Callable[["Work", PickSession], PickSession]


@dataclass(frozen=True, slots=True)
class Work:
    """The units of a fulfillment that are being picked, by line id."""

    order: Order
    number: int
    to_pick: dict[str, int]

    def lines(self, session: PickSession) -> list[Expected]:
        """Return the lines in the order of the order, with how many of their units are not scanned."""
        found = {line.line_id: line for line, _ in self.order.units_of(self.number)}
        return [
            Expected(
                line_id=line_id,
                sku=found[line_id].sku,
                gtin=found[line_id].gtin,
                left=pick_session.left(session, line_id, count),
            )
            for line_id, count in self.to_pick.items()
        ]


def show(event: dict[str, Any], fulfillment_id: str) -> Response[str]:
    """Answer GET /v1/fulfillments/{fulfillment_id}/scans."""
    who, (order_id, number) = callers.caller(event), ids.parse("ful", fulfillment_id, settings.cell)
    work = _work(who, order_id, number)
    stored = pick_sessions.read(order_id, number)
    return http.respond(Answer(status=200, body=_shown(work, stored.session, who, clock.now())))


def take(event: dict[str, Any], fulfillment_id: str) -> Response[str]:
    """Answer POST /v1/fulfillments/{fulfillment_id}/scans."""
    who, now = callers.caller(event), clock.now()

    def scanned(work: Work, session: PickSession) -> PickSession:
        given = http.read(event, contract.PickScanIn)
        line = _line_of(given.code, work.lines(session), now)
        return pick_session.scan(
            session, line.line_id, given.quantity, line.left, who.id, now, takes=given.takes_line, names=_names(who)
        )

    return _changed(event, who, fulfillment_id, scanned, now)


def undo(event: dict[str, Any], fulfillment_id: str) -> Response[str]:
    """Answer POST /v1/fulfillments/{fulfillment_id}/scans/undo."""
    who, now = callers.caller(event), clock.now()

    def undone(_: Work, session: PickSession) -> PickSession:
        http.read(event, contract.UndoScanIn)
        return pick_session.undo(session, who.id, now)[0]

    return _changed(event, who, fulfillment_id, undone, now)


def require_all(order: Order, number: int) -> pick_sessions.Stored:
    """Return the session of a `pick` without lines, which says that all of the work is there.

    Raises NotAllowed if some of it was scanned and some was not.
    """
    stored = pick_sessions.read(order.order_id, number)
    work = Work(order, number, units_in(order, number, Status.PICKING))
    missing = [one for one in work.lines(stored.session) if one.left]
    if missing and stored.session.units:
        says = ", ".join(f"{one.left} of line {one.line_id}" for one in missing)
        raise NotAllowed(f"not all units are scanned: {says}; scan them, name the lines, or send short-pick")
    return stored


def _changed(event: dict[str, Any], who: Caller, fulfillment_id: str, change: Change, now: datetime) -> Response[str]:
    order_id, number = ids.parse("ful", fulfillment_id, settings.cell)
    with idempotency.begin(
        event, who, settings.orders_table, now, require_own=lambda: _work(who, order_id, number)
    ) as request:
        for attempt in range(_TRIES):
            # The session first: whoever takes units of the order away meanwhile writes it, or finds that there is none.
            stored, work = pick_sessions.read(order_id, number), _work(who, order_id, number)
            if not work.to_pick:
                raise NotAllowed(_why_nothing(work))
            session = change(work, stored.session)
            record = request.record(Answer(status=200, body=_shown(work, session, who, now)))
            first = () if stored.version else (order_items.unchanged(work.order),)
            try:
                transaction.commit([record, pick_sessions.write(order_id, number, stored, session, now), *first])
                break
            except StaleOrder:
                if attempt == _TRIES - 1:
                    raise
    return request.response()


def _work(who: Caller, order_id: str, number: int) -> Work:
    """Return the work if it is the caller's. Raises NotFound otherwise."""
    order = orders.find(order_id)
    if order is None:
        raise NotFound("fulfillment", ids.fulfillment(order_id, number))
    who.require_fulfillment(order, number)
    return Work(order, number, units_in(order, number, Status.PICKING))


def _why_nothing(work: Work) -> str:
    status = work.order.fulfillment_status(work.number)
    begin = {"OFFERED": "accept it, then begin it with start-pick", Status.ACCEPTED: "begin it with start-pick"}
    return f"the work is {status}: {begin.get(status, 'there is nothing to scan')}"


def _line_of(code: str, lines: list[Expected], now: datetime) -> Expected:
    """Return the line of a scanned code. Raises Invalid with what is expected."""
    try:
        read = codes.read(code, now.date())
    except UnreadableScan as why:
        raise _wrong("unreadable", f"is no code that can be read ({why.code})", lines) from why
    found = expected.line_to_pick(read, lines, now.date())
    if isinstance(found, Refused):
        raise _wrong(found.value.lower().replace("_", "-"), _SAYS[found], lines)
    return next(line for line in lines if line.line_id == found)


def _wrong(code: str, says: str, lines: list[Expected]) -> Invalid:
    left = [f"{one.left} of {one.sku}" for one in lines if one.left]
    wanted = f"expected: {', '.join(left[:5])}" if left else "nothing is left to scan"
    return Invalid(Problem(pointer="/code", code=code, message=f"{says}; {wanted}"))


def _names(who: Caller) -> bool:
    """Return True if the caller may know who picks. A partner does not learn who works for the retailer."""
    return PARTNER not in who.kinds


def _shown(work: Work, session: PickSession, who: Caller, now: datetime) -> dict[str, Any]:
    rows = list(_lines_shown(work, session, who, now))
    return {
        "fulfillment_id": ids.fulfillment(work.order.order_id, work.number),
        "scanned": sum(row["scanned"] for row in rows),
        "left": sum(row["left"] for row in rows),
        "lines": rows,
    }


def _lines_shown(work: Work, session: PickSession, who: Caller, now: datetime) -> Iterator[dict[str, Any]]:
    lines = {line.line_id: line for line, _ in work.order.units_of(work.number)}
    for line_id, line in lines.items():
        count = work.to_pick.get(line_id, 0)
        scanned = min(session.units.get(line_id, 0), count)
        claim = session.picker_of(line_id, now) if count else None
        yield {
            "line_id": line_id,
            "sku": line.sku,
            "gtin": line.gtin or None,
            "title": line.title or line.sku,
            "units": count,
            "scanned": scanned,
            "left": count - scanned,
            "picker_id": claim.by if claim and (claim.by == who.id or _names(who)) else None,
            "claimed_until": clock.text(claim.until) if claim else None,
        }
