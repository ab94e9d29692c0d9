"""
Note what the tax authority of Brazil said of the NF-e of an invoice.

Called by   functions/credit/handler.py: POST /v1/invoices/{invoice_id}/nfe
Returns     the answer as it is stored
Raises      NotFound; Invalid for a key that is not that of the invoice; NotAllowed for an answer that cannot follow the one before
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from comanda.aws.api.callers import Caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.customers import nfe_sources
from comanda.aws.customers.nfe_sources import Sources
from comanda.aws.directory import directory, legal_entities
from comanda.aws.dynamodb import transaction
from comanda.aws.orders import invoices, orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.domain import ids, invoice_view
from comanda.domain.billing import nfe_results
from comanda.domain.documents.nfe import access_key, master_data
from comanda.domain.errors import Invalid, NotAllowed, NotFound, Problem
from comanda.domain.orders.nfe_result import AUTHORIZED, REFUSED, NfeResult
from comanda.domain.orders.order import Order
from functions.credit.contract import NfeResultIn


def note(who: Caller, order_id: str, number: int, given: NfeResultIn, request: IdempotentRequest) -> None:
    """Save the answer about the invoice with this number within the order. The same answer again changes nothing."""
    _check(given)
    said = NfeResult(
        invoice=number,
        result=given.result,
        key=given.key,
        at=clock.now(),
        protocol=given.protocol or "",
        code=given.code or "",
    )

    def decide(order: Order) -> Saving | None:
        require_invoice(who, order, order_id, number)
        shown = invoices.view(order_id, number)
        found = _sources(order, number, shown, said.at)
        _require_key(shown, found.seller, given.key)
        decision = nfe_results.note_result(order, said, who.id)
        if decision is None:
            return None
        also = nfe_sources.authorized(order, number, found) if said.result == AUTHORIZED else []
        return Saving(decision=decision, first=[request.record(_shown(said))], also=also)

    require_own(
        who, order_id, number
    )  # an order that is not there has no invoice, and is no order of the caller's either
    saved = orders.decide(order_id, decide)
    if saved.event is None:  # it is known
        transaction.commit([request.record(_shown(nfe_results.result_of(saved.order, number) or said))])


def _sources(order: Order, number: int, shown: Mapping[str, Any], now: datetime) -> Sources:
    """Return what the NF-e of an invoice is made of. `shown` is the invoice."""
    return nfe_sources.find(
        order,
        number,
        now,
        seller=partial(legal_entities.of_invoice, order.channel),
        products=directory.entries(directory.PRODUCT, {line["sku"] for line in shown["lines"]}),
    )


def _shown(said: NfeResult) -> Answer:
    return Answer(status=200, body=invoice_view.nfe_shown(said))


def require_own(who: Caller, order_id: str, number: int) -> None:
    """Raise NotFound unless the invoice is there and the caller's."""
    require_invoice(who, orders.find(order_id), order_id, number)


def require_invoice(who: Caller, order: Order | None, order_id: str, number: int) -> None:
    if order is None or not who.sees_channel(order.channel) or not 1 <= number <= len(order.invoices):
        raise NotFound("invoice", ids.invoice(order_id, number))


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


def _require_key(shown: Mapping[str, Any], seller: Mapping[str, Any], key: str) -> None:
    """Raise Invalid for the key of another company, series or number. `shown` is the invoice."""
    if not shown["number"]:
        raise NotAllowed(f"invoice {shown['invoice_id']} has no number yet: ask again in a minute")
    issuer = master_data.issuer(seller)
    series, _, serial = shown["number"].rpartition("-")
    if issuer is None or series not in issuer.series:
        raise NotAllowed(f"invoice {shown['invoice_id']} has no NF-e")
    if not access_key.is_of(key, issuer.cnpj, issuer.series[series], int(serial)):
        message = "is not the key of this invoice: it names another company, series or number"
        raise Invalid(Problem(pointer="/key", code="not-of-the-invoice", message=message))
