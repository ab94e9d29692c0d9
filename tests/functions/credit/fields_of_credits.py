"""Say what another value of each field of a credit note changes: tests/functions/test_fields_of_requests.py tries it."""

from collections.abc import Mapping
from typing import Any

from comanda.aws.directory import directory
from comanda.domain.documents.nfe.access_key import AccessKey
from tests.functions.documents.brazil import SELLER, SERIES
from tests.functions.fields import Doc, Request, Row
from tests.functions.world import World, usd


def credited(world: World, sent: Doc) -> Any:
    """Return the sums of a credit note of two pieces with shipping, and whether it was issued. Its invoice is named by number."""
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed(
        {"sku": "TEA-001", "quantity": 2},
        charges=[{"kind": "SHIPPING", "amount": usd(500)}],
        totals={"goods": usd(2000), "discounts": usd(0), "charges": usd(500), "tax": usd(0), "total": usd(2500)},
        payments=[{"method": "CARD", "reference": "c", "authorized": usd(2500)}],
    )
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    body = {**sent, "invoice_id": f"inv_{order_id[4:]}-{sent['invoice_id']}"} if "invoice_id" in sent else sent
    reply = world.change(order_id, "credit-notes", body)
    shown = {name: reply.body.get(name) for name in ("totals", "reason", "reason_code", "errors")}
    return reply.status, shown, len(world.order(order_id)["credit_notes"])


def nfe_told(world: World, sent: Doc) -> Any:
    """Return what is kept of an answer about an NF-e. Its key is that of the invoice, unless another one is sent."""
    world.entry(directory.LEGAL_ENTITY, "tea-co", SELLER)
    directory.forget()
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed({"sku": "TEA-001", "quantity": 2})
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    path = f"/v1/invoices/inv_{order_id[4:]}-001"
    node, _, serial = world.call("GET", path, who="office").body["number"].rpartition("-")
    of_invoice = AccessKey(
        state_code="35",
        month="2611",
        cnpj="11222333000181",
        series=SERIES[node],
        number=int(serial),
        code="14270150",
    )
    key = of_invoice.text if sent["key"] == _ITS_OWN else sent["key"]
    reply = world.call("POST", f"{path}/nfe", {**sent, "key": key})
    return reply.status, {name: reply.body.get(name) for name in ("result", "protocol", "code", "errors")}


_ITS_OWN = "its own"
_UNITS: Doc = {
    "invoice_id": "001",
    "credit": "LINES",
    "lines": [{"line_id": "1", "quantity": 1}],
    "keep_charges": True,
    "reason": "scratched",
    "reason_code": "damaged",
    "preview": False,
}
_AMOUNT: Doc = {"invoice_id": "001", "credit": "AMOUNT", "amount": usd(100), "reason": "late"}

REQUESTS: Mapping[str, Request] = {
    "CreditNoteIn": Request(
        sent=_UNITS,
        do=credited,
        rows={
            "invoice_id": Row("009", "/invoice_id"),
            "credit": Row("ALL", "/lines"),
            "lines.line_id": Row("9", "/lines/0/line_id"),
            "lines.quantity": Row(2),
            "keep_charges": Row(False),
            "amount.amount": Row(200, sent=_AMOUNT),
            "amount.currency": Row("EUR", "/amount/currency", sent=_AMOUNT),
            "reason": Row("another"),
            "reason_code": Row("too-late"),
            "preview": Row(True),
        },
    ),
    "NfeResultIn": Request(
        sent={"result": "AUTHORIZED", "key": _ITS_OWN, "protocol": "135260000000017", "code": "100"},
        do=nfe_told,
        rows={
            "result": Row("REFUSED"),
            "key": Row("35261111222333000181550010000000171142701500", "/key"),
            "protocol": Row("135260000000018"),
            "code": Row("101"),
        },
    ),
}
