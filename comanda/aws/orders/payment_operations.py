"""
Translate between the rows `P#` and operations of payment providers, and find the orders whose operations are due.

Called by   comanda.aws.orders.payment_movements, functions/sweep
Returns     operations; keys, expressions and values of updates; ids of orders
Raises      nothing

A row has a place in an index by the time at which its operation is looked at again. It loses it when the operation has ended,
a refund a month later. A capture or refund that is done has a place in another one, until its provider has reported it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings
from comanda.domain.billing.failed_money import CAPTURE, RELEASE
from comanda.domain.orders.order import Order
from comanda.domain.payments.answer import Reason
from comanda.domain.payments.operation import ENDED, Operation, Purpose, State

_SETTLED = (Purpose.CAPTURE, Purpose.REFUND)  # what a provider reports when it is done
MOST = 200  # operations of one shard in one run of the sweeper; the next run goes on
Row = Mapping[str, Any]


def to_operation(row: Row, order: Order, rows: Sequence[Row]) -> Operation:
    """Return the operation of a row. `rows` are all operations of the order.

    What was captured before, and whether a capture is the last one, is kept from the first call on: a provider refuses an
    id that comes again with other words.
    """
    mine = [one for one in rows if one["tender"] == row["tender"] and one["purpose"] == CAPTURE]
    tender = order.payments[row["tender"]]
    done = sum(one["amount"] for one in mine if one["state"] == State.DONE and one["number"] < row["number"])
    later = any(one["number"] > row["number"] and one["state"] not in ENDED for one in mine)
    return Operation(
        order_id=order.order_id,
        purpose=Purpose.VOID if row["purpose"] == RELEASE else Purpose(row["purpose"]),
        number=row["number"],
        amount=row["amount"],
        currency=row["currency"],
        written_at=datetime.fromisoformat(row["at"]),
        reference=row["reference"],
        method=tender.method if tender.by_link else "CARD",
        title=order.external_id,
        customer=row.get("customer", ""),
        instrument=row.get("instrument", ""),
        captured=row.get("captured", tender.captured_before + done),
        final=row.get("final", not (later or tender.open or tender.uncaptured)),
        state=State(row["state"]),
        reason=Reason(row["reason"]) if row.get("reason") else None,
        movement=row.get("movement", ""),
        tries=row.get("tries", 0),
        sent_at=_time(row.get("sent_at")),
        next_at=_time(row.get("next_at")),
        replayed=row.get("replayed", False),
    )


def changes(row: Row, operation: Operation, rev: int) -> tuple[keys.Key, str, str, dict[str, Any]]:
    """Return key, expression, condition and names of the update that saves an operation over revision `rev` of its row."""
    values: dict[str, Any] = {
        "state": operation.state,
        "reason": operation.reason or "",
        "movement": operation.movement,
        "captured": operation.captured,
        "final": operation.final,
        "tries": operation.tries,
        "sent_at": operation.sent_at.isoformat() if operation.sent_at else "",
        "next_at": operation.next_at.isoformat() if operation.next_at else "",
        "replayed": operation.replayed,
        "rev": rev + 1,
    }
    if operation.purpose is Purpose.AUTHORIZE:
        over = operation.state in ENDED  # then nothing is sent, and the names of the customer and the card are not kept
        values |= {name: "" if over else getattr(operation, name) for name in ("customer", "instrument")}
        known = over or operation.by_link  # else a payment whose answer was lost is looked for by its operation
        values |= {"amount": operation.amount, "reference": operation.reference if known else ""}
    if operation.purpose is Purpose.INCREASE:
        values |= {"amount": operation.amount}  # it was rounded up to what the provider can move
    gone = []
    if operation.state in ENDED and operation.next_at is None:
        gone += ["gsi3pk", "gsi3sk"]
    else:
        due = operation.next_at or operation.written_at
        values |= keys.open_payment(due, operation.order_id, operation.number)
    if operation.state is not State.DONE:
        gone += ["gsi2pk", "gsi2sk"]
    elif row["state"] != State.DONE and (operation.purpose in _SETTLED or (operation.by_link and operation.captured)):
        values |= keys.unsettled(row["provider"], operation.sent_at or operation.written_at, operation.operation_id)
    remove = f" REMOVE {', '.join(gone)}" if gone else ""
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values) + remove
    names = values | {f"n_{name}": name for name in values} | {"seen": rev}
    return {"pk": row["pk"], "sk": row["sk"]}, expression, "#rev = :seen", names


def due(now: datetime | None) -> dict[str, bool]:
    """Return the ids of the orders with an operation that is due; None: with any that has not ended. True: one of their payments
    is to be looked at itself, because it is not checked yet, or disputed."""
    found: dict[str, bool] = {}
    for shard in range(keys.SHARDS):
        page = keys.queue_page(keys.OPEN_PAYMENTS, shard)
        condition = "gsi3pk = :pk" if now is None else "gsi3pk = :pk AND gsi3sk < :now"
        values: dict[str, Any] = {"pk": page} if now is None else {"pk": page, "now": keys.time(now)}
        rows = reads.query(settings.orders_table, condition, index="GSI3", together=MOST, **values)
        for row in islice(rows, MOST):
            order_id = keys.order_id_of_open_payment(row)
            found[order_id] = found.get(order_id, False) or row["sk"] == keys.HEADER
    return found


def _time(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None
