"""The modification matrix allows and denies changes by status, level and channel, and says why."""

from dataclasses import replace

import pytest

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.changes.allowed_changes import allowed_changes
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.modifications.denials import AllowedChange
from comanda.domain.lifecycle.modifications.modification_matrix import (
    BUILT_IN,
    POSSIBLE,
    Level,
    Matrix,
    Modification,
    Rule,
)
from comanda.domain.orders.line import merged
from comanda.domain.orders.status import CANCELLABLE, GONE, TRANSACTIONS, Status
from tests.builders import NOW, a_bundle, a_hold_type, a_line, a_node, an_allocation, an_order, offered, placed, worked

S = Status
CANCEL, ORDER, LINE = Modification.CANCEL, Level.ORDER, Level.LINE


def a_rule(*statuses: Status, allow: bool = False, **changes) -> Rule:
    return Rule(modification=CANCEL, allow=allow, statuses=frozenset(statuses), **changes)


def in_status(*parts):
    """Return an order of one line with units in these statuses."""
    units = tuple(an_allocation(n, status) for n, status in parts)
    line = replace(a_line("TEA", sum(n for n, _ in parts)), allocations=merged(units))
    return an_order(line)


def cancels(order, matrix) -> list[AllowedChange]:
    return [row for row in allowed_changes(order, matrix) if row.modification is CANCEL]


def found(order, matrix=Matrix()):  # noqa: B008
    """Return units and codes of a cancel by line, None for the whole order."""
    return {row.line_id: (row.units, [d.code for d in row.denials]) for row in cancels(order, matrix)}


@pytest.mark.parametrize("status", list(Status))
def test_the_built_in_matrix_allows_a_cancel_up_to_picked_and_at_the_counter(status):
    allowed = status in CANCELLABLE
    why = {S.PACKED: "packed", S.CANCELLED: "nothing-left"}.get(status, "left" if status in GONE else "denied")

    changes = found(in_status((2, status)))

    assert changes == {None: (2, []), "1": (2, [])} if allowed else {None: (0, [why]), "1": (0, [why])}


def test_no_matrix_goes_beyond_the_table_of_statuses():
    everything = Matrix(rules=(a_rule(*Status, allow=True),))

    assert everything.allowed(CANCEL, LINE, "web") == frozenset(TRANSACTIONS["cancel"].takes)
    assert BUILT_IN[CANCEL] < POSSIBLE[CANCEL]


def test_the_first_rule_that_names_a_case_decides_it():
    matrix = Matrix(
        rules=(
            a_rule(S.PICKED, levels=frozenset({LINE}), channels=frozenset({"web"}), reason="call us"),
            a_rule(S.PACKED, allow=True, channels=frozenset({"web"})),
            a_rule(S.PICKED, S.PACKED),
        )
    )

    def allows(level, channel):
        return {s for s in (S.PICKED, S.PACKED, S.ACCEPTED) if s in matrix.allowed(CANCEL, level, channel)}

    assert allows(LINE, "web") == {S.PACKED, S.ACCEPTED}
    assert allows(ORDER, "web") == {S.PACKED, S.ACCEPTED}
    assert allows(ORDER, "outlet") == allows(LINE, "outlet") == {S.ACCEPTED}
    assert matrix.reason(CANCEL, LINE, S.PICKED, "web") == "call us"
    assert matrix.reason(CANCEL, ORDER, S.PICKED, "web") == ""
    assert matrix.reason(CANCEL, LINE, S.ACCEPTED, "web") == ""


def test_a_retailer_may_deny_an_earlier_status_and_its_words_are_told():
    matrix = Matrix(rules=(a_rule(S.PICKING, reason="the picker is at the shelf"),))
    order = in_status((2, S.PICKING), (1, S.ACCEPTED))

    whole, line = cancels(order, matrix)

    for row in (whole, line):
        assert (row.units, row.allowed) == (1, True)
        (denial,) = row.denials
        assert (denial.code, denial.quantity, denial.status) == ("denied", 2, S.PICKING)
        assert denial.reason == "the picker is at the shelf"


def test_cancel_does_what_the_answer_says():
    order = placed(an_order(a_line("TEA", 2), a_line("POT", 1)))
    order = worked(offered(order, (a_node("dc-1"), {"1": 2, "2": 1})), "accept", "pick", "pack")
    packed = frozenset({*CANCELLABLE, S.PACKED})

    with pytest.raises(NotAllowed):
        cancel(order, None, "late", "shop", NOW)
    done = cancel(order, None, "late", "shop", NOW, packed)

    assert found(order)[None] == (0, ["packed", "packed"])
    assert found(order, Matrix(rules=(a_rule(S.PACKED, allow=True),)))[None] == (3, [])
    assert done.order.status == "CANCELLED"
    assert [task.queue for task in done.tasks] == ["put-back"]
    with pytest.raises(NotAllowed):
        cancel(order, {"1": 1}, "late", "shop", NOW, frozenset())


def test_a_hold_denies_and_is_named():
    order = placed(an_order(a_line("TEA", 2)))
    order = review.hold(order, a_hold_type("AUDIT", "cancel"), "audit", "office", NOW).saved

    for row in cancels(order, Matrix()):
        assert (row.units, row.allowed) == (0, False)
        assert [(d.code, d.hold_id, d.hold_type) for d in row.denials] == [("held", "h1", "AUDIT")]


def test_the_sets_of_a_bundle_count_at_its_line():
    order = placed(an_order(*a_bundle("SET", 2, 1000, ("POT", 2, 500_000), ("CUP", 4, 500_000))))

    changes = found(order)

    assert changes["b"] == (2, [])
    assert {name: row for name, row in changes.items() if name not in (None, "b")} == {
        "b1": (0, ["bundle"]),
        "b2": (0, ["bundle"]),
    }
