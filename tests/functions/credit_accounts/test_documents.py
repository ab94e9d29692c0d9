"""An invoice on account says in its documents what is to be paid, and until when."""

import pytest

from comanda.aws.orders import invoices, orders
from comanda.domain.documents import sale_document
from tests.functions.credit_accounts.credit import opened, placed, shipped
from tests.functions.world import World


@pytest.fixture
def order_id(world: World) -> str:
    opened(world)
    made = placed(world, 2_000, 2)
    shipped(world, made)
    return made


def test_the_document_has_the_amount_as_still_to_be_paid_until_a_day(world: World, order_id: str):
    shown = invoices.view(order_id, 1)

    document = sale_document.of_invoice(orders.load(order_id), shown, 1, 0)

    assert (document.paid, document.payable, document.due) == ((), 2_000, 2_000)
    assert document.due_on == shown["due_on"] == "2026-12-19"
