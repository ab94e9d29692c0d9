"""
Decide a credit note: the document that takes a part of an invoice back, or all of it.

No more is credited than was invoiced and not yet credited, of each line and in all. What is still owed of the order's invoices
is lowered first; what was captured beyond is refunded (`comanda.domain.billing.credited_money`).

Called by   functions/credit
Returns     the credit note, and the decision with its event, refunds and answered tasks
Raises      Invalid for more than is left, or for a line that the invoice does not have; NotAllowed when nothing is left
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comanda.domain import ids
from comanda.domain.billing import credit_lines, credited_money, paying_out
from comanda.domain.billing.credit_lines import CreditLine, OpenLine
from comanda.domain.billing.document_numbers import DocumentKind, written
from comanda.domain.billing.invoices import Invoice
from comanda.domain.errors import Invalid, NotAllowed, Problem
from comanda.domain.money import shown
from comanda.domain.orders.credit import Credit
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order, Totals
from comanda.domain.orders.reasons import Reason
from comanda.domain.orders.standing_invoices import is_standing

MOST = 200  # credit notes of one order


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Credit everything that is left of the invoice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Credit units (line id: units). With `keep_charges` their part of shipping and the like stays invoiced."""

    units: Mapping[str, int]
    keep_charges: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """Credit the charges of the invoice with their tax: an amount of them, or with None all that is left."""

    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Credit an amount, tax included: an appeasement."""

    amount: int


Wanted = All | Units | Charges | Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """The amount that one tender gives back by a credit note. `tender` is its place among the order's payments."""

    tender: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    """A credit note. It gets its number after it is issued, in the `series` of its invoice's. Amounts are minor units of its currency.

    `lowered` is the part of its total that was still owed; `refunds` give the rest back.
    """

    credit_note_id: str
    order_id: str
    number: int
    invoice: int
    invoice_number: str
    series: str
    currency: str
    at: datetime
    reason: str
    reason_code: str
    lines: tuple[CreditLine, ...]
    totals: Totals
    lowered: int = 0
    refunds: tuple[Refund, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request of a caller. `why` is the reason of the retailer's list, None if only the words tell it."""

    wanted: Wanted
    reason: str
    why: Reason | None = None
    by: str
    by_person: bool = False


def credit(
    order: Order, invoice: Invoice, earlier: Sequence[Sequence[CreditLine]], asked: Asked, now: datetime
) -> tuple[Decision, CreditNote]:
    """Decide the credit note of an invoice. `earlier` are the lines of those of the same invoice, in order.

    Raises NotAllowed for an invoice without a number: by law a credit note says which invoice it corrects; for one that is voided, and for
    one whose goods have not left.
    """
    if invoice.serial is None:
        raise NotAllowed(f"invoice {invoice.invoice_id} has no number yet: ask again in a minute")
    if invoice.fulfillment is not None and not is_standing(order, invoice.number):
        raise NotAllowed("the invoice is voided: nothing is owed of it, so there is nothing to credit")
    if any(f.invoice == invoice.number and f.to_capture for f in order.fulfillments):
        raise NotAllowed("the goods of the invoice have not left: cancel its units, which voids it")
    if len(order.credits) >= MOST:
        raise NotAllowed(f"the order has {MOST} credit notes, and takes no more")
    lines = _credited(invoice, earlier, asked.wanted, included=order.prices_include_tax)
    totals = totals_of(lines, included=order.prices_include_tax)
    if totals.total <= 0:
        raise NotAllowed("this costs nothing, so there is nothing to credit")
    number = len(order.credits) + 1
    moved = credited_money.give_back(order, totals.total, invoice.number, number, now)
    made = CreditNote(
        credit_note_id=ids.credit_note(order.order_id, number),
        order_id=order.order_id,
        number=number,
        invoice=invoice.number,
        invoice_number=written(DocumentKind.INVOICE, invoice.series, invoice.serial),
        series=invoice.series,
        currency=invoice.currency,
        at=now,
        reason=asked.reason,
        reason_code=asked.why.code if asked.why else "",
        lines=lines,
        totals=totals,
        lowered=moved.lowered,
        refunds=tuple(Refund(tender=one.tender, amount=one.amount) for one in moved.refunds),
    )
    return _decision(moved, made, asked), made


def open_lines(invoice: Invoice, earlier: Sequence[Sequence[CreditLine]]) -> dict[str, OpenLine]:
    """Return what is not credited of an invoice's lines, by line id."""
    return credit_lines.open_lines(invoice.lines, earlier)


def totals_of(lines: Sequence[CreditLine], *, included: bool) -> Totals:
    """Add up the lines of a credit note as those of an invoice."""
    of_all = sum((line.amounts for line in lines), credit_lines.Amounts())
    return Totals(
        goods=of_all.goods,
        discounts=of_all.discount,
        charges=of_all.charges,
        tax=of_all.tax,
        total=of_all.total(included=included),
    )


def _credited(
    invoice: Invoice, earlier: Sequence[Sequence[CreditLine]], wanted: Wanted, *, included: bool
) -> tuple[CreditLine, ...]:
    lines = open_lines(invoice, earlier)
    left = sum(line.left.total(included=included) for line in lines.values())
    if invoice.totals.total <= 0:
        raise NotAllowed("the invoice costs nothing, so there is nothing to credit")
    if left <= 0:
        raise NotAllowed("all of the invoice is credited already")
    everything = tuple(line.all_left() for line in lines.values() if line.left != credit_lines.Amounts() or line.units)
    match wanted:
        case All():
            return everything
        case Units():
            made = _of_units(lines, wanted, left, included=included)
        case Charges():
            made = _of_charges(lines, wanted.amount, left, invoice.currency, included=included)
        case Amount():
            if wanted.amount > left:
                message = f"at most {shown(left, invoice.currency)} are invoiced and not credited"
                raise Invalid(Problem(pointer="/amount", code="too-large", message=message))
            if wanted.amount == left:
                return tuple(replace(line, quantity=0) for line in everything)
            worth = {line_id: credit_lines.worth(line, included=included) for line_id, line in lines.items()}
            parts = credit_lines.shared_by_worth(wanted.amount, worth)
            made = tuple(lines[line_id].of_amount(part, included=included) for line_id, part in parts.items())
    takes_all = sum(one.amounts.total(included=included) for one in made) == left
    return credit_lines.with_rest(lines, made) if takes_all else made


def _of_units(lines: Mapping[str, OpenLine], wanted: Units, left: int, *, included: bool) -> tuple[CreditLine, ...]:
    for line_id, quantity in wanted.units.items():
        units = lines[line_id].units if line_id in lines else 0
        if quantity > units:
            raise NotAllowed(f"line {line_id}: {units} units are invoiced and not credited", line=line_id)
    made = tuple(
        lines[line_id].next_units(quantity, keep_charges=wanted.keep_charges)
        for line_id, quantity in wanted.units.items()
    )
    # Where rounding put another line a cent below nothing, no more is given back than is left of the invoice.
    if sum(one.amounts.total(included=included) for one in made) > left:
        raise NotAllowed("less is left of the invoice than these units cost: credit all of it")
    return made


def _of_charges(
    lines: Mapping[str, OpenLine], amount: int | None, left: int, currency: str, *, included: bool
) -> tuple[CreditLine, ...]:
    worth = {line_id: credit_lines.charges_worth(line, included=included) for line_id, line in lines.items()}
    most = min(sum(worth.values()), left)
    if not most:
        raise NotAllowed("no charges of the invoice are left to credit")
    if amount is not None and amount > most:
        message = f"at most {shown(most, currency)} of charges are invoiced and not credited"
        raise Invalid(Problem(pointer="/amount", code="too-large", message=message))
    parts = credit_lines.shared_by_worth(most if amount is None else amount, worth)
    return tuple(lines[line_id].of_charges(part, included=included) for line_id, part in parts.items())


def _decision(moved: credited_money.Moved, made: CreditNote, asked: Asked) -> Decision:
    refunded = sum(one.amount for one in made.refunds)
    kept = Credit(
        invoice=made.invoice,
        total=made.totals.total,
        tax=made.totals.tax,
        refunded=refunded,
        by_person=asked.by_person,
    )
    event = Event(
        type=EventType.CREDITED,
        actor=asked.by,
        at=made.at,
        data={
            "credit_note": made.credit_note_id,
            "invoice": ids.invoice(made.order_id, made.invoice),
            "invoice_number": made.invoice_number,
            "total": made.totals.total,
            "refunded": refunded,
            "currency": made.currency,
            "reason": asked.reason,
            **(asked.why.facts() if asked.why else {}),
        },
    )
    order = replace(moved.order, credits=(*moved.order.credits, kept))
    tasks = (*moved.tasks, *paying_out.tasks(order, moved.money, made.at))
    return Decision(order=order, event=event, money=moved.money, tasks=tasks, done=moved.done)
