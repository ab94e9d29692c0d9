"""Test that a draft is read from its document as it was written."""

import json
from dataclasses import replace

import pytest

from comanda.domain.drafts.document import from_draft, to_draft
from comanda.domain.drafts.draft import Delivery, DraftCharge
from comanda.domain.drafts.steps import claim
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Discount
from tests.domain.drafts.conftest import ADA, NOW, a_draft, a_line, a_plain_draft

FULL = replace(
    claim(
        a_draft(
            a_line(
                "1",
                tax_table="us@3",
                tax_name="VAT",
                tax_estimated=True,
                discounts=(Discount(code="x", amount=5),),
                delivery=Delivery(method="PICKUP", node_id="NYC"),
            ),
            charges=(DraftCharge(kind="shipping", amount=500, tax_rate="0.1", tax_table="us@3", tax_name="VAT"),),
            destination=Destination(country="US", region="NY", latitude=40.7, longitude=-74.0),
            tags=("vip",),
            prices_until=NOW,
        ),
        ADA,
        NOW,
    ).draft,
    order_id="ord_test1_1",
)


@pytest.mark.parametrize("draft", [FULL, a_plain_draft(), a_draft()])
def test_a_draft_survives_its_document(draft):
    assert to_draft(json.loads(json.dumps(from_draft(draft)))) == draft


def test_an_empty_draft_has_a_small_document():
    assert len(json.dumps(from_draft(a_plain_draft()))) < 400


def test_a_newer_document_is_refused():
    with pytest.raises(ValueError, match="shape 2"):
        to_draft({**from_draft(a_plain_draft()), "v": 2})
