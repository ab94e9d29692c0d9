"""Errors have stable slugs, and carry the facts of a refusal."""

from collections import Counter
from typing import get_args

import pytest

from comanda.domain.errors import Busy, ComandaError, Edge, Invalid, NotAvailable, OutOfStock, Problem, Rejected
from comanda.domain.orders.verdict import Verdict
from tests.builders import (
    an_order,
    placed,
)


def every(kind):
    return {kind, *(x for sub in kind.__subclasses__() for x in every(sub))}


def test_every_problem_has_its_own_slug():
    rejected = [e for e in every(ComandaError) if not issubclass(e, Edge) and e.__module__ == "comanda.domain.errors"]

    own = [e for e in rejected if "code" in vars(e) or not issubclass(e, Busy)]  # a kind of Busy is that to its caller
    shared = Counter(e.code for e in own)
    # Units that are not there are one problem, whether a position says so or the lines of a request.
    assert {code: times for code, times in shared.items() if times > 1} == {OutOfStock.code: 2}
    assert NotAvailable.code == OutOfStock.code


def test_every_edge_is_an_answer_of_the_verdict():
    assert {edge.__name__ for edge in every(Edge) - {Edge}} == set(get_args(Verdict))


def test_a_refusal_of_many_fields_names_each():
    refused = Invalid(
        Problem(pointer="/a", code="x", message="is wrong"), Problem(pointer="/b", code="y", message="too")
    )

    assert str(refused) == "/a: is wrong; /b: too"
    assert isinstance(refused, Rejected)


@pytest.mark.parametrize("line_id", ["9", ""])
def test_an_unknown_line_of_an_order_is_rejected(line_id):
    with pytest.raises(Rejected):
        placed(an_order()).line(line_id)
