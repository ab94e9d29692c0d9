"""Test that a request ends before Lambda stops its function."""

from types import SimpleNamespace

import pytest

from comanda.aws.runtime import deadline
from comanda.domain.errors import Unfinished


def a_context(seconds: float) -> SimpleNamespace:
    return SimpleNamespace(get_remaining_time_in_millis=lambda: int(seconds * 1000))


def test_a_request_goes_on_while_there_is_time_for_another_row() -> None:
    deadline.begin(a_context(deadline.RESERVE_SECONDS + 60))

    deadline.check()


def test_a_request_without_time_for_another_row_is_unfinished() -> None:
    deadline.begin(a_context(deadline.RESERVE_SECONDS - 1))

    with pytest.raises(Unfinished):
        deadline.check()

    deadline.begin(None)
    deadline.check()
