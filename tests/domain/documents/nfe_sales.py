"""Make sales of a company in Brazil for tests."""

from typing import Any

from comanda.domain.documents.nfe.gather import Sale
from comanda.domain.documents.sale_document import SaleDocument, SaleLine
from comanda.domain.money import tax_of
from tests.domain.documents.sales import a_sale, a_sale_line

NFE: dict[str, Any] = {
    "state_registration": "110042490114",
    "regime": 3,
    "number": "1000",
    "district": "Bela Vista",
    "city_code": "3550308",
    "pis_rate": "0.0165",
    "cofins_rate": "0.076",
    "series": {"cd-sp": 1, "store-7": 2},
}
ENTITY: dict[str, Any] = {
    "name": "Chá & Companhia Comércio Ltda",
    "tax_id": "11.222.333/0001-81",
    "line1": "Avenida Paulista",
    "city": "São Paulo",
    "region": "SP",
    "postal_code": "01310-100",
    "country": "BR",
    "keep_invoices_years": 6,
    "nfe": NFE,
}
SIMPLES = ENTITY | {"nfe": NFE | {"regime": 1}}
BUYER: dict[str, Any] = {
    "name": "João da Silva",
    "tax_id": "529.982.247-25",
    "line1": "Rua do Chá, 10",
    "line2": "Ap. 3 - Centro",
    "city": "Campinas",
    "region": "SP",
    "postal_code": "13010-001",
    "country": "BR",
    "city_code": "3509502",
}
CARIOCA = BUYER | {"city": "Rio de Janeiro", "region": "RJ", "postal_code": "20010-000", "city_code": "3304557"}
GOODS: dict[str, Any] = {
    "ncm": "09021000",
    "origin": 0,
    "unit": "UN",
    "icms": "00",
    "pis_cofins": "01",
    "ibs_cbs_class": "000001",
}
PRODUCTS: dict[str, Any] = {"TEA-001": {"title": "Tea", "nfe": GOODS}}
RATE = "0.219512"  # of the net price: 18 % of the price


def a_line(quantity: int = 1, unit_price: int = 10_000, rate: str = RATE, **more: Any) -> SaleLine:
    """Return a line whose price includes its tax. Its charges are taxed by the same rate."""
    own = tax_of(quantity * unit_price - more.get("discount", 0), rate, included=True)
    of_charges = tax_of(more.get("charges", 0), rate, included=True)
    taxes = {"tax": own + of_charges, "charges_tax": of_charges}
    return a_sale_line(quantity, unit_price, rate=rate, **taxes | more)


def an_invoice(*lines: SaleLine, **changes: Any) -> SaleDocument:
    return a_sale(*(lines or (a_line(),)), **{"prices_include_tax": True, "currency": "BRL"} | changes)


def a_sale_in_brazil(document: SaleDocument | None = None, **changes: Any) -> Sale:
    fields: dict[str, Any] = {
        "document": document or an_invoice(),
        "entity": ENTITY,
        "buyer": BUYER,
        "products": PRODUCTS,
        "series": "cd-sp",
        "serial": 17,
    }
    return Sale(**fields | changes)


def with_goods(**changes: Any) -> dict[str, Any]:
    return {"TEA-001": {"title": "Tea", "nfe": GOODS | changes}}
