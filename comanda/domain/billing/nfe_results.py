"""
Wait for the authorisation of the NF-e of invoices, and note what the authority said. Pure.

Each invoice of a company in Brazil has an item in the queue `fiscal` from its issue until it is authorised.

Called by   functions/invoice, which opens the item; functions/credit, which notes the answer
Returns     a task; a decision with the event `nfe_told`, None for an answer that is known
Raises      NotAllowed for an answer that cannot follow the one before
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from comanda.domain.errors import NotAllowed
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.nfe_result import AUTHORIZED, CANCELLED, REFUSED, NfeResult
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue

# Reasons of items. Each has a label.
WAITS, LACKS, WAS_REFUSED, WAS_CANCELLED = "nfe-waits", "nfe-lacks", "nfe-refused", "nfe-cancelled"
_MOST_FIELDS = 10  # of what is missing, in the item's data


def item(invoice: int) -> str:
    """Return the name of the item about the NF-e of the invoice with this number."""
    return f"nfe-{invoice:03d}"


def to_authorize(order: Order, invoice: int, missing: Iterable[str], now: datetime) -> Task:
    """Return the item of a new invoice. `missing` are the fields that its NF-e lacks."""
    fields = list(missing)
    more = (("fields", ",".join(fields[:_MOST_FIELDS])),) if fields else ()
    return _task(order, invoice, LACKS if fields else WAITS, now, more)


def result_of(order: Order, invoice: int) -> NfeResult | None:
    """Return what the authority said of an invoice, None while nobody has told."""
    return next((one for one in order.nfes if one.invoice == invoice), None)


def note_result(order: Order, said: NfeResult, actor: str) -> Decision | None:
    """Note an answer of the authority. An authorised NF-e can be cancelled, and a refused one be authorised after all."""
    before = result_of(order, said.invoice)
    if before is not None and replace(said, at=before.at) == before:
        return None
    was = before.result if before else None
    if (was, said.result) not in (
        (None, AUTHORIZED),
        (None, REFUSED),
        (REFUSED, REFUSED),
        (REFUSED, AUTHORIZED),
        (AUTHORIZED, CANCELLED),
    ):
        raise NotAllowed(f"an NF-e that {_WORDS[was]} cannot be {said.result.lower()} with this key and protocol")
    others = (one for one in order.nfes if one.invoice != said.invoice)
    return Decision(
        order=replace(order, nfes=(*others, said)),
        event=Event(
            type=EventType.NFE_TOLD,
            actor=actor,
            at=said.at,
            data={
                "invoice": order.invoices[said.invoice - 1],
                "result": said.result,
                **({"protocol": said.protocol} if said.protocol else {}),
                **({"code": said.code} if said.code else {}),
            },
        ),
        tasks=_tasks(order, said),
        done=((Queue.FISCAL, item(said.invoice)),) if said.result == AUTHORIZED else (),
    )


_WORDS = {
    None: "nobody has told of",
    AUTHORIZED: "is authorized",
    REFUSED: "was refused",
    CANCELLED: "was cancelled",
}


def _tasks(order: Order, said: NfeResult) -> tuple[Task, ...]:
    if said.result == AUTHORIZED:
        return ()
    reason = WAS_REFUSED if said.result == REFUSED else WAS_CANCELLED
    return (_task(order, said.invoice, reason, said.at, (("code", said.code),) if said.code else ()),)


def _task(order: Order, invoice: int, reason: str, now: datetime, more: tuple[tuple[str, str], ...]) -> Task:
    data = (("invoice", order.invoices[invoice - 1]), *more)
    return Task(queue=Queue.FISCAL, item=item(invoice), due=now, reason=reason, priority=order.priority, data=data)
