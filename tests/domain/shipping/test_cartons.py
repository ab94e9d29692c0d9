"""Goods are packed by exact weight and by volume with air, and no unit is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.shipping.cartons import Carton, Parcel, pack, packages

SHOEBOX = Carton(max_g=5_000, inside_mm=(400, 300, 200), fill_percent=80)  # 24 litres, 19.2 of goods


@pytest.mark.parametrize(
    ("kinds", "parcels"),
    [
        ([(2, 500, (200, 100, 100))], [Parcel(units=2, grams=1_000, mm3=5_000_000)]),  # 4 litres of goods in 5
        ([(3, 2_000, None)], [Parcel(units=2, grams=4_000), Parcel(units=1, grams=2_000)]),
        ([(200, 100, None)], [Parcel(units=50, grams=5_000, count=4)]),
        # 8 litres each: two to a carton, which is not larger than a carton
        ([(3, 10, (200, 200, 200))], [Parcel(units=2, grams=20, mm3=20_000_000), Parcel(grams=10, mm3=10_000_000)]),
        # as long as the carton, turned; and longer than it
        ([(1, 10, (100, 100, 400))], [Parcel(grams=10, mm3=5_000_000)]),
        ([(2, 10, (100, 100, 401))], [Parcel(grams=10, mm3=4_010_000, count=2)]),
        ([(1, 5_001, (10, 10, 10))], [Parcel(grams=5_001, mm3=1_000)]),
        # as large as the carton: alone in it
        ([(2, 10, (400, 300, 200))], [Parcel(grams=10, mm3=24_000_000, count=2)]),
        ([], [Parcel(units=0, grams=0)]),
    ],
)
def test_goods_are_packed_by_weight_and_by_volume_with_air(kinds, parcels):
    assert pack(kinds, SHOEBOX) == tuple(parcels)


def test_small_goods_fill_up_the_cartons_of_large_ones():
    parcels = pack([(3, 3_000, None), (5, 1_000, None)], SHOEBOX)

    # two of the three take two kilograms more, the last one takes one: five cartons by kind are three in all
    assert parcels == (Parcel(units=3, grams=5_000, count=2), Parcel(units=2, grams=4_000))


def test_goods_of_unknown_size_are_packed_by_weight_and_without_a_carton_so_is_everything():
    assert packages(pack([(10, 400, None), (1, 900, (200, 200, 200))], SHOEBOX)) == 1
    assert pack([(4, 1_000, (400, 400, 400))], Carton(max_g=4_000)) == (Parcel(units=4, grams=4_000, mm3=320_000_000),)


SIDES = st.integers(1, 600)
KINDS = st.lists(
    st.tuples(st.integers(1, 300), st.integers(0, 6_000), st.none() | st.tuples(SIDES, SIDES, SIDES)), max_size=12
)
CARTONS = st.builds(
    Carton,
    max_g=st.integers(1, 5_000),
    inside_mm=st.none() | st.tuples(SIDES, SIDES, SIDES),
    fill_percent=st.integers(1, 100),
)


@given(KINDS, CARTONS)
def test_no_unit_and_no_gram_is_lost_and_no_shared_carton_is_too_full(kinds, carton):
    parcels = pack(kinds, carton)

    assert sum(p.units * p.count for p in parcels) == sum(units for units, _, _ in kinds)
    assert sum(p.grams * p.count for p in parcels) == sum(units * grams for units, grams, _ in kinds)
    for parcel in parcels:
        if parcel.units > 1:
            assert parcel.grams <= carton.max_g
            if carton.inside_mm:
                # its goods, without the air that its size has
                assert parcel.mm3 * carton.fill_percent // 100 <= carton.usable_mm3
        elif parcel.grams > carton.max_g:
            assert parcel.grams in {grams for _, grams, _ in kinds}


@given(st.permutations([(3, 100, None), (3, 100, (9, 9, 9)), (1, 700, None), (7, 0, None), (2, 2_000, (1, 1, 9))]))
def test_the_same_goods_in_any_order_make_the_same_parcels(kinds):
    carton = Carton(max_g=1_000, inside_mm=(20, 20, 20))

    assert pack(kinds, carton) == pack(sorted(kinds, key=str), carton)


@given(KINDS, CARTONS)
def test_goods_take_at_most_twice_the_cartons_that_their_weight_needs(kinds, carton):
    """Goods take one carton more at most, and never more cartons than units."""
    light = [(units, min(grams, carton.max_g), None) for units, grams, _ in kinds if grams]

    parcels = pack(light, carton)

    assert packages(parcels) <= max(1, sum(units for units, _, _ in light))
    assert packages(parcels) * carton.max_g <= 2 * sum(units * grams for units, grams, _ in light) + carton.max_g
