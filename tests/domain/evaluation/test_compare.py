"""Test how sure a difference is: against published tables, and on orders that two rule sets sent differently."""

from math import inf

import pytest

from comanda.domain.evaluation.compare import ENOUGH, Pair, interval, measures, paired, share, t_quantile


@pytest.mark.parametrize(
    ("freedom", "published"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (10, 2.228), (29, 2.045), (30, 2.042), (120, 1.980)],
)
def test_the_quantiles_are_those_of_the_tables(freedom, published):
    assert t_quantile(freedom) == pytest.approx(published, abs=0.0006)


def test_the_quantile_of_many_degrees_of_freedom_is_the_normal_one():
    assert t_quantile(400) == pytest.approx(1.966, abs=0.0006)
    assert t_quantile(10_000) == pytest.approx(1.960, abs=0.0006)


def test_students_own_sleep_data_give_his_interval():
    """Student (1908), the second drug against the first, hours of sleep of ten patients: 1.58, from 0.70 to 2.46."""
    more = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]

    found = interval(more)

    assert (found.n, found.says) == (10, "too few")
    assert [found.mean, found.low, found.high] == pytest.approx([1.58, 0.7001, 2.4599], abs=0.0005)


def test_one_order_says_nothing():
    assert interval([5.0]).low == -inf
    assert interval([5.0]).says == "too few"


@pytest.mark.parametrize(
    ("values", "says"),
    [([1, 2] * 15, "more"), ([-1, -2] * 15, "less"), ([1, -1] * 15, "no difference shown"), ([1, 2] * 14, "too few")],
)
def test_an_interval_says_more_less_no_difference_or_too_few(values, says):
    assert interval(values).says == says


def test_a_share_has_wilsons_interval():
    """Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, 0.2553 to 0.3662; 0 of 20, 0 to 0.1611."""
    most, none = share(81, 263), share(0, 20)

    assert [most.low, most.high] == pytest.approx([0.2553, 0.3662], abs=0.00005)
    assert [none.low, none.high] == pytest.approx([0, 0.1611], abs=0.00005)
    assert (share(0, 0).low, share(0, 0).high) == (0, 1)


def an_outcome(node="near", shipping=5_000_000, **changes):
    parts = {"shipping": shipping}
    fields = {
        "fulfillments": [[node, "SHIP", "STANDARD", 1, "2026-11-24"]],
        "shipments": 1,
        "left_over": 0,
        "modelled_micros": parts,
        "priced_micros": parts,
        "packages": 1,
        "carbon_g": 100,
        "deliver_on": "2026-11-24",
    }
    return fields | changes


def a_pair(live, shadow):
    return Pair(placed_on="2026-11-19", live=live, shadow=shadow)


def test_orders_are_compared_each_with_itself():
    pairs = [
        a_pair(an_outcome(shipping=n * 1_000_000), an_outcome("far", shipping=n * 1_000_000 + 500_000, carbon_g=300))
        for n in range(1, ENOUGH + 1)
    ]

    found = {one.name: one for one in measures(pairs, {"near": 0.1, "far": 0.0})}

    assert found["priced shipping"].live == 15_500_000
    assert (found["priced"].difference.mean, found["priced"].difference.low) == (500_000, 500_000)
    assert found["priced"].difference.says == "more"
    assert (found["carbon g"].live, found["carbon g"].shadow) == (100, 300)
    assert (found["days"].live, found["days"].difference.says) == (5, "no difference shown")
    assert found["expected to be given back"].difference.mean == pytest.approx(-0.1)
    assert "priced lateness" not in found


def test_a_figure_that_only_one_of_both_has_is_left_out_for_that_order():
    pairs = [
        a_pair(an_outcome(), an_outcome(deliver_on=None)),
        a_pair(an_outcome(), an_outcome(deliver_on="2026-11-21")),
    ]

    found = {one.name: one for one in measures(pairs)}

    assert (found["days"].difference.n, found["days"].difference.mean) == (1, -3)
    assert found["shipments"].difference.n == 2
    assert "expected to be given back" not in found


def test_no_orders_have_no_measures():
    assert measures([]) == []
    assert paired("labels", []) is None
