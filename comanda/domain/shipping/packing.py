"""
Suggest cartons for goods that a node packs, and check the cartons that it has packed.

Goods are packed as routing prices them (comanda.domain.shipping.cartons), with two rules more. Goods that must have different
tags of a carton share none, and no parcel is larger than the largest carton of the list that may be used.

Called by   functions/fulfill
Returns     suggestions; problems by the field of the request
Raises      nothing
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from comanda.domain.errors import Problem
from comanda.domain.shipping import cartons
from comanda.domain.shipping.cartons import Carton, Dims, Parcel

type Tags = frozenset[str]
NO_TAGS: Tags = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCarton:
    """A carton of the retailer's list. `tags` name goods that it is made for, such as hazmat or cold."""

    carton_id: str
    inside_mm: Dims
    max_g: int
    fill_percent: int = 80
    tags: Tags = NO_TAGS

    @property
    def rule(self) -> Carton:
        """Return the carton as goods are packed into it."""
        return Carton(max_g=self.max_g, inside_mm=self.inside_mm, fill_percent=self.fill_percent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Units of a line: grams and size of one, None where the size is unknown, and the tags that their carton must have."""

    line_id: str
    units: int
    grams: int
    dims: Dims | None = None
    tags: Tags = NO_TAGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A number of equal parcels. `contents` are (line id, units) of one of them.

    `carton` is None where no carton of the list takes the goods, and where `unknown_sizes` names lines without a size.
    """

    carton: ListedCarton | None
    count: int
    contents: tuple[tuple[str, int], ...]
    grams: int
    tags: Tags
    unknown_sizes: tuple[str, ...]


def suggest(goods: Iterable[Goods], largest: Carton, listed: Iterable[ListedCarton]) -> tuple[Suggestion, ...]:
    """Return the cartons for goods. `largest` is the carton of the carrier's service, which no parcel may exceed."""
    by_tags: dict[Tags, list[Goods]] = {}
    for one in goods:
        if one.units > 0:
            by_tags.setdefault(one.tags, []).append(one)
    usable = [carton for carton in listed if _is_within(carton, largest)]
    found: list[Suggestion] = []
    for tags in sorted(by_tags, key=sorted):
        own = sorted(
            (carton for carton in usable if tags <= carton.tags),
            key=lambda one: (one.rule.usable_mm3, len(one.tags), one.max_g, one.carton_id),
        )
        group = by_tags[tags]
        kinds = [(one.units, one.grams, one.dims) for one in group]
        found += [_suggestion(parcel, group, own) for parcel in cartons.pack(kinds, _limit(largest, own))]
    return tuple(found)


def _is_within(carton: ListedCarton, largest: Carton) -> bool:
    """Return True if the carrier takes a carton of the list: it is not longer in any way than the service's largest."""
    if largest.inside_mm is None:
        return True
    return all(a <= b for a, b in zip(sorted(carton.inside_mm), sorted(largest.inside_mm), strict=True))


def _limit(largest: Carton, own: Sequence[ListedCarton]) -> Carton:
    """Return the carton that goods are packed by: the largest one of the list, or without a list that of the service."""
    if not own:
        return largest
    last = own[-1]
    return Carton(max_g=min(largest.max_g, last.max_g), inside_mm=last.inside_mm, fill_percent=last.fill_percent)


def _suggestion(parcel: Parcel, goods: Sequence[Goods], own: Sequence[ListedCarton]) -> Suggestion:
    inside = [(goods[at], units) for at, units in parcel.contents]
    unknown = tuple(one.line_id for one, _ in inside if one.dims is None)
    return Suggestion(
        carton=None if unknown else next((carton for carton in own if _holds(carton.rule, inside)), None),
        count=parcel.count,
        contents=tuple((one.line_id, units) for one, units in inside),
        grams=parcel.grams,
        tags=goods[0].tags,
        unknown_sizes=unknown,
    )


def _holds(carton: Carton, inside: Sequence[tuple[Goods, int]]) -> bool:
    """Return True if a carton takes the goods: each unit fits into it, one alone may fill it, and several fill its usable
    part."""
    grams = sum(one.grams * units for one, units in inside)
    mm3 = sum(cartons.volume(one.dims) * units for one, units in inside)
    alone = sum(units for _, units in inside) == 1
    return (
        grams <= carton.max_g
        and (alone or mm3 <= carton.usable_mm3)
        and all(carton.takes(one.grams, one.dims) for one, _ in inside)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedCarton:
    """A package as the node reports it, with the field `pointer` of the request.

    `carton` is empty where none was named, `lines` are the ids of the lines in it. `grams` are what was weighed or, if that
    is more, the weight of the goods. `most_g` is what the carrier's service takes, None where that is not known.
    """

    pointer: str
    package_id: str
    carton: str = ""
    grams: int = 0
    lines: tuple[str, ...] = ()
    most_g: int | None = None


def problems(
    packed: Iterable[PackedCarton], listed: Mapping[str, ListedCarton], tags: Mapping[str, Tags]
) -> list[Problem]:
    """Return what is wrong with packed cartons. `tags` are, by line id, the tags that the goods must have of their carton."""
    return [problem for one in packed for problem in _problems(one, listed, tags)]


def _problems(one: PackedCarton, listed: Mapping[str, ListedCarton], tags: Mapping[str, Tags]) -> Iterator[Problem]:
    carton, at = listed.get(one.carton), f"{one.pointer}/carton_id"
    if one.carton and carton is None:
        message = f"{one.carton} is no carton of the list: GET /v1/cartons shows it"
        yield Problem(pointer=at, code="unknown-carton", message=message)
        return
    has = carton.tags if carton else NO_TAGS
    for line_id in one.lines:
        if lacks := sorted(tags.get(line_id, NO_TAGS) - has):
            what = f"{one.carton} is not made for it" if carton else "no carton is named"
            message = f"line {line_id} needs a carton with the tag {lacks[0]}, and {what}"
            yield Problem(pointer=at, code="wrong-carton", message=message)
    for limit, whose in ((carton.max_g if carton else None, "carton"), (one.most_g, "carrier")):
        if limit is not None and one.grams > limit:
            message = f"package {one.package_id} weighs {one.grams} g, its {whose} takes {limit} g"
            yield Problem(pointer=f"{one.pointer}/weight_g", code="too-heavy", message=message)
