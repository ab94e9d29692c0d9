"""A rate card prices a parcel by zone and billable weight, and the router approximates that price by a straight line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.shipping import rate_cards
from comanda.domain.shipping.cartons import Parcel
from comanda.domain.shipping.rate_cards import RateCard, Tariff
from tests.domain.models.journeys import a_service

NEAR = Tariff(steps=((500, 4_000_000), (1_000, 5_000_000), (5_000, 9_000_000)), per_kg=1_500_000)
FAR = Tariff(steps=((1_000, 8_000_000), (5_000, 15_000_000)), per_kg=2_500_000)
LANE = ("OH", "NY", "100", 800.0)


def a_card(**changes):
    fields = {
        "card_id": "northway-standard",
        "version": 3,
        "currency": "USD",
        "zones": {"near": NEAR, "far": FAR},
        "bands": ((500, "near"), (None, "far")),
        "regions": {("OH", "NY"): "near", ("OH", "CA"): "far"},
        "postal": {("OH", "12"): "far", ("OH", "120"): "near"},
        "dim_divisor": 5_000,
        "round_up_g": 500,
        "per_package": 250_000,
        "fuel_basis_points": 1_000,
    }
    return RateCard(**(fields | changes))


@pytest.mark.parametrize(
    ("lane", "zone"),
    [
        (("OH", "NY", "100", 9_000.0), "near"),
        (("OH", "NY", "121", 9.0), "far"),
        (("OH", "NY", "120", 9_000.0), "near"),  # the longest prefix
        (("OH", "CA", "", 9.0), "far"),
        (("OH", "WA", "981", 500.0), "near"),
        (("OH", "WA", "981", 500.1), "far"),
        (("NV", "NY", "120", 9.0), "near"),  # another origin has only the bands
    ],
)
def test_the_zone_of_a_lane_is_that_of_its_most_exact_row(lane, zone):
    card = a_card()

    assert [card.zone(*lane), card.zone(*lane)] == [zone, zone]  # the second from memory


@pytest.mark.parametrize(
    ("grams", "mm3", "billable"),
    [
        (1, 0, 500),
        (500, 0, 500),
        (501, 0, 1_000),
        (400, 5_000_000, 1_000),  # 5 litres by 5,000 cm3 a kilogram
        (400, 5_000_001, 1_500),
        (1_600, 5_000_000, 2_000),
        (0, 0, 0),
    ],
)
def test_a_parcel_is_charged_for_the_greater_of_weight_and_volume_rounded_up(grams, mm3, billable):
    assert a_card().billable(grams, mm3) == billable
    assert a_card(dim_divisor=None).billable(grams, mm3) == -(-grams // 500) * 500


@pytest.mark.parametrize(
    ("grams", "micros"),
    [(0, 4_000_000), (500, 4_000_000), (501, 5_000_000), (5_000, 9_000_000), (5_001, 10_500_000), (6_001, 12_000_000)],
)
def test_a_step_includes_its_own_weight_and_above_the_last_a_started_kilogram_is_whole(grams, micros):
    assert NEAR.price(grams) == micros


def test_without_a_price_per_kilogram_the_last_step_has_no_end():
    assert Tariff(steps=((1_000, 8_000_000),)).price(90_000) == 8_000_000


def test_each_parcel_pays_its_own_surcharge_and_fuel():
    offer = a_service(card=a_card())
    parcels = (Parcel(grams=900, mm3=2_000_000, units=2, count=3), Parcel(grams=6_200))

    # 3 x (5.00 + 0.25) x 1.1 and 6.5 kg: (9.00 + 2 x 1.50 + 0.25) x 1.1
    assert offer.quote(parcels, *LANE) == 3 * 5_775_000 + 13_475_000
    assert offer.billable_g(parcels) == 3 * 1_000 + 6_500


def test_fuel_is_rounded_half_up_to_the_micro_unit():
    card = a_card(zones={"near": Tariff(steps=((1, 5),)), "far": FAR}, per_package=0)

    assert [replace(card, fuel_basis_points=bp).price("near", 1) for bp in (999, 1_000)] == [5, 6]


def test_a_card_holds_from_its_first_day_until_the_day_that_is_not_included():
    card = a_card(starts="2026-11-22", ends="2027-01-01")

    assert [card.in_force(day) for day in ("2026-11-21", "2026-11-22", "2026-12-31", "2027-01-01")] == [
        False,
        True,
        True,
        False,
    ]
    assert card.key == "northway-standard@3"


# The line that a router draws

STRAIGHT = {"a": Tariff(steps=((1_000, 4_000_000),), per_kg=1_000_000)}


@given(st.integers(1, 30), st.integers(1, 30))
def test_the_line_of_a_card_without_steps_in_between_is_exact_at_both_ends(one, other):
    light, heavy = sorted((one * 1_000, other * 1_000))
    offer = a_service(card=a_card(zones=STRAIGHT, bands=((None, "a"),), regions={}, postal={}, round_up_g=1_000))

    fixed, per_kg = offer.linear(*LANE, light, heavy)

    for grams in (light, heavy):
        assert fixed + per_kg * grams // 1_000 == pytest.approx(
            offer.quote((Parcel(grams=grams),), *LANE), abs=30
        )  # a micro a kilogram
    assert fixed + per_kg * light // 1_000 == offer.quote((Parcel(grams=light),), *LANE)


def test_without_a_card_the_line_is_the_price_itself_with_the_distance_in_its_fixed_part():
    offer = a_service(base=5_000_000, per_km=1_000, per_kg=200_000)

    assert offer.linear(*LANE, 500, 20_000) == (5_000_000 + 800_000, 200_000)
    assert offer.linear(*LANE, 500, 500) == (5_000_000 + 800_000 + 100_000, 0)


@pytest.mark.parametrize("offer", [a_service(base=5_000_000, per_kg=100_000), a_service(card=a_card())])
def test_a_shipment_of_more_than_one_parcel_has_the_price_of_its_parcels_at_the_heavy_end(offer):
    parcels = (Parcel(grams=30_000, count=2), Parcel(grams=10_000))

    fixed, per_kg = offer.linear(*LANE, 1_000, 70_000)

    assert fixed + per_kg * 70 == pytest.approx(offer.quote(parcels, *LANE), abs=100)


def test_a_line_that_would_begin_below_zero_begins_at_zero_and_keeps_its_heavy_end():
    assert rate_cards.chord(1_000, 100, 2_000, 10_000) == (0, 5_000)


def test_cached_lanes_and_lines_are_dropped_before_they_fill_the_memory(monkeypatch):
    monkeypatch.setattr(rate_cards, "MOST_KEPT", 3)
    card = a_card()

    answers = [(card.zone("OH", "NY", f"{n}", 9.0), card.chord("near", n, 9_000, 30_000)) for n in range(9)]

    assert (len(card._lanes), len(card._chords)) == (3, 3)
    assert answers[0] == (a_card().zone("OH", "NY", "0", 9.0), a_card().chord("near", 0, 9_000, 30_000))


STEPS = st.lists(st.tuples(st.integers(1, 5_000), st.integers(0, 3_000_000)), min_size=1, max_size=6).map(
    lambda rises: tuple(
        (sum(g for g, _ in rises[: n + 1]), sum(m for _, m in rises[: n + 1])) for n in range(len(rises))
    )
)
ANY_CARD = st.builds(
    lambda steps, per_kg, divisor, up, fuel: a_card(
        zones={"a": Tariff(steps=steps, per_kg=per_kg)},
        bands=((None, "a"),),
        regions={},
        postal={},
        dim_divisor=divisor,
        round_up_g=up,
        fuel_basis_points=fuel,
    ),
    STEPS,
    st.integers(0, 5_000_000),
    st.none() | st.integers(1_000, 9_000),
    st.integers(1, 1_000),
    st.integers(0, 5_000),
)


@given(ANY_CARD, st.integers(0, 60_000), st.integers(0, 20_000), st.integers(0, 10**8), st.integers(0, 10**8))
def test_a_heavier_or_larger_parcel_never_costs_less(card, grams, more, mm3, larger):
    one = card.price("a", card.billable(grams, mm3))

    assert card.price("a", card.billable(grams + more, mm3)) >= one
    assert card.price("a", card.billable(grams, mm3 + larger)) >= one


@given(ANY_CARD, st.integers(1, 90_000), st.integers(0, 90_000))
def test_both_parts_of_a_line_are_never_negative_and_its_heavy_end_is_the_price(card, light, more):
    offer = a_service(card=card)
    heavy = light + more

    fixed, per_kg = offer.linear(*LANE, light, heavy)

    full, odd = divmod(heavy, 30_000)
    parcels = tuple(p for p in (Parcel(grams=30_000, count=full), Parcel(grams=odd)) if p.count and p.grams)
    assert fixed >= 0
    assert per_kg >= 0
    assert fixed + per_kg * heavy // 1_000 == pytest.approx(offer.quote(parcels, *LANE), abs=1_000)
