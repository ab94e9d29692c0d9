"""The law keeps seller and buyer of an invoice, and nothing else of the contact."""

from datetime import UTC, datetime
from typing import Any

import pytest

from comanda.domain.documents.legal_copy import buyer, kept_until

TEA_CO = {"name": "Tea Co", "country": "US", "keep_invoices_years": 7}
ADA = {"id": "c-1", "name": "Ada", "email": "ada@example.org", "phone": "+1", "tax_id": "123"}
HOME = {"name": "Grace", "line1": "1 Home St", "line2": "", "city": "Chicago", "country": "US", "latitude": 1.5}
BANK = {
    "name": "Ada Ltd",
    "line1": "2 Money St",
    "city": "Chicago",
    "region": "IL",
    "postal_code": "6",
    "country": "US",
}


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ({"customer": ADA, "ship_to": HOME, "bill_to": BANK}, {**BANK, "tax_id": "123"}),
        (
            {"customer": ADA, "ship_to": HOME, "bill_to": None},
            {"name": "Ada", "tax_id": "123", "line1": "1 Home St", "city": "Chicago", "country": "US"},
        ),
        (
            {"customer": {"name": "Ada"}, "ship_to": None, "ship_tos": [HOME]},
            {"name": "Ada", "line1": "1 Home St", "city": "Chicago", "country": "US"},
        ),
        (
            {"customer": {}, "ship_to": HOME},
            {"name": "Grace", "line1": "1 Home St", "city": "Chicago", "country": "US"},
        ),
        ({"customer": {"name": "Ada"}, "attributes": {"cart": "7"}}, {"name": "Ada"}),
        (
            {"customer": {}, "attributes": {"buyer_reference": "PO-7", "electronic_address": "0088:1", "cart": "7"}},
            {"buyer_reference": "PO-7", "electronic_address": "0088:1"},
        ),
        ({}, {}),
    ],
)
def test_the_buyer_is_the_customer_at_the_billing_address_or_else_where_the_goods_go(
    contact: dict[str, Any], expected: dict[str, Any]
):
    assert buyer({**contact, "note": "ring", "gifts": [{"message": "x"}]}) == expected


@pytest.mark.parametrize("issued", [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, tzinfo=UTC)])
def test_a_copy_is_kept_for_the_years_after_the_year_of_its_invoice(issued: datetime):
    assert kept_until(issued, TEA_CO) == datetime(2034, 1, 1, tzinfo=UTC)
