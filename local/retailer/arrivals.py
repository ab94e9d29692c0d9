"""
List the orders to suppliers that are on their way at the opening. Some are of products without stock, for pre-orders.

Called by   local/seed.py
"""

from datetime import date, timedelta
from typing import Any

from local.retailer import catalogue, network, shelves
from local.retailer.network import WAREHOUSE

# Products that are announced and on no shelf: an order for one gets a date. No real basket has them.
COMING: dict[str, dict[str, Any]] = {
    "NEW-001": {"title": "Cast Iron Teapot, 2027 edition", "weight_g": 1400, "class": "AMBIENT"},
    "NEW-002": {"title": "Travel Tea Set, 2027 edition", "weight_g": 620, "class": "AMBIENT"},
}
COMING_UNITS, LOT, LOTS = 120, 300, 5
_FIRST_DAYS, _BETWEEN = 9, 4


def announced(today: str) -> dict[str, dict[str, Any]]:
    """Return the orders to suppliers by their id: one for each country's first warehouse, in lots of the coming weeks."""
    return {f"PO-OPENING-{country}": _order(country, today) for country in ("US", "BR")}


def _order(country: str, today: str) -> dict[str, Any]:
    node = min(place.id for place in network.places() if place.country == country and place.type == WAREHOUSE)
    usual = [p.sku for p in catalogue.products() if p.sku not in shelves.rare()][:LOTS]
    wanted = [(sku, COMING_UNITS) for sku in COMING] + [(sku, LOT) for sku in usual]
    return {
        "supply_id": f"PO-OPENING-{country}",
        "reference": "announced",
        "action": "CREATE",
        "type": "PURCHASE_ORDER",
        "supplier": "Harbour Trading Company",
        "over_receipt_percent": 5,
        "lines": [
            {"line": n, "sku": sku, "node_id": node, "quantity": units, "eta": _day(today, _FIRST_DAYS + _BETWEEN * n)}
            for n, (sku, units) in enumerate(wanted, 1)
        ],
    }


def _day(today: str, days: int) -> str:
    return (date.fromisoformat(today) + timedelta(days=days)).isoformat()
