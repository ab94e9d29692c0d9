"""Test that lines are set and removed one by one, and that a refused line is named as the request has it."""

import pytest

from comanda.domain.drafts.line_steps import as_sent, with_lines
from comanda.domain.errors import Invalid, Problem
from tests.domain.drafts.conftest import a_line

LINES = (a_line("1"), a_line("2"), a_line("3"))


def test_a_line_with_a_known_id_replaces_its_line_and_a_new_one_comes_last():
    found = with_lines(LINES, (a_line("9"), a_line("2", quantity=5)), ["1"])

    assert [(line.line_id, line.quantity) for line in found] == [("2", 5), ("3", 1), ("9", 1)]


@pytest.mark.parametrize(
    ("wanted", "removed", "pointer", "code"),
    [
        ((a_line("9"), a_line("9")), [], "/set_lines/1/line_id", "duplicate"),
        ((a_line("1"),), ["1"], "/remove_lines/0", "duplicate"),
        ((), ["1", "1"], "/remove_lines/1", "duplicate"),
        ((), ["7"], "/remove_lines/0", "unknown-line"),
    ],
)
def test_a_line_that_is_named_wrongly_is_refused(wanted, removed, pointer, code):
    with pytest.raises(Invalid) as refused:
        with_lines(LINES, wanted, removed)

    assert [(p.pointer, p.code) for p in refused.value.problems] == [(pointer, code)]


@pytest.mark.parametrize(
    ("pointer", "sent"),
    [
        ("/lines/1/quantity", "/set_lines/0/quantity"),
        ("/lines/1", "/set_lines/0"),
        ("/lines/0/quantity", "/lines/0/quantity"),
        ("/lines", "/lines"),
        ("/discounts", "/discounts"),
    ],
)
def test_a_problem_stands_where_the_request_has_the_line(pointer, sent):
    problem = Problem(pointer=pointer, code="x", message="x")

    assert as_sent(problem, LINES, (a_line("2"),)).pointer == sent
