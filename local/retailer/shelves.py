"""
Make the opening stock: much in distribution centres, little in stores. Only a few stores have rare skus, so orders split.

Called by   local/seed.py, local/demo.py, the other modules of local/retailer
"""

from collections.abc import Iterator
from functools import cache
from zlib import crc32

from local.retailer import catalogue, network
from local.retailer.network import STORE, VENDOR, Place

Row = tuple[str, str, int]  # sku, node, units

DEEP, SHALLOW, FEW = 500, 12, 8
ONE_STORE_IN = 9  # a store has one sku in nine
RARE_ONE_IN = 23  # one sku in so many is not kept in the distribution centres
RARE_STORES = 3  # stores of a country that have it
OF_THE_VENDOR = ("NUTRITION", "FLORAL", "GARDEN CENTER")  # departments whose goods the vendor ships


def _lot(text: str, of: int) -> int:
    return crc32(text.encode()) % of


@cache
def rare() -> frozenset[str]:
    return frozenset(
        p.sku for p in catalogue.products() if p.department not in OF_THE_VENDOR and _lot(p.sku, RARE_ONE_IN) == 0
    )


def opening() -> tuple[Row, ...]:
    """
    Return the rows in the order of skus.

    The work that follows from a sku's change is then done once for all its nodes, not once for each node.
    """
    return tuple(sorted(row for place in network.places() for row in _stock_at(place)))


def _stock_at(place: Place) -> Iterator[Row]:
    for product in catalogue.products():
        units = _units(place, product)
        if units:
            yield product.sku, place.id, units


def _units(place: Place, product: catalogue.Product) -> int:
    theirs = product.department in OF_THE_VENDOR and place.country == "US"
    if place.type == VENDOR:
        return DEEP if theirs else 0
    if theirs:
        return 0
    if product.sku in rare():
        return FEW if place.type == STORE and place.id in _keepers(product.sku, place.country) else 0
    if place.type == STORE:
        return SHALLOW if _lot(f"{place.id} {product.sku}", ONE_STORE_IN) == 0 else 0
    return DEEP


@cache
def _keepers(sku: str, country: str) -> frozenset[str]:
    """Return the stores that have a rare sku."""
    ids = sorted((store.id for store in network.stores(country)), key=lambda name: crc32(f"{sku} {name}".encode()))
    return frozenset(ids[:RARE_STORES])


@cache
def assortment(node: str) -> frozenset[str]:
    """Return the skus that a node has at the opening."""
    return frozenset(sku for sku, place, _ in opening() if place == node)


def delivery() -> tuple[Row, ...]:
    """Return the delivery before a day's business: the rare skus again, so that a second demonstration finds some."""
    return tuple(row for row in opening() if row[0] in rare())
