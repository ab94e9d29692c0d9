"""
Note how far the invoices and credit notes of an order are with its tax service. One that needs a person waits in the queue `tax-records`.

Called by   functions/taxes, which notes; functions/intake, which shows and answers the items
Returns     items, and the writes of answers
Raises      NotFound for an item that does not wait
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import NotFound
from comanda.domain.orders.queues import Queue
from comanda.domain.taxes.records import OVER, RecordStatus

_OPEN = "attribute_not_exists(pk) OR #status IN (:failed, :retried)"


def is_over(document_id: str) -> bool:
    """Return True if the service has the document, or a person has dealt with it."""
    row = reads.get(settings.orders_table, _key(document_id))
    return row is not None and row["status"] in OVER


def note(document_id: str, facts: Mapping[str, str], now: datetime, status: RecordStatus, reason: str = "") -> None:
    """Note what became of a document, once. With a reason a person is asked; `facts` are then shown to that person."""
    values = {
        **(keys.tax_record_place(now, document_id) if reason else {}),
        "document_id": document_id,
        "status": status,
        "reason": reason,
        "due": views.time(now),
        "data": dict(facts),
    }
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    single_writes.update(
        settings.orders_table,
        _key(document_id),
        expression if reason else f"{expression} REMOVE gsi3pk, gsi3sk",
        condition=_OPEN,
        **values,
        **{f"n_{name}": name for name in values},
        failed=RecordStatus.FAILED,
        retried=RecordStatus.RETRIED,
    )


def forget_place(document_id: str) -> None:
    """Take a document off the sweeper's list: the service has it, a person is asked, or there is nothing to record."""
    order_id, number = ids.parse(kind := document_id.partition("_")[0], document_id, settings.cell)
    single_writes.update(
        settings.orders_table,
        keys.invoice(order_id, number) if kind == "inv" else keys.credit_note(order_id, number),
        "REMOVE gsi3pk, gsi3sk",
        condition="attribute_exists(#number)",
        n_number="number",
    )


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the queue from its row."""
    return {
        "item_id": row["document_id"],
        "queue": Queue.TAX_RECORDS,
        "reason": row["reason"],
        "due": row["due"],
        "since": row["due"],
        "data": row["data"],
    }


def end(document_id: str, *, again: bool) -> Write:
    """Return the write that takes a document out of the queue as it waits now. `again`: the service is told again, of what it
    does not have. A document that failed anew meanwhile stays in the queue."""
    missing = NotFound(f"item of queue {Queue.TAX_RECORDS}", document_id[:200])
    waiting = "#status = :failed" if again else "#status IN (:failed, :differs)"
    names = {"differs": RecordStatus.DIFFERS} if not again else {}
    key = _key(document_id, missing)
    row = reads.get(settings.orders_table, key)
    if row is None:
        raise missing
    return transaction.update(
        settings.orders_table,
        key,
        "SET #status = :after REMOVE gsi3pk, gsi3sk",
        missing,
        condition=f"{waiting} AND #due = :since",
        n_status="status",
        n_due="due",
        since=row["due"],
        after=RecordStatus.RETRIED if again else RecordStatus.ANSWERED,
        failed=RecordStatus.FAILED,
        **names,
    )


def _key(document_id: str, missing: NotFound | None = None) -> keys.Key:
    kind = document_id.partition("_")[0]
    if missing and kind not in ("inv", "crn"):
        raise missing
    order_id, number = ids.parse(kind, document_id, settings.cell)
    return keys.tax_record(order_id, kind, number)
