"""Requests run at once, as many as the other side can take, and each runs once."""

import threading

import pytest

from local.width import Width


def test_every_job_is_done_once_and_answers_keep_their_order() -> None:
    jobs = [lambda n=n: n for n in range(100)]

    assert list(Width(8).run(jobs)) == list(range(100))


def test_slow_answers_reduce_the_requests_at_once_and_fast_ones_raise_them_again() -> None:
    seconds = iter([5.0] * 4 + [0.1] * 20)
    width = Width(8)

    for taken in seconds:
        width._under_way += 1
        width._ended(taken)
        if taken == 5.0:
            assert width.now in (1, 2, 4)

    assert width.now == 8


def test_no_more_requests_than_the_width_run_at_once() -> None:
    width, most, now, guard = Width(8), [], [0], threading.Lock()
    width.now = 2

    def job() -> None:
        with guard:
            now[0] += 1
            most.append(now[0])
        threading.Event().wait(0.01)
        with guard:
            now[0] -= 1

    width._ended = lambda _seconds: _released(width)  # type: ignore[method-assign]
    list(width.run([job] * 20))

    assert max(most) <= 2


def _released(width: Width) -> None:
    with width._changed:
        width._under_way -= 1
        width._changed.notify_all()


def test_the_first_error_is_raised_and_later_jobs_are_not_begun() -> None:
    done = []

    def fails() -> None:
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        list(Width(1).run([fails, *(lambda n=n: done.append(n) for n in range(50))]))

    assert len(done) < 50
