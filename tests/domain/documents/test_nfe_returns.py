"""The NF-e of goods that come back names the NF-e of their sale, has the taxes of it, and is paid by nothing."""

from dataclasses import replace
from typing import Any

import pytest

from comanda.domain.documents.nfe.gather import Sale, gather
from comanda.domain.documents.nfe.of_order import of_return, parts_of
from comanda.domain.documents.sale_document import CREDIT_NOTE
from tests.domain.documents.nfe_sales import CARIOCA, ENTITY, NFE, a_line, a_sale_in_brazil, an_invoice, with_goods
from tests.domain.documents.test_nfe import SALES, amount, judged, texts

OF_SALE = "35261111222333000181550010000000171142701500"
RETURNS = {"cd-sp": 101, "store-7": 102}


def back(sale: Sale, **changes: Any) -> Sale:
    """Return the credit note that takes everything of a sale back."""
    nfe = {**sale.entity["nfe"], "return_series": RETURNS}
    document = replace(sale.document, kind=CREDIT_NOTE, number="cd-sp-C000005")
    fields: dict[str, Any] = {"document": document, "entity": {**sale.entity, "nfe": nfe}, "takes_back": OF_SALE}
    return replace(sale, **fields | changes)


def lacks(sale: Sale) -> list[str]:
    return [one.pointer for one in gather(sale)[1]]


@pytest.mark.parametrize("name", SALES)
def test_a_return_of_any_sale_passes_both_judges_and_is_worth_its_credit_note(name: str):
    sale = back(SALES[name])

    xml = judged(sale)

    assert amount(xml, "vNF") == sale.document.totals.total
    assert (texts(xml, "finNFe"), texts(xml, "tpNF"), texts(xml, "refNFe")) == (["4"], ["0"], [OF_SALE])
    assert (texts(xml, "tPag"), texts(xml, "vPag")) == (["90"], ["0.00"])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("one line", "1202"),
        ("goods that were made", "1201"),
        ("another state", "2202"),
        ("another state, imported", "2201"),
        ("tax paid before", "1411"),
        ("picked up", "1202"),
    ],
)
def test_the_code_of_a_return_follows_that_of_its_sale(name: str, code: str):
    assert set(texts(judged(back(SALES[name])), "CFOP")) == {code}


def test_a_return_of_made_goods_whose_tax_was_paid_before():
    sale = replace(SALES["tax paid before"], products=with_goods(icms="60", made=True))

    assert texts(judged(back(sale)), "CFOP") == ["1410"]


def test_a_return_has_the_number_of_its_credit_note_in_a_series_of_its_own():
    xml = judged(back(a_sale_in_brazil(), serial=5))

    assert (texts(xml, "serie"), texts(xml, "nNF"), texts(xml, "natOp")) == (["101"], ["5"], ["Devolução de venda"])
    assert texts(xml, "infCpl") == [f"Pedido WEB-1. Devolução da NF-e {OF_SALE}"]


def test_a_return_has_the_taxes_of_its_sale():
    sale = a_sale_in_brazil(an_invoice(a_line(3, 999, discount=100, charges=1500)), buyer=CARIOCA)

    sold, returned = judged(sale), judged(back(sale))

    names = ("vICMS", "vICMSUFDest", "vPIS", "vCOFINS", "vIBS", "vCBS", "vProd", "vDesc", "vFrete")
    assert [texts(sold, name) for name in names] == [texts(returned, name) for name in names]


def test_a_return_of_the_next_year_has_the_rates_of_the_year_of_its_sale():
    sale = back(a_sale_in_brazil(an_invoice(issued_at="2027-01-10T12:00:00.000Z")))

    assert texts(judged(sale), "pCBS") == ["0.9000"]
    assert lacks(replace(sale, takes_back=f"3527{OF_SALE[4:]}")) == ["/seller/nfe/cbs_rate"]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"takes_back": ""}, ["/invoice/nfe"]),
        ({"entity": ENTITY}, ["/seller/nfe/return_series"]),
        ({"document": an_invoice(a_line(0, 500))}, ["/lines"]),
        ({"document": an_invoice(a_line(), a_line(0, 500))}, ["/lines/1/quantity"]),
    ],
)
def test_what_a_return_lacks_is_named(changes: dict[str, Any], pointers: list[str]):
    assert lacks(back(a_sale_in_brazil(), **changes)) == pointers


def test_an_amount_alone_needs_no_data_of_its_product():
    sale = back(a_sale_in_brazil(), document=an_invoice(a_line(0, 500)), products={})

    assert lacks(sale) == ["/lines"]


@pytest.mark.parametrize(
    ("number", "parts"),
    [("dc-1-000017", ("dc-1", 17)), ("dc-1-C000017", ("dc-1", 17)), ("TEA~C-1-C1000000", ("TEA~C-1", 1_000_000))],
)
def test_a_number_has_its_series_and_its_place_in_it(number: str, parts: tuple[str, int]):
    assert parts_of(number) == parts


def test_a_return_has_the_seller_of_its_sale_with_the_series_of_today_until_the_authority_knows_it():
    today = {**ENTITY, "nfe": {**NFE, "regime": 1, "return_series": {"cd-sp": 7}}}

    assert of_return(ENTITY, today, "cd-sp", "")["nfe"] == {**NFE, "return_series": {"cd-sp": 7}}
    assert of_return(ENTITY, today, "cd-sp", OF_SALE)["nfe"]["return_series"] == {"cd-sp": 1}
    assert of_return(ENTITY, {}, "cd-sp", "")["nfe"]["return_series"] is None
    assert of_return({"name": "x"}, today, "cd-sp", "") == {"name": "x"}
