"""
Say where goods lie in a node, and how far one place is from another. Pure.

Called by   comanda.domain.picking.walk, comanda.aws.stock.locations

The model is the usual one of a zone with parallel aisles and a cross aisle at each end (Ratliff and Rosenthal, "Order-picking in a
rectangular warehouse", Operations Research 31, 1983; de Koster, Le-Duc and Roodbergen, "Design and control of warehouse order
picking", European Journal of Operational Research 182, 2007). Racks are numbered from the front, so a picker leaves an aisle at
its front, before rack 1, or at its back, after the last rack of the walk. The width of an aisle does not count, nor does the bin:
both sides and all levels of a rack are one place.
"""

from dataclasses import dataclass

AISLE_STEP = (
    3  # from one aisle to the next along a cross aisle, in racks: an aisle and two rows of racks are 4 m, a rack 1.3 m
)
MOST_AISLES = MOST_RACKS = 999


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """The place of a sku in a node. A zone is walked apart from other zones."""

    zone: str
    aisle: int
    rack: int
    bin: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A rack in an aisle: where a picker stands. The front of the first aisle, where each walk begins and ends, is rack 0."""

    aisle: int
    rack: int


START = Place(1, 0)


def distance(one: Place, other: Place, back: int) -> int:
    """Return the way between two places of a zone, in racks. `back` is the rack behind which the cross aisle at the back is."""
    if one.aisle == other.aisle:
        return abs(one.rack - other.rack)
    through_front, through_back = one.rack + other.rack, 2 * back - one.rack - other.rack
    return AISLE_STEP * abs(one.aisle - other.aisle) + min(through_front, through_back)
