"""Units of measure: stock is counted in pieces, and a product's packs say how many pieces they hold."""

from collections.abc import Mapping

PIECES = frozenset({"EACH", "EA"})


def pieces(unit: str, packs: Mapping[str, int]) -> int | None:
    """How many pieces one of a unit is; None for a unit that the product does not come in. No unit at all is a piece."""
    return 1 if not unit or unit in PIECES else packs.get(unit)


def unknown_unit_message(packs: Mapping[str, int]) -> str:
    """Return the message for a unit that the product does not come in; it lists the units that the product has."""
    *others, last = ["EACH", *sorted(packs.keys() - PIECES)]
    return (
        f"is no unit of measure of this product: {', '.join(others)} and {last} are"
        if others
        else (f"is no unit of measure of this product: {last} is")
    )
