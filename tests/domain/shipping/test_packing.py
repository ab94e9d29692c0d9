"""Cartons are suggested as routing prices them, and packed cartons are checked by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.shipping import cartons
from comanda.domain.shipping.cartons import Carton, packages
from comanda.domain.shipping.packing import Goods, ListedCarton, PackedCarton, problems, suggest

LARGEST = Carton(max_g=20_000, inside_mm=(600, 400, 400))
SMALL = ListedCarton(carton_id="S", inside_mm=(200, 150, 100), max_g=2_000)
LARGE = ListedCarton(carton_id="L", inside_mm=(600, 400, 400), max_g=20_000)
COLD = ListedCarton(carton_id="ICE", inside_mm=(300, 300, 300), max_g=10_000, tags=frozenset({"cold"}))
HUGE = ListedCarton(carton_id="XXL", inside_mm=(900, 400, 400), max_g=50_000)
LIST = (LARGE, HUGE, COLD, SMALL)


def tea(units: int = 1, **more: object) -> Goods:
    return Goods(**{"line_id": "1", "units": units, "grams": 250, "dims": (100, 80, 60)} | more)  # type: ignore[arg-type]


def test_goods_get_the_smallest_carton_that_takes_them():
    (one,) = suggest([tea(2)], LARGEST, LIST)

    assert (one.carton, one.count, one.contents, one.grams) == (SMALL, 1, (("1", 2),), 500)


def test_as_many_cartons_as_routing_prices_when_the_list_has_the_services_largest():
    goods = [tea(400), tea(7, line_id="2", grams=9_000, dims=(300, 300, 300))]

    found = suggest(goods, LARGEST, LIST)

    priced = cartons.pack([(one.units, one.grams, one.dims) for one in goods], LARGEST)
    assert sum(one.count for one in found) == packages(priced)


def test_cold_goods_travel_in_a_carton_that_is_made_for_them_and_apart():
    found = suggest([tea(1), tea(1, line_id="2", tags=frozenset({"cold"}))], LARGEST, LIST)

    assert [(one.carton, one.contents) for one in found] == [(SMALL, (("1", 1),)), (COLD, (("2", 1),))]


def test_goods_without_a_size_are_named_and_get_no_carton():
    (one,) = suggest([tea(1), tea(1, line_id="2", dims=None)], LARGEST, LIST)

    assert (one.carton, one.unknown_sizes, one.grams) == (None, ("2",), 500)


def test_a_carton_that_the_carrier_does_not_take_is_not_suggested():
    (one,) = suggest([tea(1, dims=(800, 100, 100))], LARGEST, LIST)

    assert one.carton is None


def test_without_a_list_parcels_are_those_of_the_price_and_have_no_carton():
    (one,) = suggest([tea(3)], LARGEST, ())

    assert (one.carton, one.contents) == (None, (("1", 3),))


SIDES = st.integers(1, 700)
DIMS = st.tuples(SIDES, SIDES, SIDES)
LINES = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 6_000), st.none() | DIMS, st.sampled_from(["", "cold", "hazmat"])),
    max_size=8,
)
LISTS = st.lists(
    st.tuples(DIMS, st.integers(1, 30_000), st.sets(st.sampled_from(["cold", "hazmat"])), st.integers(1, 100)),
    max_size=5,
)


@given(LINES, LISTS)
def test_suggestions_hold_all_units_and_no_carton_takes_too_much(lines, listed):
    goods = [
        Goods(line_id=str(i), units=units, grams=grams, dims=dims, tags=frozenset({tag} - {""}))
        for i, (units, grams, dims, tag) in enumerate(lines)
    ]
    known = [
        ListedCarton(carton_id=str(i), inside_mm=dims, max_g=max_g, tags=frozenset(tags), fill_percent=fill)
        for i, (dims, max_g, tags, fill) in enumerate(listed)
    ]

    found = suggest(goods, LARGEST, known)

    held: dict[str, int] = {}
    by_line = {one.line_id: one for one in goods}
    for one in found:
        for line_id, units in one.contents:
            held[line_id] = held.get(line_id, 0) + units * one.count
            assert by_line[line_id].tags == one.tags
        assert one.grams == sum(by_line[line_id].grams * units for line_id, units in one.contents)
        if one.carton:
            packed = PackedCarton(
                pointer="/p",
                package_id="p",
                carton=one.carton.carton_id,
                grams=one.grams,
                lines=tuple(dict(one.contents)),
            )
            tags = {line_id: by_line[line_id].tags for line_id in dict(one.contents)}
            assert problems([packed], {one.carton_id: one for one in known}, tags) == []
    assert held == {one.line_id: one.units for one in goods}


@pytest.mark.parametrize(
    ("packed", "field", "code", "says"),
    [
        ({"carton": "M"}, "/p/carton_id", "unknown-carton", "M is no carton of the list"),
        ({"carton": "S", "lines": ("2",)}, "/p/carton_id", "wrong-carton", "tag cold, and S is not made for it"),
        ({"lines": ("2",)}, "/p/carton_id", "wrong-carton", "tag cold, and no carton is named"),
        ({"carton": "S", "grams": 2_001}, "/p/weight_g", "too-heavy", "weighs 2001 g, its carton takes 2000 g"),
        ({"grams": 31, "most_g": 30}, "/p/weight_g", "too-heavy", "weighs 31 g, its carrier takes 30 g"),
    ],
)
def test_a_wrong_carton_is_refused_by_name(packed, field, code, says):
    known = {one.carton_id: one for one in LIST}

    (found,) = problems([PackedCarton(pointer="/p", package_id="P1", **packed)], known, {"2": frozenset({"cold"})})

    assert (found.pointer, found.code) == (field, code)
    assert says in found.message
