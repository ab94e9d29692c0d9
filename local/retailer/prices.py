"""
Make the prices of the retailer's products, on the order forms of its two web shops and in their price lists.

The prices are invented: they rise with the weight, and the same product always has the same price.

Called by   local/seed.py
"""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from local.retailer.business import BRASIL, WEB
from local.retailer.order_forms import REAIS, TAX_RATE

_LEAST, _SPREAD, _CENTS_PER_KG = 149, 900, 120


def with_prices(products: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the documents of products with a price in each shop that has a form."""
    return {sku: {**document, "prices": _prices(sku, document["weight_g"])} for sku, document in products.items()}


def _prices(sku: str, weight_g: int) -> dict[str, dict[str, Any]]:
    cents = _LEAST + crc32(sku.encode()) % _SPREAD + weight_g * _CENTS_PER_KG // 1_000
    dollars = cents // 10 * 10 + 9
    return {
        WEB: {"amount": dollars, "currency": "USD"},
        BRASIL: {"amount": dollars * REAIS, "currency": "BRL"},
    }


def price_lists(products: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the price lists of the two shops, for what their agents sell. Prices in Brazil have their tax inside."""
    return {
        f"usual-{channel}": {
            "name": f"Usual prices, {channel}",
            "channels": [channel],
            "currency": currency,
            "valid_from": "2026-01-01",
            "includes_tax": channel == BRASIL,
            "tax_rate": TAX_RATE,
            "prices": [
                {"sku": sku, "unit_price": _prices(sku, document["weight_g"])[channel]}
                for sku, document in products.items()
            ],
        }
        for channel, currency in ((WEB, "USD"), (BRASIL, "BRL"))
    }
