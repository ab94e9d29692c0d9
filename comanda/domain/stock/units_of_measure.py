"""Convert units of measure to pieces, in which stock is counted. A product's packs define their number of pieces."""

from collections.abc import Mapping

PIECES = frozenset({"EACH", "EA"})


def pieces(unit: str, packs: Mapping[str, int]) -> int | None:
    """Return the pieces in one unit of measure. A blank unit is a piece. None: the product does not come in the unit."""
    return 1 if not unit or unit in PIECES else packs.get(unit)


def unknown_unit_message(packs: Mapping[str, int]) -> str:
    """Return the message for a unit that the product does not come in; it lists the units that the product has."""
    *others, last = ["EACH", *sorted(packs.keys() - PIECES)]
    return (
        f"is no unit of measure of this product: {', '.join(others)} and {last} are"
        if others
        else (f"is no unit of measure of this product: {last} is")
    )
