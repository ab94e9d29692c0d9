"""A command reports how long each of its parts took."""

import pytest

from local.parts import Parts


def test_parts_are_printed_in_their_order_and_added_up() -> None:
    times = iter((0.0, 58.2, 58.2, 91.0, 91.0, 93.0))
    parts = Parts(lambda: next(times))

    for name in ("template", "orders", "template"):
        with parts.part(name):
            pass

    assert str(parts) == "template 60 s, orders 33 s; together 93 s"


def test_a_part_that_fails_is_counted_too() -> None:
    times = iter((0.0, 4.0))
    parts = Parts(lambda: next(times))

    with pytest.raises(ValueError, match="late"), parts.part("orders"):
        raise ValueError("late")

    assert parts.seconds == {"orders": 4.0}
