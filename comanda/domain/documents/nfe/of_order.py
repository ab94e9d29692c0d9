"""
Make the sale of an NF-e from an order and the entries of the directory. Pure.

Called by   functions/documents, functions/invoice, functions/intake
Returns     a `Sale`, and what its NF-e lacks
Raises      nothing
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from comanda.domain.billing import nfe_results
from comanda.domain.documents import sale_document
from comanda.domain.documents.legal_copy import ADDRESS
from comanda.domain.documents.nfe.gather import Sale, gather
from comanda.domain.documents.nfe.parties import BRAZIL
from comanda.domain.documents.sale_document import SaleDocument
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order

NAME = "nfe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Find the code of a state of Brazil by its name, and that of a city by state and name. None: there is no such place."""

    state: Callable[[str], str | None]
    city: Callable[[str, str], str | None]


def sale(
    order: Order,
    document: SaleDocument,
    number: int,
    entity: Mapping[str, Any],
    buyer: Mapping[str, Any],
    products: Mapping[str, Mapping[str, Any]],
    places: Places,
) -> Sale:
    """Return the sale of the invoice with this number within the order, or what a credit note takes back of it."""
    series, serial = parts_of(document.number)
    returned = document.kind == sale_document.CREDIT_NOTE
    return Sale(
        document=document,
        entity=_with_city_code(entity, places),
        buyer=_at_its_city(buyer, places),
        products=products,
        series=series,
        serial=serial,
        takes_back=nfe_results.key_of_sale(order, number) if returned else None,
        picked_up=any(one.invoice == number and one.method == PICKUP for one in order.fulfillments),
    )


def parts_of(number: str) -> tuple[str, int]:
    """Return the series of a number of ours, and the number in it. Those of credit notes begin with a C."""
    series, _, serial = number.rpartition("-")
    return series, int(serial.removeprefix("C"))


def of_return(seller: Mapping[str, Any], today: Mapping[str, Any], series: str, told: str) -> Mapping[str, Any]:
    """Return the seller of a sale as the NF-e of its returns has it: with the data of the sale, and the series that it has today.

    `told` is the key of the return that the authority knows, which has its series; empty: none. `series` is ours.
    """
    if not seller.get(NAME):
        return seller
    now = {series: int(told[22:25])} if told else (today.get(NAME) or {}).get("return_series")
    return {**seller, NAME: {**seller[NAME], "return_series": now}}


def lacks(
    order: Order,
    shown: Mapping[str, Any],
    number: int,
    entity: Mapping[str, Any],
    buyer: Mapping[str, Any],
    products: Mapping[str, Mapping[str, Any]],
    places: Places,
) -> list[str]:
    """Return the fields that the NF-e of an invoice lacks. `shown` is the invoice, which may have no number yet."""
    document = sale_document.of_invoice(order, shown, number, 0)
    _, found = gather(sale(order, document, number, entity, buyer, products, places))
    return [one.pointer for one in found]


def _with_city_code(entity: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Return a legal entity with the code of its city, by name where it says none."""
    said = entity.get(NAME)
    if not said or said.get("city_code"):
        return dict(entity)
    return {**entity, NAME: {**said, "city_code": places.city(entity.get("region") or "", entity["city"])}}


def _at_its_city(buyer: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """Return a buyer whose address has the code of its state and of its city."""
    place = dict(buyer.get("delivery") or {name: buyer.get(name) for name in ADDRESS})
    place["region"] = (places.state(place.get("region") or "") if place.get("country") == BRAZIL else None) or ""
    code = buyer.get("city_code") or places.city(place["region"], place.get("city") or "")
    return {**buyer, "delivery": place, "city_code": code}
