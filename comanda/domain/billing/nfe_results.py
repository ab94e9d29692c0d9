"""
Wait for the authorisation of the NF-e of invoices and of returned goods, and note what the authority said. Pure.

Each invoice of a company in Brazil has an item in the queue `fiscal` from its issue until it is authorised, and so has each
credit note that takes goods of it back. The NF-e of an invoice that was voided is to be cancelled (event 110111), as long as the
law allows it.

Called by   functions/invoice and credit, which open items; functions/credit, which notes the answer
Returns     a task; a decision with the event `nfe_told`, None for an answer that is known
Raises      NotAllowed for an answer that cannot follow the one before
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from comanda.domain import ids
from comanda.domain.errors import NotAllowed
from comanda.domain.orders.decision import Decision, Event, EventType, Task
from comanda.domain.orders.nfe_result import AUTHORIZED, CANCELLED, REFUSED, NfeResult
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.standing_invoices import is_standing

# Reasons of items. Each has a label.
WAITS, LACKS, WAS_REFUSED, WAS_CANCELLED = "nfe-waits", "nfe-lacks", "nfe-refused", "nfe-cancelled"
RETURN_CANCELLED = "nfe-return-cancelled"
TO_CANCEL, TO_RETURN = (
    "nfe-to-cancel",
    "nfe-to-return",
)  # of an invoice that was voided: in time for its event, or too late
CANCEL_WITHIN = timedelta(hours=24)  # of its authorization, where the seller's entry says nothing else
_MOST_FIELDS = 10  # of what is missing, in the item's data


def item(invoice: int, credit_note: int = 0) -> str:
    """Return the name of the item about the NF-e of the invoice with this number, or of a credit note of it."""
    return f"nfe-return-{credit_note:03d}" if credit_note else f"nfe-{invoice:03d}"


def to_authorize(order: Order, invoice: int, missing: Iterable[str], now: datetime, credit_note: int = 0) -> Task:
    """Return the item of a new invoice, or of a credit note that takes goods of it back. `missing` are the fields that its NF-e
    lacks."""
    fields = list(missing)
    more = (("fields", ",".join(fields[:_MOST_FIELDS])),) if fields else ()
    return _task(order, (invoice, credit_note), LACKS if fields else WAITS, now, more)


def result_of(order: Order, invoice: int, credit_note: int = 0) -> NfeResult | None:
    """Return what the authority said of the NF-e of an invoice, or of a credit note of it. None: nobody has told."""
    return next((one for one in order.nfes if _document_of(one) == (invoice, credit_note)), None)


def key_of_sale(order: Order, invoice: int) -> str:
    """Return the key of the NF-e of an invoice. Empty: it is not authorised, or not any more."""
    said = result_of(order, invoice)
    return said.key if said is not None and said.result == AUTHORIZED else ""


def known_key(order: Order, invoice: int, credit_note: int = 0) -> str:
    """Return the key by which the authority took an NF-e, also if it was cancelled since. Empty: it took none."""
    said = result_of(order, invoice, credit_note)
    return said.key if said is not None and said.result != REFUSED else ""


def _document_of(said: NfeResult) -> tuple[int, int]:
    return said.invoice, said.credit_note


def of_voided(order: Order, invoice: int, now: datetime) -> tuple[tuple[Task, ...], tuple[tuple[str, str], ...]]:
    """Return the item that opens about the NF-e of an invoice that is voided, and the one that ends.

    An NF-e that nobody has told of as authorised ends the item: whoever tells of it later opens it again.
    """
    said = result_of(order, invoice)
    if said is not None and said.result == AUTHORIZED:
        return (_to_cancel(order, said, now),), ()
    return (), ((Queue.FISCAL, item(invoice)),)


def _to_cancel(order: Order, said: NfeResult, now: datetime) -> Task:
    """Return the item about an authorised NF-e of a voided invoice. It is due when the law ends its cancellation."""
    until = said.cancel_until or said.at + CANCEL_WITHIN
    return _task(order, _document_of(said), TO_CANCEL if now <= until else TO_RETURN, until, ())


def note_result(order: Order, said: NfeResult, actor: str, cancel_within: timedelta = CANCEL_WITHIN) -> Decision | None:
    """Note an answer of the authority. An authorised NF-e can be cancelled, and a refused one be authorised after all.

    The NF-e of an invoice that was voided leaves the queue when it is cancelled or refused, and waits there when it is authorised.
    """
    before = result_of(order, said.invoice, said.credit_note)
    if before is not None and replace(said, at=before.at, cancel_until=before.cancel_until) == before:
        return None
    if said.result == AUTHORIZED:
        said = replace(said, cancel_until=said.at + cancel_within)
    was = before.result if before else None
    if (was, said.result) not in (
        (None, AUTHORIZED),
        (None, REFUSED),
        (REFUSED, REFUSED),
        (REFUSED, AUTHORIZED),
        (AUTHORIZED, CANCELLED),
    ):
        raise NotAllowed(f"an NF-e that {_WORDS[was]} cannot be {said.result.lower()} with this key and protocol")
    others = (one for one in order.nfes if _document_of(one) != _document_of(said))
    ends, tasks = said.result == AUTHORIZED, _tasks(order, said)
    if not said.credit_note and not is_standing(order, said.invoice):
        ends, tasks = not ends, (_to_cancel(order, said, said.at),) if ends else ()
    return Decision(
        order=replace(order, nfes=(*others, said)),
        event=Event(
            type=EventType.NFE_TOLD,
            actor=actor,
            at=said.at,
            data={
                **dict(_data(order, _document_of(said))),
                "result": said.result,
                **({"protocol": said.protocol} if said.protocol else {}),
                **({"code": said.code} if said.code else {}),
            },
        ),
        tasks=tasks,
        done=((Queue.FISCAL, item(*_document_of(said))),) if ends else (),
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
    cancelled = RETURN_CANCELLED if said.credit_note else WAS_CANCELLED
    reason = WAS_REFUSED if said.result == REFUSED else cancelled
    return (_task(order, _document_of(said), reason, said.at, (("code", said.code),) if said.code else ()),)


def _data(order: Order, document: tuple[int, int]) -> tuple[tuple[str, str], ...]:
    """Return the document whose NF-e it is."""
    invoice, credit_note = document
    if credit_note:
        return (("credit_note", ids.credit_note(order.order_id, credit_note)),)
    return (("invoice", order.invoices[invoice - 1]),)


def _task(
    order: Order, document: tuple[int, int], reason: str, now: datetime, more: tuple[tuple[str, str], ...]
) -> Task:
    data = (*_data(order, document), *more)
    return Task(queue=Queue.FISCAL, item=item(*document), due=now, reason=reason, priority=order.priority, data=data)
