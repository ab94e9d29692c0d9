"""Test the steps that are run at once."""

from threading import Barrier

import pytest

from comanda.aws.runtime.concurrently import run_concurrently


def test_results_come_in_the_order_of_their_steps_which_run_at_once() -> None:
    both = Barrier(2, timeout=60)

    def step(result: int) -> int:
        both.wait()
        return result

    first, second = run_concurrently([lambda: step(1), lambda: step(2)])

    assert (first(), second()) == (1, 2)


def test_an_error_is_raised_where_its_result_is_asked_for() -> None:
    def fail() -> int:
        raise LookupError

    good, bad = run_concurrently([lambda: 1, fail])

    assert good() == 1
    with pytest.raises(LookupError):
        bad()
