"""
Describe the order forms of the retailer's two web shops: languages, tax, and what shipping costs.

Called by   local/retailer/business.py, local/retailer/prices.py, local/retailer/baskets.py
"""

from collections.abc import Mapping
from typing import Any

REAIS = 5  # reais for a dollar
TAX_RATE = "0.0825"
SHIPPING, EXPRESS = 599, 1_499  # cents

WEB_FORM: Mapping[str, Any] = {
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
}

BRASIL_FORM: Mapping[str, Any] = {
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
}
