"""
Say where the lines and the charges of a sale are taxed. Pure.

A line is taxed at the counter where it is picked up, else at the address to which it goes. What is provided without an address is
taxed at the first counter of the sale. The charges are taxed at the sale's own address if anything goes to an address, else where
the first line is taxed. Drafts, orders and changes of orders have this one rule, so a change alone moves no tax.

Called by   comanda.domain.drafts.taxing and .lifecycle.changes.taxed_places
Returns     spots, which differ when the tax may, and the places that tax tables are asked about
Raises      nothing
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, Self

# ("counter", node id), ("address", country, region, beginning of the postal code), or nothing: it is not known.
type Spot = tuple[str, ...]

UNKNOWN: Spot = ()


class Located(Protocol):
    """Somewhere that an order goes, as coarse as an order keeps it."""

    @property
    def country(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def postal_prefix(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place where a sale is taxed: country (ISO 3166-1), region (ISO 3166-2, without the country) and the beginning of the
    postal code. An empty region or beginning is unknown."""

    country: str
    region: str = ""
    postal_prefix: str = ""

    @classmethod
    def at(cls, there: Located) -> Self:
        return cls(country=there.country, region=there.region, postal_prefix=there.postal_prefix)

    def __str__(self) -> str:
        return ", ".join(part for part in (self.country, self.region, self.postal_prefix) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The way of a line to its customer. `counter` is the node where it is picked up, "" if it is not chosen yet; None: the line is
    sent or provided. `to` is the address of what is not picked up; None: there is none."""

    counter: str | None = None
    to: Located | None = None


class TaxedSale:
    """A sale by the ways of its lines. `own` is its address, None if it has none."""

    def __init__(self, own: Located | None, ways: Iterable[Way]) -> None:
        self.own, self.ways = own, tuple(ways)
        self.counter = next((way.counter for way in self.ways if way.counter), None)

    def of_line(self, way: Way) -> Spot:
        """Return where a line of this way is taxed."""
        if way.counter is None and way.to is not None:
            return _of_address(way.to)
        counter = self.counter if way.counter is None else way.counter
        return ("counter", counter) if counter else UNKNOWN

    def of_charges(self) -> Spot:
        """Return where the charges are taxed."""
        if self.own is not None and (not self.ways or any(way.counter is None for way in self.ways)):
            return _of_address(self.own)
        return next((spot for way in self.ways if (spot := self.of_line(way))), UNKNOWN)


def _of_address(to: Located) -> Spot:
    return ("address", to.country, to.region, to.postal_prefix)


def place_of(spot: Spot, counters: Mapping[str, Place]) -> Place | None:
    """Return the place of a spot, by the places of nodes. None: it is not known."""
    match spot:
        case ("counter", node):
            return counters.get(node)
        case ("address", country, region, postal_prefix):
            return Place(country=country, region=region, postal_prefix=postal_prefix)
    return None
