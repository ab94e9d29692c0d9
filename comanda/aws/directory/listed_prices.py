"""
Look up what price lists say about the skus of a draft.

Called by   functions/drafts, functions/intake
Returns     prices by sku; a sku without a price is left out
"""

from collections.abc import Collection
from datetime import datetime

from comanda.aws.directory import price_lists
from comanda.domain.days import utc_day
from comanda.domain.drafts.draft import Draft, DraftPrice, PriceSource
from comanda.domain.drafts.pricing import ListedPrice


def find(
    channel: str, currency: str, skus: Collection[str], now: datetime, *, include_tax: bool
) -> dict[str, ListedPrice]:
    """Return the prices of skus in a channel today, by lists whose prices include tax as those of the draft do."""
    if not skus:
        return {}
    lists = price_lists.lists_in_force(channel, currency, utc_day(now))
    found = price_lists.prices([one for one in lists if one.includes_tax == include_tax], skus)
    return {
        sku: ListedPrice(
            amount=one.price.unit_price,
            price_list=f"{one.of.id}@{one.of.version}",
            tax_rate=one.tax_rate,
        )
        for sku, one in found.items()
    }


def of_draft(draft: Draft, now: datetime) -> dict[str, ListedPrice]:
    """Return what the lists say today about the lines whose prices, or taxes, are from a list or were compared with one."""
    skus = {line.sku for line in draft.lines if _of_list(line.price)}
    return find(draft.channel, draft.currency, skus, now, include_tax=draft.prices_include_tax)


def _of_list(price: DraftPrice) -> bool:
    return price.source is PriceSource.LIST or price.listed is not None or price.listed_rate is not None
