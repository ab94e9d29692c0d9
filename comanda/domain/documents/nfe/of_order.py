"""
Make the sale of an NF-e from an order and the entries of the directory. Pure.

Called by   functions/documents, functions/invoice, functions/intake
Returns     a `Sale`, and what its NF-e lacks
Raises      nothing
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
    """Return the sale of the invoice with this number within the order."""
    series, _, serial = document.number.rpartition("-")
    return Sale(
        document=document,
        entity=_with_city_code(entity, places),
        buyer=_at_its_city(buyer, places),
        products=products,
        series=series,
        serial=int(serial),
        picked_up=any(one.invoice == number and one.method == PICKUP for one in order.fulfillments),
    )


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
