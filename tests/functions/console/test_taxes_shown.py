"""The console shows where the taxes of an order are from, and leaves those of further articles to the tax table."""

import pytest

from tests.functions.console.test_change_page import limits, make, preview
from tests.functions.credit_accounts.credit import CUSTOMER, on_account, opened, taken_by_us
from tests.functions.drafts.acts import CHICAGO, create
from tests.functions.drafts.test_confirm import confirm
from tests.functions.drafts.test_quotes import a_line
from tests.functions.taxed import a_table
from tests.functions.world import usd

__all__ = ["limits"]


@pytest.fixture
def order_id(taxed):
    """Give an order of three teas that the table taxes, by a version of it with examples of rates."""
    a_table(taxed, synthetic=True)
    taxed.stocked("TEA-001", dc_1=9)
    taxed.stocked("CUP-001", dc_1=9)
    draft = create(taxed, lines=[a_line("1", quantity=3, unit_price=usd(1_000))], ship_to=CHICAGO)
    paid = {"method": "CARD", "reference": "pi_1", "authorized": usd(9_000)}
    made = confirm(taxed, draft, payments=[paid]).body["order_id"]
    taxed.settle()
    return made


@pytest.mark.parametrize(
    ("locale", "table", "estimate"),
    [
        ("en-US", "Tax by the table states@2", "Some of the tax is an estimate."),
        ("pt-BR", "Imposto conforme a tabela states@2", "Parte do imposto é uma estimativa."),
        ("es", "Impuesto según la tabla states@2", "Parte del impuesto es una estimación."),
    ],
)
def test_the_page_of_an_order_says_which_table_taxes_it(sales_in, order_id, locale, table, estimate):
    page = sales_in(locale).get(f"orders/{order_id}")

    assert table in page.text
    assert estimate in page.text


def test_a_further_article_has_the_tax_of_the_table_unless_a_rate_is_typed(sales, taxed, order_id):
    page = preview(sales, order_id, add_sku__0="CUP-001", add_units__0="5", add_price__0="5.00")

    assert "Tax of line 2: $0.00 → $0.25 (an estimate)" in page.text
    assert "The order was changed." in make(sales, order_id, page).text
    line = taxed.order(order_id)["lines"][1]
    assert (line["tax"], line["tax_table"]) == ({"rate": "0.01", "amount": usd(25)}, "states@2")


@pytest.fixture
def untaxed(taxed):
    """Give an order that is exempt, and that its customer pays 30 days after its invoice."""
    taxed.stocked("TEA-001", dc_1=9)
    taken_by_us(taxed)
    opened(taxed)
    tax = {"rate": "0", "amount": usd(0), "zero_rate_reason": "EXEMPT"}
    line = {"sku": "TEA-001", "quantity": 1, "tax": tax}
    made = taxed.placed(line, payments=[on_account(1_000)], customer=CUSTOMER)
    taxed.settle()
    taxed.steps(made, "ship")
    taxed.settle()
    return made


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-US", ("Without tax: Exempt from tax", "to be paid within 30 days of each invoice", "to be paid by")),
        ("pt-BR", ("Sem imposto: Isento de imposto", "a pagar em até 30 dias de cada fatura", "a pagar até")),
        (
            "es",
            ("Sin impuesto: Exento de impuestos", "por pagar dentro de 30 días de cada factura", "por pagar hasta el"),
        ),
    ],
)
def test_the_page_of_an_order_says_why_it_has_no_tax_and_until_when_it_is_paid(sales_in, untaxed, locale, words):
    page = sales_in(locale).get(f"orders/{untaxed}")

    assert [word for word in words if word not in page.text] == []
