"""Units of measure: stock is counted in pieces, and a product's packs say how many pieces they hold."""

from collections.abc import Mapping

PIECES = frozenset({"EACH", "EA"})


def pieces(unit: str, packs: Mapping[str, int]) -> int | None:
    """How many pieces one of a unit is; None for a unit that the product does not come in. No unit at all is a piece."""
    return 1 if not unit or unit in PIECES else packs.get(unit)
