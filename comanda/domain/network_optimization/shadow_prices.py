"""
Shadow prices: the cost, for later orders, of taking a unit of a sku at a node, in micro-units of currency, never below 0.

Called by   comanda.aws.stock.shadow_prices, which stores them; functions/price and functions/wave, which find them
Returns     prices, and their text
Raises      nothing

The network's linear program finds the prices (`price_program`), and the router adds them to its costs. A unit without a price
costs later orders nothing.
"""

from collections.abc import Mapping
from urllib.parse import quote, unquote

type Prices = Mapping[tuple[str, str], int]  # (sku, node) -> micro-units a unit


def to_text(of_sku: Mapping[str, int]) -> str:
    """Return "node price node price ..." of a sku's prices. It takes a tenth of the time of a map to read; prices of 0
    are left out."""
    return " ".join(f"{quote(node, safe='')} {micros}" for node, micros in sorted(of_sku.items()) if micros)


def from_text(text: str) -> dict[str, int]:
    """Return the prices that `to_text` made the text of."""
    words = text.split(" ") if text else []
    nodes = map(unquote, words[::2]) if "%" in text else words[::2]
    return dict(zip(nodes, map(int, words[1::2]), strict=True))
