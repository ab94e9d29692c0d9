"""A wanted day that is past, too far ahead or contradictory is refused, for orders and promises alike."""

from datetime import UTC, datetime

import pytest

from comanda.domain.wanted_days import problems

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("deliver_by", "not_before", "wrong"),
    [
        (None, None, []),
        ("2026-11-18", None, []),  # somewhere it is still that day
        ("2026-11-17", None, [("/deliver_by", "in-the-past")]),
        ("2001-01-01", None, [("/deliver_by", "in-the-past")]),
        (None, "2026-10-01", []),
        (None, "2001-01-01", [("/not_before", "too-long-ago")]),
        ("2026-12-01", "2026-12-01", []),
        ("2026-12-01", "2026-12-02", [("/not_before", "after-deliver-by")]),
        ("9999-12-31", None, [("/deliver_by", "too-far")]),
        (None, "2050-01-01", [("/not_before", "too-far")]),
    ],
)
def test_a_wanted_day_that_cannot_be_is_refused(
    deliver_by: str | None, not_before: str | None, wrong: list[tuple[str, str]]
) -> None:
    assert [(p.pointer, p.code) for p in problems(deliver_by, not_before, NOW)] == wrong
