"""
Make of a draft the order that `POST /v1/orders` takes. Pure.

Called by   functions/intake/draft_confirm.py
Returns     an OrderIn
Raises      Invalid with a pointer into the draft for each field that an order needs and the draft lacks
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from comanda.aws.api.contracts import problem
from comanda.domain.drafts.draft import Draft, DraftLine
from comanda.domain.drafts.totals import taxes
from comanda.domain.errors import Invalid
from comanda.domain.orders.line import PROVIDED_KINDS
from functions.intake.contract import OrderIn
from functions.intake.draft_contract import DraftConfirmIn


def order_of_draft(draft: Draft, contact: Mapping[str, Any], given: DraftConfirmIn) -> OrderIn:
    """Return the order of the draft, with all its amounts as the draft's totals have them."""
    of_lines, of_charges = taxes(draft)
    fields: dict[str, Any] = {
        "external_id": given.external_id or draft.draft_id,
        "channel": draft.channel,
        "currency": draft.currency,
        "locale": draft.locale,
        "prices_include_tax": draft.prices_include_tax,
        **{
            name: contact[name]
            for name in ("customer", "ship_to", "bill_to", "note", "attributes")
            if contact.get(name)
        },
        **{name: getattr(draft, name) for name in ("promise_id", "option_id", "reservation_id")},
        "tags": list(draft.tags),
        "lines": [
            _line(draft, line, tax) | _people(contact, line) for line, tax in zip(draft.lines, of_lines, strict=True)
        ],
        "charges": [
            {"kind": c.kind, "amount": _money(draft, c.amount), "tax": _money(draft, tax)}
            for c, tax in zip(draft.charges, of_charges, strict=True)
        ],
        "discounts": _discounts(draft, draft.discounts),
        "payments": [payment.model_dump(mode="json", exclude_none=True) for payment in given.payments],
        "totals": {name: _money(draft, getattr(draft.totals, name)) for name in draft.totals.__slots__},
    }
    try:
        return OrderIn.model_validate(fields)
    except ValidationError as error:
        raise Invalid(*map(problem, error.errors(include_url=False, include_input=False))) from error


def _line(draft: Draft, line: DraftLine, tax: int) -> dict[str, Any]:
    bundled = {"parent_line_id": line.parent_line_id, "ratio": line.ratio, "price_share": line.price_share}
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "quantity": line.quantity,
        "kind": line.kind,
        **{name: value for name, value in bundled.items() if value is not None},
        "unit_price": _money(draft, line.price.amount),
        **({"tax": {"rate": line.tax_rate, "amount": _money(draft, tax)}} if line.kind != "COMPONENT" else {}),
        "discounts": _discounts(draft, line.discounts),
        **({} if line.kind in PROVIDED_KINDS else {"fulfillment": _delivery(draft, line)}),
    }


def _people(contact: Mapping[str, Any], line: DraftLine) -> dict[str, Any]:
    """Return the address and the gift that the contact has of a line."""
    if line.destination is None and not line.gift:
        return {}
    row: Mapping[str, Any] = next((row for row in contact.get("lines", ()) if row["line_id"] == line.line_id), {})
    return {name: row[name] for name in ("ship_to", "gift") if name in row}


def _delivery(draft: Draft, line: DraftLine) -> dict[str, Any]:
    delivery = draft.deliveries()[line.line_id]
    return {name: getattr(delivery, name) for name in ("method", "node_id", "service", "group")}


def _discounts(draft: Draft, discounts: Any) -> list[dict[str, Any]]:
    return [{"code": one.code, "amount": _money(draft, one.amount)} for one in discounts]


def _money(draft: Draft, amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": draft.currency}
