"""
Credit an invoice, or a part of it: issue its credit note, and give back what was captured beyond what is owed. Note what a tax
authority said of an invoice.

Called by   API Gateway: POST /v1/orders/{order_id}/credit-notes, POST /v1/invoices/{invoice_id}/nfe,
            POST /v1/credit-notes/{credit_note_id}/nfe
Returns     the credit note; a preview shows one that is not issued. What was told of an NF-e
Raises      no domain error: `comanda.aws.api.http` answers each with a problem

The refunds are written in the transaction of the credit note. The room pay moves the money, and the room number gives the number.
"""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.customers import legal_copies
from comanda.aws.directory.cancel_reasons import reason_of
from comanda.aws.dynamodb import transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import credit_notes, invoices, orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain import credit_view, ids
from comanda.domain.billing import credit_notes as rule
from comanda.domain.billing.credit_notes import Asked, CreditNote
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.orders.decision import Decision, changed_by_decision
from comanda.domain.orders.order import Order
from functions.credit import rules
from functions.credit.contract import CreditNoteIn, NfeResultIn

if TYPE_CHECKING:
    from functions.credit.nfe import Paper

_REAIS = "BRL"
_NOTHING_TOLD = {"nfe": None}  # by the tax authority, of a new credit note
logger = Logger()
metrics = Metrics()
app = http.door()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.post("/v1/orders/<order_id>/credit-notes")
def credit(order_id: str) -> Response[str]:
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    plain, _ = ids.parse("ord", order_id, settings.cell)
    with idempotency.begin(
        event, who, settings.orders_table, now, require_own=lambda: who.require_order(orders.load(plain))
    ) as request:
        given = http.read(event, CreditNoteIn)
        rules.check(given)
        asking = _Asking(who, given, request)
        if given.preview:
            asking.preview(plain)
        else:
            asking.issue(plain, http.if_match(event))
    return request.response()


@app.post("/v1/invoices/<invoice_id>/nfe")
def note_nfe(invoice_id: str) -> Response[str]:
    from functions.credit import nfe  # of companies in Brazil

    event = app.current_event.raw_event
    who = caller(event)
    order_id, number = ids.parse("inv", invoice_id, settings.cell)
    return _note_nfe(event, who, nfe.Paper(order_id=order_id, number=number))


@app.post("/v1/credit-notes/<credit_note_id>/nfe")
def note_nfe_of_return(credit_note_id: str) -> Response[str]:
    from functions.credit import nfe  # of companies in Brazil

    event = app.current_event.raw_event
    who = caller(event)
    order_id, number = ids.parse("crn", credit_note_id, settings.cell)
    return _note_nfe(event, who, nfe.Paper(order_id=order_id, number=number, is_credit_note=True))


def _note_nfe(event: dict[str, Any], who: Caller, paper: "Paper") -> Response[str]:
    from functions.credit import nfe

    own = partial(paper.require_own, who)
    with idempotency.begin(event, who, settings.orders_table, clock.now(), require_own=own) as request:
        nfe.note(who, paper, http.read(event, NfeResultIn), request)
    return request.response()


def _without_cards(order: Order, decision: Decision, made: CreditNote) -> tuple[Decision, list[Write]]:
    if all(not line.gift_card for line in order.lines):
        return decision, []
    from comanda.aws.orders import bought_cards  # few orders sell gift cards

    return bought_cards.taken_back(order, decision, made)


class _Asking:
    """A request for a credit note."""

    def __init__(self, who: Caller, given: CreditNoteIn, request: IdempotentRequest) -> None:
        self.who, self.given, self.request, self.now = who, given, request, clock.now()
        self.reason, self.why = reason_of(given.reason, given.reason_code, office=who.office)

    def preview(self, order_id: str) -> None:
        """Answer what the credit note would be."""
        order = self.who.require_order(orders.load(order_id))
        _, made, _ = self._decide(order)
        shown = Answer(
            status=200,
            body=_NOTHING_TOLD | credit_view.shown(made, order, preview=True),
            headers=http.order_headers(order),
        )
        transaction.commit([self.request.record(shown)])

    def issue(self, order_id: str, version: int | None) -> None:
        """Save the credit note with its refunds."""

        def decide(order: Order) -> Saving:
            self.who.require_order(order)
            http.require_version(version, order.version, since=order.change_version)
            decision, made, cards = self._decide(order)
            decision = changed_by_decision(decision)
            headers = {**http.order_headers(decision.saved), "Location": f"/v1/credit-notes/{made.credit_note_id}"}
            shown = Answer(status=201, body=_NOTHING_TOLD | credit_view.shown(made, order), headers=headers)
            first = [self.request.record(shown)]
            copy = legal_copies.prolonged(order_id, made.invoice, made.at)
            return Saving(decision=decision, first=first, also=[credit_notes.write(made, order), *copy, *cards])

        saved = orders.decide(order_id, decide).order
        logger.info("credited", extra={"order_id": order_id, "credit_note": len(saved.credits)})
        metrics.add_metric("InvoicesCredited", MetricUnit.Count, 1)

    def _decide(self, order: Order) -> tuple[Decision, CreditNote, list[Write]]:
        """Return the decision and the credit note, and the writes of the gift cards that it takes back."""
        number = self._invoice_number(order)
        invoice = credit_view.invoiced(invoices.view(order.order_id, number), number)
        asked = Asked(
            wanted=rules.wanted(order, self.given),
            reason=self.reason,
            why=self.why,
            by=self.who.id,
            by_person=self.who.person,
        )
        earlier = credit_notes.lines_of_invoice(order, number)
        with http.lines_as_sent(one.line_id for one in self.given.lines or ()):
            decision, made = rule.credit(order, invoice, earlier, asked, self.now)
            decision, cards = _without_cards(order, decision, made)
        if made.currency == _REAIS:
            from functions.credit import nfe

            decision = replace(decision, tasks=(*decision.tasks, *nfe.of_issued(order, made, self.now)))
        if self.who.person:
            rules.require_limit(order, decision.order, self.who.limits, self.given)
        return decision, made, cards

    def _invoice_number(self, order: Order) -> int:
        """Return the number of the invoice within the order. Raises Invalid for an invoice that the order does not have."""
        try:
            order_id, number = ids.parse("inv", self.given.invoice_id, settings.cell)
        except NotFound:
            order_id, number = "", 0
        if order_id != order.order_id or not 1 <= number <= len(order.invoices):
            message = f"{self.given.invoice_id} is no invoice of this order"
            raise Invalid(Problem(pointer="/invoice_id", code="unknown-invoice", message=message))
        return number
