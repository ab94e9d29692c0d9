"""Test that every step of a batch is done, also after one of them failed."""

from typing import NoReturn

import pytest

from comanda.aws.runtime.batch import do_all


def test_all_steps_are_done_before_the_last_error_is_raised_with_the_others_in_its_context() -> None:
    done: list[str] = []

    def fail(name: str) -> NoReturn:
        done.append(name)
        try:
            int(name)
        except ValueError as cause:
            raise LookupError(name) from cause
        raise AssertionError

    with pytest.raises(LookupError, match="third") as raised:
        do_all([lambda: fail("first"), lambda: done.append("second"), lambda: fail("third")])

    third_cause = raised.value.__context__
    assert done == ["first", "second", "third"]
    assert isinstance(third_cause, ValueError)
    assert str(third_cause.__context__) == "first"


def test_an_error_that_is_raised_twice_is_raised_once_more() -> None:
    error = LookupError()

    def fail() -> NoReturn:
        raise error

    with pytest.raises(LookupError) as raised:
        do_all([fail, fail])

    assert raised.value.__context__ is None


def test_a_batch_without_errors_raises_none() -> None:
    do_all([])
    do_all([lambda: 1])
