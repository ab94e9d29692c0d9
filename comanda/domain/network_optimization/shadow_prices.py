"""
Shadow prices: what taking a unit of a sku at a node costs those who come after, in micro-units of currency, never below 0.

The network's linear program finds them (`pricing`), the router adds them to its costs. What has no price costs nobody else.
"""

from collections.abc import Mapping
from urllib.parse import quote, unquote

type Prices = Mapping[tuple[str, str], int]  # (sku, node) -> micro-units a unit


def to_text(of_sku: Mapping[str, int]) -> str:
    """Node and price, node and price: a tenth of what a map of them takes to be read. None is said of 0."""
    return " ".join(f"{quote(node, safe='')} {micros}" for node, micros in sorted(of_sku.items()) if micros)


def from_text(said: str) -> dict[str, int]:
    words = said.split(" ") if said else []
    nodes = map(unquote, words[::2]) if "%" in said else words[::2]
    return dict(zip(nodes, map(int, words[1::2]), strict=True))
