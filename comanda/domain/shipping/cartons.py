"""
Pack goods into cartons, so that a shipment is priced by the parcels that it will have.

Weight is exact. Volume is not packed geometrically: a carton takes goods of `fill_percent` of its inside, and a parcel is as
large as its goods with that air around them, at most the carton. A unit that is longer than the carton, or too heavy for it,
travels without one. Goods of one kind are counted, so the work does not grow with their number.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

type Dims = tuple[int, int, int]  # millimetres, in any order
type Kind = tuple[int, int, Dims | None]  # units, grams of one, its size where it is known

OPEN = 6  # piles of equal cartons that still take goods; earlier piles are closed
_ENDLESS = 10**18


@dataclass(frozen=True, slots=True, kw_only=True)
class Carton:
    """The largest carton that a service takes. Without a size only weight limits its goods."""

    max_g: int
    inside_mm: Dims | None = None
    fill_percent: int = 80

    @property
    def usable_mm3(self) -> int:
        """Return the cubic millimetres of goods that the carton takes."""
        return volume(self.inside_mm) * self.fill_percent // 100 if self.inside_mm else _ENDLESS

    def takes(self, grams: int, dims: Dims | None) -> bool:
        """Return True if one unit fits into the empty carton, turned as needed."""
        if self.inside_mm is None or dims is None:
            return grams <= self.max_g
        return grams <= self.max_g and all(
            side <= inside for side, inside in zip(sorted(dims), sorted(self.inside_mm), strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A number of equal parcels. `grams`, `mm3`, `units` and `contents` are of one of them. `mm3` is 0 if no size is known.

    `contents` are (place of the kind among the goods that were packed, units). They do not count when parcels are compared.
    """

    grams: int
    mm3: int = 0
    units: int = 1
    count: int = 1
    contents: tuple[tuple[int, int], ...] = field(default=(), compare=False)


@dataclass(slots=True, kw_only=True)
class _Pile:
    """A number of equal cartons while they are filled: the contents of each, and its room."""

    count: int
    units: int
    grams: int
    mm3: int
    room_g: int
    room_mm3: int
    contents: tuple[tuple[int, int], ...] = ()


def pack(kinds: Iterable[Kind], carton: Carton) -> tuple[Parcel, ...]:
    """Pack goods into parcels, the bulkiest first, each into the first open carton with room.

    There is always at least one parcel. The order of the goods does not change the parcels.
    """
    usable = carton.usable_mm3
    whole: list[Parcel] = []
    piles: list[_Pile] = []
    first_open = 0
    rest = sorted(
        (
            (units, grams, volume(dims), carton.takes(grams, dims), at)
            for at, (units, grams, dims) in enumerate(kinds)
            if units > 0
        ),
        key=lambda kind: (-max(kind[1] * usable, kind[2] * carton.max_g), -kind[1], -kind[2], kind[0]),
    )
    for units, grams, mm3, fits, at in rest:
        if not fits:
            whole.append(Parcel(grams=grams, mm3=mm3, count=units, contents=((at, 1),)))
            continue
        left = _top_up(piles, first_open, units, grams, mm3, at)
        if left:
            _open(piles, carton.max_g, usable, left, grams, mm3, at)
        first_open = max(first_open, len(piles) - OPEN)
    filled = [
        Parcel(
            grams=pile.grams,
            mm3=_boxed(pile.mm3, carton),
            units=pile.units,
            count=pile.count,
            contents=pile.contents,
        )
        for pile in piles
    ]
    return (*whole, *filled) or (Parcel(grams=0, units=0),)


def volume(dims: Dims | None) -> int:
    """Return the cubic millimetres of a size, 0 where it is unknown."""
    return dims[0] * dims[1] * dims[2] if dims else 0


def packages(parcels: Iterable[Parcel]) -> int:
    """Return the number of parcels."""
    return sum(parcel.count for parcel in parcels)


def _top_up(piles: list[_Pile], first: int, units: int, grams: int, mm3: int, kind: int) -> int:
    """Put units into open cartons, and return the number of units that are left."""
    for at in range(first, len(piles)):
        pile = piles[at]
        if pile.room_g < grams or pile.room_mm3 < mm3:
            continue
        each = min(pile.room_g // grams if grams else units, pile.room_mm3 // mm3 if mm3 else units)
        filled, odd = divmod(units, each)
        if filled >= pile.count:
            _add(pile, each, grams, mm3, kind)
            units -= each * pile.count
        else:  # some cartons are filled, one gets the remainder, and the rest of the pile stays as it is
            others = pile.count - filled - (1 if odd else 0)
            parts = [(filled, each), (1 if odd else 0, odd), (others, 0)]
            grown = [_like(pile, count, inside, grams, mm3, kind) for count, inside in parts if count]
            piles[at : at + 1] = grown
            return 0
        if not units:
            return 0
    return units


def _open(piles: list[_Pile], max_g: int, usable: int, units: int, grams: int, mm3: int, kind: int) -> None:
    """Open full cartons for units that each fit into a carton, and one carton for the remainder."""
    each = min(max_g // grams if grams else units, max(1, usable // mm3) if mm3 else units)
    empty = _Pile(count=1, units=0, grams=0, mm3=0, room_g=max_g, room_mm3=usable)
    full, odd = divmod(units, each)
    if full:
        piles.append(_like(empty, full, each, grams, mm3, kind))
    if odd:
        piles.append(_like(empty, 1, odd, grams, mm3, kind))


def _like(pile: _Pile, count: int, units: int, grams: int, mm3: int, kind: int) -> _Pile:
    made = _Pile(
        count=count,
        units=pile.units,
        grams=pile.grams,
        mm3=pile.mm3,
        room_g=pile.room_g,
        room_mm3=pile.room_mm3,
        contents=pile.contents,
    )
    if units:
        _add(made, units, grams, mm3, kind)
    return made


def _add(pile: _Pile, units: int, grams: int, mm3: int, kind: int) -> None:
    pile.units += units
    pile.contents = (*pile.contents, (kind, units))
    pile.grams += units * grams
    pile.mm3 += units * mm3
    pile.room_g -= units * grams
    pile.room_mm3 = max(0, pile.room_mm3 - units * mm3)  # one unit may have more than the usable volume


def _boxed(mm3: int, carton: Carton) -> int:
    """Return the cubic millimetres of a parcel with goods of so many."""
    with_air = -(-mm3 * 100 // carton.fill_percent)
    return min(with_air, volume(carton.inside_mm)) if carton.inside_mm else with_air
