"""Test that proven answers are HiGHS's answers, on orders of each kind; `bench` does it on thousands."""

import pytest

from comanda.domain.optimizer.solve import solve

pytest.importorskip("highspy")

from bench.router_instances import an_instance, mixed
from bench.router_oracle import optimum

SEEDS = range(100_000, 100_075)
CLOSE = 1e-6  # HiGHS computes in floating point


@pytest.mark.parametrize("first", SEEDS[::15])
def test_a_proven_cost_is_the_cost_that_highs_finds(first):
    proven = 0
    for seed in range(first, first + 15):
        instance = an_instance(mixed(seed, most_nodes=80), seed)

        ours, theirs = solve(instance), optimum(instance)

        left = sum(pieces for _, pieces in ours.leftovers)
        assert theirs.closed
        assert left >= theirs.left
        if left == theirs.left:
            assert ours.cost >= theirs.cost * (1 - CLOSE) - 20
        assert ours.lower_bound <= theirs.cost * (1 + CLOSE) + 20
        if ours.proven:
            assert left == theirs.left
            assert ours.cost == pytest.approx(theirs.cost, rel=CLOSE, abs=20)
            proven += 1
    assert proven >= 14
