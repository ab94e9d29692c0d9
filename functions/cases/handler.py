"""
Open, show and work on cases: questions and problems of customers, each with an owner and a due time.

Called by   API Gateway: /v1/orders/{order_id}/cases, /v1/cases*, /v1/case-mails
Returns     the case with its texts; lists of cases; what became of a mail
Raises      Invalid, NotFound, Forbidden, NotAllowed as problems; StaleOrder (Busy)
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.cases import case_customers, cases
from comanda.aws.cases.cases import CaseSaving
from comanda.aws.directory import case_terms
from comanda.aws.dynamodb import transaction
from comanda.aws.orders import orders
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.cases import steps, views
from comanda.domain.cases.case import Case, CaseDecision, CaseKind, CaseStatus, Outcome
from comanda.domain.errors import NotFound
from comanda.domain.orders.order import Order
from functions.cases import contract, mails, opening, reading, rules

logger = Logger()
metrics = Metrics()
app = http.door()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.post("/v1/orders/<order_id>/cases")
def open_of_order(order_id: str) -> Response[str]:
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(
        event, who, settings.orders_table, now, require_own=lambda: _own_order(who, order_id)
    ) as request:
        order = _own_order(who, order_id)
        wanted = http.read(event, contract.CaseOfOrderIn)
        line_ids, fulfillments = rules.links(order, wanted, settings.cell)
        case = replace(
            _draft(who, wanted, now),
            order_id=order_id,
            channel=order.channel,
            line_ids=line_ids,
            fulfillments=fulfillments,
        )
        text = rules.text_of(who, wanted.text, now, author=wanted.author)
        saved = opening.save_new(
            case,
            text,
            partial(case_customers.of_order, order_id),
            lambda new: [request.record(_opened(new, now))],
        )
        _log_opened(saved)
    return request.response()


@app.post("/v1/cases")
def open_without_order() -> Response[str]:
    event, now = app.current_event.raw_event, clock.now()
    who, wanted = caller(event), http.read(event, contract.CaseWithoutOrderIn)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        customer_now = partial(opening.known_customer, wanted.customer_id)
        case, text = _draft(who, wanted, now), rules.text_of(who, wanted.text, now, author=wanted.author)
        saved = opening.save_new(case, text, customer_now, lambda new: [request.record(_opened(new, now))])
        _log_opened(saved)
    return request.response()


@app.get("/v1/cases")
def list_cases() -> Response[str]:
    return reading.list_cases(app.current_event.raw_event)


@app.get("/v1/cases/<case_id>")
def get_case(case_id: str) -> Response[str]:
    return reading.get_case(app.current_event.raw_event, case_id)


@app.post("/v1/cases/<case_id>/note")
def note(case_id: str) -> Response[str]:
    def decide(case: Case, who: Caller, wanted: contract.NoteIn, now: datetime) -> CaseDecision:
        text = rules.text_of(who, wanted.text, now, author=wanted.author, internal=wanted.internal)
        return steps.note(case, text, case_terms.terms_of(case.kind))

    return _step(case_id, contract.NoteIn, decide)


@app.post("/v1/cases/<case_id>/assign")
def assign(case_id: str) -> Response[str]:
    def decide(case: Case, who: Caller, wanted: contract.AssignIn, now: datetime) -> CaseDecision | None:
        opening.require_owner(wanted.owner)
        return steps.assign(case, wanted.owner, rules.moment(wanted.due, "due", now), who.id, now)

    return _step(case_id, contract.AssignIn, decide)


@app.post("/v1/cases/<case_id>/wait")
def wait(case_id: str) -> Response[str]:
    def decide(case: Case, who: Caller, wanted: contract.WaitIn, now: datetime) -> CaseDecision | None:
        status = CaseStatus(f"WAITING_{wanted.for_}")
        until = rules.moment(wanted.until, "until", now) or case_terms.terms_of(case.kind).due_when_waiting(now)
        words = rules.words_of(who, wanted.text, wanted.internal, now)
        decision = steps.wait(case, status, until, who.id, now)
        return None if decision is None else steps.with_text(decision, words)

    return _step(case_id, contract.WaitIn, decide)


@app.post("/v1/cases/<case_id>/resume")
def resume(case_id: str) -> Response[str]:
    def decide(case: Case, who: Caller, _: contract.ResumeIn, now: datetime) -> CaseDecision | None:
        return steps.resume(case, who.id, now, case_terms.terms_of(case.kind))

    return _step(case_id, contract.ResumeIn, decide)


@app.post("/v1/cases/<case_id>/close")
def close(case_id: str) -> Response[str]:
    def decide(case: Case, who: Caller, wanted: contract.CloseIn, now: datetime) -> CaseDecision:
        words = rules.words_of(who, wanted.text, wanted.internal, now)
        return steps.with_text(steps.close(case, Outcome(wanted.outcome), who.id, now), words)

    return _step(case_id, contract.CloseIn, decide)


@app.post("/v1/cases/<case_id>/reopen")
def reopen(case_id: str) -> Response[str]:
    def decide(case: Case, who: Caller, wanted: contract.ReopenIn, now: datetime) -> CaseDecision:
        words = rules.words_of(who, wanted.text, wanted.internal, now)
        return steps.with_text(steps.reopen(case, who.id, now, case_terms.terms_of(case.kind)), words)

    return _step(case_id, contract.ReopenIn, decide)


@app.post("/v1/case-mails")
def take_mail() -> Response[str]:
    event = app.current_event.raw_event
    taken = mails.take(event)
    metrics.add_metric("CaseMails", MetricUnit.Count, 1)
    return taken


def _step[Body](
    case_id: str, model: type[Body], decide: Callable[[Case, Caller, Body, datetime], CaseDecision | None]
) -> Response[str]:
    """Take one step of a case, and answer the case as it is then. A step that changes nothing is answered so, too."""
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    with idempotency.begin(
        event, who, settings.orders_table, now, require_own=lambda: reading.own_case(who, case_id)
    ) as request:
        reading.own_case(who, case_id)
        wanted, expected = http.read(event, model), http.if_match(event, required=False)

        def rule(case: Case) -> CaseSaving | None:
            http.require_version(expected, case.version)
            decision = decide(case, who, wanted, now)
            if decision is None:
                request.answer = None  # that of a try that another process was faster than
                return None
            return CaseSaving(decision=decision, first=[request.record(_answer(decision.saved, 200, now))])

        case = cases.decide(case_id, rule)
        if request.answer is None:
            transaction.commit([request.record(_answer(case, 200, now))])
        logger.info("case", extra={"case": case_id, "status": case.status, "version": case.version})
    return request.response()


def _draft(who: Caller, wanted: contract.CaseIn, now: datetime) -> Case:
    """Return the new case of a request, without an id."""
    rules.require_office_fields(who, wanted)
    opening.require_owner(wanted.owner)
    text = rules.text_of(who, wanted.text, now, author=wanted.author)
    return opening.draft(CaseKind(wanted.kind), text, wanted.owner, rules.moment(wanted.due, "due", now))


def _own_order(who: Caller, order_id: str) -> Order:
    """Return the order. Raises NotFound for one of another channel, as for one that does not exist."""
    ids.parse("ord", order_id, settings.cell)
    order = orders.find(order_id)
    if order is None:
        raise NotFound("order", order_id)
    return who.require_order(order)


def _answer(case: Case, status: int, now: datetime) -> Answer:
    return Answer(status=status, body=views.case(case, now), headers={"ETag": f'"v{case.version}"'})


def _opened(case: Case, now: datetime) -> Answer:
    answer = _answer(case, 201, now)
    return Answer(status=201, body=answer.body, headers={**answer.headers, "Location": f"/v1/cases/{case.case_id}"})


def _log_opened(case: Case) -> None:
    logger.info("case opened", extra={"case": case.case_id, "kind": case.kind, "owner": case.owner})
    metrics.add_metric("CasesOpened", MetricUnit.Count, 1)
