"""
Keep what was scanned of a fulfillment that is being picked: one row below its order, with a version of its own.

Called by   functions/fulfill; comanda.aws.orders.orders, which saves the order
Returns     sessions, and writes that hold only while nobody else has scanned
Raises      StaleOrder (Busy) where another scan came first; Throttled
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StaleOrder
from comanda.domain.lifecycle.node_work import left_picking
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.picking import pick_session
from comanda.domain.picking.pick_session import Claim, PickSession, Scanned

_KEPT = timedelta(days=30)  # after the last scan


@dataclass(frozen=True, slots=True)
class Stored:
    """A session and its version: 0 before the first scan."""

    session: PickSession
    version: int = 0


def read(order_id: str, number: int) -> Stored:
    row = reads.get(settings.orders_table, keys.pick_session(order_id, number))
    return Stored(PickSession()) if row is None else Stored(_session(unpack(row["doc"])), row["version"])


def write(order_id: str, number: int, before: Stored, session: PickSession, now: datetime) -> transaction.Write:
    """Return the write of a session in the place of the one that was read."""
    row = {
        **keys.pick_session(order_id, number),
        "version": before.version + 1,
        "doc": pack(_plain(session)),
        "ttl": int((now + _KEPT).timestamp()),
    }
    return transaction.put(
        settings.orders_table,
        row,
        StaleOrder(order_id),
        condition="#version = :before" if before.version else "attribute_not_exists(pk)",
        **({"n_version": "version", "before": before.version} if before.version else {}),
    )


def follow(before: Order, decision: Decision, known: Mapping[int, Stored]) -> tuple[Decision, list[transaction.Write]]:
    """Return the decision with the scanned goods that nobody wants any more, and the writes of the sessions that it changes.

    `known` are the sessions that were read for the decision, by fulfillment. The writes hold only while nobody scans.
    """
    writes: list[transaction.Write] = []
    order_id, now = before.order_id, decision.event.at
    for left in left_picking.left_picking(before, decision.order):
        stored = known.get(left.number) or read(order_id, left.number)
        if not stored.version:
            writes.append(_absent(order_id, left.number))
            continue
        session, over = pick_session.after_change(stored.session, left.picking, left.advanced)
        decision = left_picking.with_put_back(before, decision, left.number, over)
        if left.rest is not None:
            writes.append(write(order_id, left.rest, Stored(PickSession()), session, now))
            session = PickSession()
        writes.append(write(order_id, left.number, stored, session, now))
    return decision, writes


def _absent(order_id: str, number: int) -> transaction.Write:
    """Return the check that nobody has scanned."""
    key = keys.pick_session(order_id, number)
    return transaction.check(settings.orders_table, key, "attribute_not_exists(pk)", StaleOrder(order_id))


def _plain(session: PickSession) -> dict[str, Any]:
    return {
        "units": dict(session.units),
        "steps": [[one.line_id, one.quantity, one.by, one.at.isoformat()] for one in session.steps],
        "claims": {line: [claim.by, claim.until.isoformat()] for line, claim in session.claims.items()},
    }


def _session(doc: Mapping[str, Any]) -> PickSession:
    return PickSession(
        units=doc["units"],
        steps=tuple(
            Scanned(line_id=line, quantity=quantity, by=by, at=datetime.fromisoformat(at))
            for line, quantity, by, at in doc["steps"]
        ),
        claims={line: Claim(by=by, until=datetime.fromisoformat(until)) for line, (by, until) in doc["claims"].items()},
    )
