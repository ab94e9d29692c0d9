"""
Note what the tax authority of Brazil said of the NF-e of an invoice, or of the goods that a credit note takes back.

Called by   functions/credit/handler.py: POST /v1/invoices/{invoice_id}/nfe, POST /v1/credit-notes/{credit_note_id}/nfe, and when
            a credit note is issued
Returns     the answer as it is stored; the item of a new credit note
Raises      NotFound; Invalid for a key that is not that of the document; NotAllowed for an answer that cannot follow the one before
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from comanda.aws.api.callers import Caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.customers import legal_copies, nfe_sources
from comanda.aws.customers.nfe_sources import Sources
from comanda.aws.directory import directory, legal_entities
from comanda.aws.dynamodb import transaction
from comanda.aws.orders import credit_notes, invoices, orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.domain import ids, invoice_view
from comanda.domain.billing import nfe_results
from comanda.domain.billing.credit_notes import CreditNote
from comanda.domain.documents.nfe import access_key, master_data, of_order
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem
from comanda.domain.orders.decision import Task
from comanda.domain.orders.nfe_result import AUTHORIZED, CANCELLED, REFUSED, NfeResult
from comanda.domain.orders.order import Order
from functions.credit.contract import NfeResultIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An invoice of an order by its number within it, or a credit note."""

    order_id: str
    number: int
    is_credit_note: bool = False

    def invoice_of(self, order: Order) -> int:
        """Return the number of the invoice, or of that which the credit note credits."""
        return credit_notes.invoice_of(order, self.number) if self.is_credit_note else self.number

    def require(self, who: Caller, order: Order | None) -> None:
        """Raise NotFound unless the order has it and the caller sees the order."""
        kind, make = ("credit note", ids.credit_note) if self.is_credit_note else ("invoice", ids.invoice)
        issued = () if order is None else order.credits if self.is_credit_note else order.invoices
        if order is None or not who.sees_channel(order.channel) or not 1 <= self.number <= len(issued):
            raise NotFound(kind, make(self.order_id, self.number))

    def require_own(self, who: Caller) -> None:
        """Raise NotFound as `require` does. An order that is not there has no invoice, and is none of the caller's either."""
        self.require(who, orders.find(self.order_id))


def note(who: Caller, paper: Paper, given: NfeResultIn, request: IdempotentRequest) -> None:
    """Save the answer about the NF-e of an invoice or a credit note. The same answer again changes nothing."""
    _check(given)
    now = clock.now()

    def decide(order: Order) -> Saving | None:
        paper.require(who, order)
        said = _answer_of(paper, order, given, now)
        found = _require_key(paper, order, said)
        decision = nfe_results.note_result(order, said, who.id, _cancel_within(found))
        if decision is None:
            return None
        keeps = found.unkept or (said.result == AUTHORIZED and not paper.is_credit_note)
        also = nfe_sources.authorized(order, said.invoice, found) if keeps else []
        return Saving(decision=decision, first=[request.record(_shown(said))], also=also)

    paper.require_own(who)
    saved = orders.decide(paper.order_id, decide)
    if saved.event is None:  # it is known
        said = _answer_of(paper, saved.order, given, now)
        known = nfe_results.result_of(saved.order, said.invoice, said.credit_note) or said
        transaction.commit([request.record(_shown(known))])


def of_issued(order: Order, made: CreditNote, now: datetime) -> tuple[Task, ...]:
    """Return the item of a credit note that is being issued: the NF-e of its return waits. One that takes no unit back, or whose
    invoice has no NF-e, has none."""
    copy = legal_copies.find(order.order_id, made.invoice, now)
    seller = legal_entities.of_invoice(order.channel, copy["seller"] if copy else None)
    said = nfe_results.result_of(order, made.invoice)
    is_cancelled = said is not None and said.result == CANCELLED
    if not seller.get("nfe") or is_cancelled or all(not line.quantity for line in made.lines):
        return ()
    return (nfe_results.to_authorize(order, made.invoice, (), now, made.number),)


def _answer_of(paper: Paper, order: Order, given: NfeResultIn, now: datetime) -> NfeResult:
    return NfeResult(
        invoice=paper.invoice_of(order),
        credit_note=paper.number if paper.is_credit_note else 0,
        result=given.result,
        key=given.key,
        at=now,
        protocol=given.protocol or "",
        code=given.code or "",
    )


def _shown(said: NfeResult) -> Answer:
    return Answer(status=200, body=invoice_view.nfe_shown(said))


def _check(given: NfeResultIn) -> None:
    wanted = "code" if given.result == REFUSED else "protocol"
    problems = [
        Problem(pointer=f"/{wanted}", code="missing", message=f"comes with {given.result}")
        for _ in range(getattr(given, wanted) is None)
    ]
    if access_key.check_digit(given.key[:-1]) != int(given.key[-1]):
        problems.append(Problem(pointer="/key", code="malformed", message="has a wrong check digit"))
    if problems:
        raise Invalid(*problems)


def _require_key(paper: Paper, order: Order, said: NfeResult) -> Sources:
    """Return what the NF-e of the invoice is made of. Raises Invalid for a key of another company, series or number."""
    invoice = invoices.view(order.order_id, said.invoice)
    found = nfe_sources.find(
        order,
        said.invoice,
        said.at,
        seller=partial(legal_entities.of_invoice, order.channel),
        products=directory.entries(directory.PRODUCT, {line["sku"] for line in invoice["lines"]}),
    )
    shown = credit_notes.view(order.order_id, paper.number) if paper.is_credit_note else invoice
    name = shown["credit_note_id"] if paper.is_credit_note else shown["invoice_id"]
    if not shown["number"]:
        raise NotAllowed(f"{name} has no number yet: ask again in a minute")
    series, serial = of_order.parts_of(shown["number"])
    cnpj, of_nfe = _series(paper, order, said, found.seller, series)
    if series not in of_nfe or (paper.is_credit_note and all(not line["quantity"] for line in shown["lines"])):
        raise NotAllowed(f"{name} has no NF-e")
    if not access_key.is_of(said.key, cnpj, of_nfe[series], serial):
        message = "is not the key of this document: it names another company, series or number"
        raise Invalid(Problem(pointer="/key", code="not-of-the-invoice", message=message))
    if paper.is_credit_note and said.result == AUTHORIZED and not nfe_results.key_of_sale(order, said.invoice):
        raise NotAllowed(f"the NF-e of the invoice of {name} is not authorized: a return names its key")
    return found


def _cancel_within(found: Sources) -> timedelta:
    """Return how long after its authorization the seller's state lets an NF-e be cancelled."""
    issuer = master_data.issuer(found.seller)
    return nfe_results.CANCEL_WITHIN if issuer is None else timedelta(hours=issuer.cancel_hours)


def _series(
    paper: Paper, order: Order, said: NfeResult, seller: Mapping[str, Any], series: str
) -> tuple[str, Mapping[str, int]]:
    """Return the CNPJ of the seller, and its series of NF-e by those of our numbers."""
    if paper.is_credit_note:
        told = nfe_results.known_key(order, said.invoice, said.credit_note)
        seller = of_order.of_return(seller, legal_entities.of_invoice(order.channel, seller), series, told)
    issuer = master_data.issuer(seller)
    if issuer is None:
        return "", {}
    return issuer.cnpj, issuer.return_series if paper.is_credit_note else issuer.series
