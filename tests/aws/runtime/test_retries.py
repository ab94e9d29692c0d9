"""Work is done again when another writer was faster, and its errors are passed on."""

import pytest

from comanda.aws.runtime.retries import retry
from comanda.domain.errors import Busy, NotFound, StaleOrder, StockConflict


class Work:
    """Work that raises these errors one after the other, then returns how often it was tried."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.tries = list(errors), 0

    def __call__(self) -> int:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.tries


def test_work_is_done_again_until_no_other_writer_is_faster():
    assert retry(3, Work()) == 1
    assert retry(3, Work(StaleOrder("o"), StockConflict("s"))) == 3


def test_the_last_lost_race_is_passed_on():
    work = Work(StaleOrder("first"), StaleOrder("second"), StaleOrder("third"))

    with pytest.raises(StaleOrder, match="third"):
        retry(3, work)

    assert work.tries == 3


@pytest.mark.parametrize("error", [NotFound("order", "x"), StockConflict("s")])
def test_an_error_of_another_kind_is_passed_on_at_once(error: Exception):
    work = Work(error)

    with pytest.raises(type(error)):
        retry(3, work, on=StaleOrder)

    assert work.tries == 1


def test_one_try_is_no_second_one():
    with pytest.raises(Busy):
        retry(1, Work(StaleOrder("o")))
