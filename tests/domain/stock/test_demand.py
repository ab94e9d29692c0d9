"""Demand rates and suggestions equal examples worked by hand, and those of the textbooks that the module names."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.stock import demand

ONCE_A_WEEK = (0, 0, 0, 0, 0, 0, 3) * 8
histories = st.lists(st.integers(0, 60), max_size=90)


def test_safety_stock_grows_with_the_root_of_the_lead_time():
    """2,500 a week with a sigma of 500, two weeks, 90 % of cycles: 1.2816 x 500 x 1.4142 = 906."""
    kept = demand.safety_stock(demand.normal_quantile(0.90), 500, 2)

    assert round(kept) == 906
    assert round(demand.reorder_point(2500, 2, kept)) == 5906


def test_a_varying_lead_time_needs_far_more_safety_stock_than_demand_alone():
    """2,500 a day with a sigma of 500, seven days with a sigma of seven: root(7 x 500^2 + 2,500^2 x 7^2) = 17,550."""
    kept = demand.safety_stock(demand.normal_quantile(0.90), 500, 7, rate=2500, lead_sigma=7)

    assert kept / demand.normal_quantile(0.90) == pytest.approx(17_550, abs=0.5)
    assert round(kept) == 22_491


@pytest.mark.parametrize(("service", "sigmas"), [(0.5, 0.0), (0.9, 1.2816), (0.95, 1.6449), (0.99, 2.3263)])
def test_the_service_level_gives_the_number_of_sigmas(service, sigmas):
    assert demand.normal_quantile(service) == pytest.approx(sigmas, abs=5e-5)


@pytest.mark.parametrize("service", [0.49, 1.0, 95])
def test_a_service_level_is_a_share_of_half_or_more_and_never_all(service):
    with pytest.raises(ValueError, match="service level"):
        demand.normal_quantile(service)


def test_crostons_rate_is_the_smoothed_size_divided_by_the_smoothed_interval():
    """4 on the third day, 2 four days later: size 4 - 0.1 x 2 = 3.8, interval 3 + 0.1 x 1 = 3.1."""
    history = (0, 0, 4, 0, 0, 0, 2)

    assert demand.croston(history) == pytest.approx(3.8 / 3.1)
    assert demand.sba(history) == pytest.approx(0.95 * 3.8 / 3.1)


def test_days_without_demand_lower_crostons_rate_only_with_the_next_demand():
    assert demand.croston((0, 2, 0, 0, 0)) == demand.croston((0, 2)) == 1.0


def test_the_same_demand_every_day_is_its_own_rate():
    assert demand.croston((5,) * 30) == pytest.approx(5)
    assert demand.suggest((5,) * 30, lead_days=4) == demand.Suggestion(
        pattern=demand.SMOOTH, rate=5.0, sigma=0.0, safety_stock=0, reorder_point=20
    )


@pytest.mark.parametrize(
    ("history", "pattern"),
    [
        ((5, 6, 4, 5, 5, 6), demand.SMOOTH),
        ((1, 40, 2, 1, 35, 1), demand.ERRATIC),
        (ONCE_A_WEEK, demand.INTERMITTENT),
        ((0, 0, 1, 0, 0, 40, 0, 0, 1), demand.LUMPY),
        ((0, 0, 0), demand.NONE),
        ((), demand.NONE),
    ],
)
def test_demand_is_classified_by_its_interval_and_its_variation(history, pattern):
    assert demand.pattern(history) == pattern


def test_weekly_demand_is_forecast_below_crostons_rate():
    found = demand.suggest(ONCE_A_WEEK, lead_days=14)

    assert found.rate == pytest.approx(0.95 * 3 / 7)
    assert found.reorder_point > found.safety_stock > 0


def test_a_sku_without_demand_needs_no_stock():
    nothing = demand.Suggestion(pattern=demand.NONE, rate=0.0, sigma=0.0, safety_stock=0, reorder_point=0)

    assert demand.suggest((), lead_days=14) == nothing
    assert demand.suggest((0,) * 90, lead_days=14) == nothing


@given(histories, st.integers(1, 60), st.integers(0, 10))
def test_a_suggestion_is_never_negative_and_orders_no_later_than_its_safety_stock(history, lead_days, lead_sigma):
    found = demand.suggest(history, lead_days=lead_days, lead_sigma=lead_sigma)

    assert found.rate >= 0
    assert 0 <= found.safety_stock <= found.reorder_point


@given(histories, st.integers(1, 60))
def test_a_varying_lead_time_never_needs_less(history, lead_days):
    steady = demand.suggest(history, lead_days=lead_days)
    varying = demand.suggest(history, lead_days=lead_days, lead_sigma=lead_days / 2)

    assert varying.safety_stock >= steady.safety_stock


@given(st.lists(st.integers(1, 60), min_size=1, max_size=90))
def test_demand_every_day_has_an_interval_of_one_so_croston_is_plain_smoothing(history):
    smoothed = float(history[0])
    for units in history[1:]:
        smoothed += demand.ALPHA * (units - smoothed)

    assert demand.croston(history) == pytest.approx(smoothed)
    assert min(history) - 1e-9 <= demand.croston(history) <= max(history) + 1e-9
    assert demand.suggest(history, lead_days=1).rate in (fmean(history), demand.sba(history))
