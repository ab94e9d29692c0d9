"""
Make the order forms of the retailer's two web shops, and the prices of its products on them.

The prices are invented: they rise with the weight, and the same product always has the same price.

Called by   local/seed.py, local/retailer/business.py, local/retailer/baskets.py
"""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

WEB, BRASIL = "web", "br"  # the channels that have a form
REAIS = 5  # reais for a dollar
TAX_RATE = "0.0825"
SHIPPING, EXPRESS = 599, 1_499  # cents
_LEAST, _SPREAD, _CENTS_PER_KG = 149, 900, 120

FORMS: Mapping[str, dict[str, Any]] = {
    WEB: {
        "enabled": True,
        "titles": {
            "en-US": "Order here",
            "es": "Haga su pedido aquí",
        },
        "countries": ["US"],
        "currency": "USD",
        "tax_rate": TAX_RATE,
        "prices_include_tax": False,
        "shipping": {
            "STANDARD": {"amount": SHIPPING, "currency": "USD"},
            "EXPRESS": {"amount": EXPRESS, "currency": "USD"},
        },
        "payment_notes": {
            "en-US": "We send you a link to pay once we have checked your order.",
            "es": "Le enviamos un enlace para pagar cuando hayamos revisado su pedido.",
        },
    },
    BRASIL: {
        "enabled": True,
        "titles": {"pt-BR": "Faça seu pedido aqui"},
        "countries": ["BR"],
        "currency": "BRL",
        "tax_rate": TAX_RATE,
        "prices_include_tax": True,
        "shipping": {
            "STANDARD": {"amount": SHIPPING * REAIS, "currency": "BRL"},
            "EXPRESS": {"amount": EXPRESS * REAIS, "currency": "BRL"},
        },
        "payment_notes": {"pt-BR": "Enviamos um link de pagamento depois de conferir o seu pedido."},
    },
}


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
