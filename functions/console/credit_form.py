"""
Read the form by which an invoice is credited. Pure.

Called by   functions/console/pages/invoice.py
Returns     the request of the API; for wrong fields an English sentence by the field's name
"""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.console import amounts, reasons
from functions.console.typed_fields import AMOUNT, UNITS

KINDS = ("LINES", "AMOUNT", "CHARGES", "ALL")  # the first is offered: without units it credits nothing
# The fields of the form, by what the API calls them.
FIELDS = {
    "/lines": "quantity.0",
    "/amount": "amount",
    "/amount/amount": "amount",
    "/reason": "reason",
}


def names(lines: Sequence[Any]) -> tuple[str, ...]:
    """Return the names of the form's fields. `lines` are all lines of the invoice: a field keeps its line when others are credited."""
    return ("credit", "amount", "keep_charges", *reasons.FIELDS, *(f"quantity.{i}" for i in range(len(lines))))


def read(
    fields: Mapping[str, str], invoice: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the body of the request, and what is wrong. Everything that was typed is sent, so that nothing is dropped unseen."""
    wrong: dict[str, str] = {}
    body: dict[str, Any] = {
        "invoice_id": invoice["invoice_id"],
        "credit": fields["credit"] if fields["credit"] in KINDS else KINDS[0],
        **reasons.given(fields),
    }
    if units := _units(fields, lines, wrong):
        body["lines"] = units
    if typed := fields["amount"].strip():
        try:
            body["amount"] = {"amount": amounts.read(typed, invoice["currency"]), "currency": invoice["currency"]}
        except ValueError:
            wrong["amount"] = AMOUNT
    if fields["keep_charges"]:
        body["keep_charges"] = True
    return body, wrong


def _units(
    fields: Mapping[str, str], lines: Sequence[Mapping[str, Any]], wrong: dict[str, str]
) -> list[dict[str, Any]]:
    found = []
    for i, line in enumerate(lines):
        typed = fields[f"quantity.{i}"].strip() or "0"
        if not (typed.isascii() and typed.isdigit() and len(typed) < 7):
            wrong[f"quantity.{i}"] = UNITS
        elif int(typed):
            found.append({"line_id": line["line_id"], "quantity": int(typed)})
    return found
