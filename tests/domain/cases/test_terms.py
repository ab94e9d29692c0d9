"""A case is due the hours of its kind after it was opened, and those of a waiting case after it began to wait."""

from datetime import UTC, datetime, timedelta

from comanda.domain.cases.case import CaseKind
from comanda.domain.cases.terms import BUILT_IN, Terms

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)


def test_due_times_are_hours_after_now():
    terms = Terms(due_hours=8, wait_hours=30)

    assert terms.due(NOW) - NOW == timedelta(hours=8)
    assert terms.due_when_waiting(NOW) - NOW == timedelta(hours=30)


def test_every_kind_has_terms_of_its_own_and_a_wrong_address_is_the_most_urgent():
    assert set(BUILT_IN) == set(CaseKind)
    assert min(BUILT_IN, key=lambda kind: BUILT_IN[kind].due_hours) == CaseKind.ADDRESS
