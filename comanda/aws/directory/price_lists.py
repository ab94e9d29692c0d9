"""
Read price lists: which hold for a channel on a day, and what they say a sku costs.

Called by   functions/directory; comanda.aws.directory.listed_prices, .price_files and .price_list_writer
Returns     values of comanda.domain.pricing, as they are now

The register of all lists is one item, without prices. Each price is an item of its own in the set that its list names, so a
list may have 100,000 of them. A set never changes: a list with other prices names another set.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.items import unpack
from comanda.aws.runtime.settings import settings
from comanda.domain.pricing.price_lists import ListPrice, Price, PriceChange, PriceList, in_force


def price_list(name: str, version: int, doc: Mapping[str, Any]) -> PriceList:
    """Return the list of a stored document."""
    return PriceList(
        id=name,
        version=version,
        prices=doc["price_set"],
        channels=frozenset(doc["channels"]),
        currency=doc["currency"],
        valid_from=doc["valid_from"],
        valid_until=doc.get("valid_until"),
        includes_tax=doc.get("includes_tax", False),
        tax_rate=doc.get("tax_rate"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The rows of all lists, without their prices, by the ids of the lists. `rev` rises with every change of any list; 0: there was none."""

    rows: Mapping[str, Any]
    rev: int

    @property
    def lists(self) -> list[PriceList]:
        return [price_list(name, row["version"], row) for name, row in self.rows.items()]

    def stated_at(self, name: str) -> str:
        """Return when all prices of a list were stated last, as an ISO time in UTC. Empty: before that was noted."""
        return str(self.rows.get(name, {}).get("stated_at", ""))


def register() -> Register:
    """Return the register as it is now."""
    row = reads.get(settings.directory_table, keys.price_lists())
    return Register(rows=unpack(row["lists"]), rev=row["rev"]) if row else Register(rows={}, rev=0)


def lists_in_force(channel: str, currency: str, day: str) -> tuple[PriceList, ...]:
    """Return the lists that hold for a channel, a currency and a UTC day, in the order in which they are asked for a price."""
    return in_force(register().lists, channel, currency, day)


def prices(lists: Iterable[PriceList], skus: Collection[str]) -> dict[str, ListPrice]:
    """Return the prices of skus by the first of the lists that has each. A sku that none has is left out."""
    found: dict[str, ListPrice] = {}
    for one in lists:
        left = sorted(set(skus) - found.keys())
        if not left:
            break
        wanted = [keys.price(one.id, one.prices, sku) for sku in left]
        for row in reads.batch(settings.directory_table, wanted):
            found[row["sku"]] = ListPrice(price=price(row), of=one)
    return found


def price(row: Mapping[str, Any]) -> Price:
    return Price(
        sku=row["sku"],
        unit_price=row["unit_price"],
        at=row["at"],
        tax_rate=row.get("tax_rate"),
        tax_class=row.get("tax_class"),
    )


def statements(name: str, price_set: str) -> Iterator[PriceChange]:
    """Yield every price of a set, then the skus that have none any more, each by the key of its sku."""
    for row in reads.query(settings.directory_table, "pk = :pk", consistent=True, pk=keys.prices_page(name, price_set)):
        yield PriceChange(sku=row["sku"], at=row["at"], price=price(row))
    gone = keys.removed_prices_page(name, price_set)
    for row in reads.query(settings.directory_table, "pk = :pk", consistent=True, pk=gone):
        yield PriceChange(sku=row["sku"], at=row["at"], price=None)


def page(name: str, price_set: str, prefix: str, after: str, limit: int) -> tuple[list[Price], str | None]:
    """Return a page of a set's prices whose skus begin so, and the key to go on after, or None at the end."""
    first, last = keys.text(prefix), keys.after_prefix(keys.text(prefix))
    # "!" comes before every character of a key.
    begin = f"{after}!" if after else first or "!"
    rows = list(
        islice(
            reads.query(
                settings.directory_table,
                "pk = :pk AND sk BETWEEN :first AND :last",
                together=limit + 1,
                pk=keys.prices_page(name, price_set),
                first=begin,
                last=last,
            ),
            limit + 1,
        )
    )
    return [price(row) for row in rows[:limit]], rows[limit - 1]["sk"] if len(rows) > limit else None
