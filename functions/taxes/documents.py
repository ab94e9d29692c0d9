"""
Tell the tax service of a channel of an invoice or a credit note, once, and note what became of it.

Called by   functions/taxes/handler.py
Returns     nothing: the row of the document says how far it is
Raises      TaxFailed when the service does not answer, and the document is to come again

The service keeps a document once under its id: one that it has already is asked for and compared. The contact may be erased by
then, so an address may be as coarse as the order has it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.customers import customers
from comanda.aws.directory import directory, tax_service, taxes
from comanda.aws.orders import credit_notes, invoices, orders, tax_records
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.lifecycle.changes import taxed_places
from comanda.domain.orders.order import Order
from comanda.domain.taxes.failures import Failure, TaxFailed
from comanda.domain.taxes.places import place_of
from comanda.domain.taxes.records import KeptDocument, RecordStatus, TaxedDocument, difference
from comanda.domain.taxes.services import Asked
from functions.taxes import accounts

logger = Logger()
metrics = Metrics()

_FOR_GOOD = (Failure.REFUSED, Failure.UNREADABLE)  # the same again would be answered alike
_CREDIT = "crn"

type Row = tuple[str, int, int, str]  # line id, net amount, tax, class


def tell(document_id: str, now: datetime, *, last: bool) -> None:
    """Tell the service of a document. `last`: when that fails, a person is asked. Raises TaxFailed otherwise.

    Until it ends, the sweeper has the document told again.
    """
    if not tax_records.is_over(document_id):
        _tell(document_id, now, last=last)
    tax_records.forget_place(document_id)


def _tell(document_id: str, now: datetime, *, last: bool) -> None:
    kind = document_id.partition("_")[0]
    order_id, number = ids.parse(kind, document_id, settings.cell)
    order = orders.load(order_id)
    channel = directory.find(directory.CHANNEL, order.channel) or {}
    if not channel.get("tax_service"):
        # It had one when the document was numbered, so its tax is one that somebody declares.
        facts = {"order_id": order_id, "currency": order.currency}
        _give_up(document_id, facts, now, Failure.NOT_CONNECTED)
        return
    facts = {"order_id": order_id, "service": channel["tax_service"]["service"], "currency": order.currency}
    try:
        document = _document(order, channel, kind, number)
        if not document.question.rows:
            return
        kept = accounts.ask_account(facts["service"], lambda account: account.record(document))
    except TaxFailed as failed:
        if not (last or failed.failure in _FOR_GOOD):
            raise
        facts |= {"code": failed.detail} if failed.detail else {}
        _give_up(document_id, facts, now, failed.failure)
        return
    metrics.add_metric("TaxDocumentsRecorded", MetricUnit.Count, 1)
    found = difference(document, kept)
    if found is not None:
        tax_records.note(document_id, facts | _compared(document, kept), now, RecordStatus.DIFFERS, found)
        return
    tax_records.note(document_id, facts, now, RecordStatus.RECORDED)


def _compared(document: TaxedDocument, kept: KeptDocument) -> dict[str, str]:
    """Return what a person compares: the sums of a document in minor units, and those of the service."""
    return {
        "amount": str(sum(row.amount for row in document.question.rows)),
        "kept_amount": _plain(row.amount for row in kept.rows),
        "tax": str(sum(document.taxes)),
        "kept_tax": _plain(row.tax for row in kept.rows),
        "computed": str(sum(row.computed for row in kept.rows)),
        "day": document.question.day,
        "kept_day": kept.day,
    }


def _plain(amounts: Iterable[Decimal]) -> str:
    return f"{sum(amounts, Decimal(0)).normalize():f}"


def _give_up(document_id: str, facts: Mapping[str, str], now: datetime, failure: Failure) -> None:
    """Ask a person about a document that the service does not have."""
    logger.warning("not recorded", extra={"document": document_id, "failure": failure})
    metrics.add_metric("TaxRecordsGivenUp", MetricUnit.Count, 1)
    tax_records.note(document_id, facts, now, RecordStatus.FAILED, f"tax-{failure}")


def _document(order: Order, channel: Mapping[str, Any], kind: str, number: int) -> TaxedDocument:
    """Return what the service is told of an invoice or a credit note."""
    credited = kind == _CREDIT
    shown = credit_notes.view(order.order_id, number) if credited else invoices.view(order.order_id, number)
    invoice = invoices.view(order.order_id, credit_notes.invoice_of(order, number)) if credited else shown
    cards = {line["line_id"] for line in invoice["lines"] if line.get("gift_card")}
    rows = [row for row in _sold_rows(order, shown) if row[0] not in cards]
    contact = customers.find(order.order_id, order.contact) or {}
    customer = contact.get("customer", {}).get("id")
    nodes = directory.entries(directory.NODE, {line.node_id for line in order.lines if line.node_id})
    port = tax_service.rates(
        channel, order.currency, customer, (*customers.delivered_to(contact), *nodes.values()), None
    )
    sale, counters = taxed_places.sale(order), {name: taxes.place_of_node(node) for name, node in nodes.items()}
    asked, due = list[Asked](), list[int]()
    for line_id, net, tax, tax_class in rows:
        place = place_of(taxed_places.where(sale, order, order.line(line_id)), counters)
        if place is None:
            raise TaxFailed(Failure.REFUSED, "place")
        asked.append(Asked(amount=net, code=port.codes.get(tax_class, ""), to=port.addresses.at(place)))
        due.append(tax)
    day, taxed_on = shown["issued_at"][:10], invoice["issued_at"][:10]
    return TaxedDocument(
        question=port.question(asked, day, order.prices_include_tax),
        taxes=due,
        code=shown["credit_note_id"] if credited else shown["invoice_id"],
        credits=credited,
        taxed_on=taxed_on,
    )


def _sold_rows(order: Order, shown: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the goods and the charges of each line of a document, where they cost anything."""
    products = directory.entries(directory.PRODUCT, {line["sku"] for line in shown["lines"]})
    kinds = {charge.kind for charge in order.charges}
    kind = kinds.pop() if len(kinds) == 1 else ""
    for line in shown["lines"]:
        goods, discount, charges, tax, charges_tax = (
            line[name]["amount"] if name in line else 0
            for name in ("goods", "discount", "charges", "tax", "charges_tax")
        )
        if goods - discount or tax - charges_tax:
            tax_class = products.get(line["sku"], {}).get("tax_class") or ""
            yield line["line_id"], goods - discount, tax - charges_tax, tax_class
        if charges or charges_tax:
            yield line["line_id"], charges, charges_tax, kind
