"""Any steps in any order leave a case that is whole: one version and one event for each, and closed only with an outcome."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from comanda.domain.cases import document, steps
from comanda.domain.cases.case import (
    GIVEN_OUTCOMES,
    REOPEN,
    WAITING,
    Author,
    Case,
    CaseDecision,
    CaseEventType,
    CaseKind,
    CaseStatus,
    CaseText,
    Outcome,
)
from comanda.domain.cases.terms import BUILT_IN
from comanda.domain.errors import NotAllowed

START = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
HOURS = st.integers(min_value=1, max_value=1_000)
OWNERS = st.sampled_from(("care", "finance", "ana"))


class LifeOfACase(RuleBasedStateMachine):
    """A case that the customer, the office, the clock and an erasure work on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.events: list[CaseEventType] = []
        self.texts: list[int] = []

    @initialize(kind=st.sampled_from(CaseKind))
    def open_it(self, kind: CaseKind) -> None:
        self.terms = BUILT_IN[kind]
        case = Case(
            case_id="cas_us1_1",
            version=0,
            kind=kind,
            status=CaseStatus.OPEN,
            owner="care",
            due=self.terms.due(self.now),
            opened_at=self.now,
            opened_by="ana",
        )
        self._take(steps.open_case(case, self._text(Author.CUSTOMER)))

    def _text(self, author: Author) -> CaseText:
        return CaseText(number=0, author=author, by="ana", at=self.now, text="words")

    def _take(self, decision: CaseDecision | None) -> bool:
        if decision is None:
            return False
        before = len(self.events)
        self.case = decision.saved
        self.events.append(decision.event.type)
        if decision.text is not None:
            self.texts.append(decision.text.number)
        assert self.case.version == before + 1
        return True

    def _try(self, decide: Callable[[], CaseDecision | None], *, allowed: bool) -> bool:
        """Take a step, which is refused exactly if it is not allowed. Return True if it changed the case."""
        try:
            decision = decide()
        except NotAllowed:
            assert not allowed
            return False
        assert allowed
        return self._take(decision)

    @rule(author=st.sampled_from(Author))
    def note(self, author: Author) -> None:
        was = self.case
        again = was.closed and author is Author.CUSTOMER and was.may_reopen(self.now)
        changed = self._try(lambda: steps.note(was, self._text(author), self.terms), allowed=not was.closed or again)
        if changed and author is Author.CUSTOMER:
            assert self.case.status is not CaseStatus.WAITING_CUSTOMER
            assert not self.case.closed

    @rule(owner=OWNERS, hours=st.none() | HOURS)
    def assign(self, owner: str, hours: int | None) -> None:
        due = None if hours is None else self.now + timedelta(hours=hours)
        was = self.case
        if self._try(lambda: steps.assign(was, owner, due, "ana", self.now), allowed=not was.closed):
            assert (self.case.owner, self.case.due) == (owner, due or was.due)
            assert self.case.status is was.status

    @rule(status=st.sampled_from(sorted(WAITING)), hours=HOURS)
    def wait(self, status: CaseStatus, hours: int) -> None:
        until, was = self.now + timedelta(hours=hours), self.case
        self._try(lambda: steps.wait(was, status, until, "ana", self.now), allowed=not was.closed)

    @rule()
    def resume(self) -> None:
        was = self.case
        changed = self._try(lambda: steps.resume(was, "ana", self.now, self.terms), allowed=not was.closed)
        assert changed == (was.status in WAITING)

    @rule(outcome=st.sampled_from(GIVEN_OUTCOMES), words=st.booleans())
    def close(self, outcome: Outcome, words: bool) -> None:
        was = self.case
        text = self._text(Author.STAFF) if words else None
        self._try(lambda: steps.with_text(steps.close(was, outcome, "ana", self.now), text), allowed=not was.closed)

    @rule()
    def reopen(self) -> None:
        was = self.case
        self._try(lambda: steps.reopen(was, "ana", self.now, self.terms), allowed=was.may_reopen(self.now))

    @rule(hours=st.integers(min_value=0, max_value=40 * 24))
    def pass_time(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def remind(self) -> None:
        was = self.case
        changed = self._take(steps.remind(was, "sweep", self.now))
        assert changed == (was.is_overdue(self.now) and was.reminded_at is None)
        assert steps.remind(self.case, "sweep", self.now) is None  # once

    @rule()
    def erase(self) -> None:
        was = self.case
        assert self._take(steps.erase(was, "ana", self.now)) == (was.erased_at is None)
        assert self.case.closed

    @invariant()
    def it_is_whole(self) -> None:
        case = self.case
        assert case.closed == (case.outcome is not None) == (case.closed_at is not None)
        assert case.version == len(self.events)
        assert self.texts == [*range(1, case.texts + 1)]
        assert case.reminded_at is None or case.due <= case.reminded_at
        assert not case.may_reopen(self.now) or (case.closed and case.erased_at is None)
        if case.closed_at is not None and self.now - case.closed_at > REOPEN:
            assert not case.may_reopen(self.now)
        assert document.to_case(document.from_case(case)) == case


TestLifeOfACase = LifeOfACase.TestCase


def test_a_case_takes_five_hundred_texts() -> None:
    machine = LifeOfACase()
    machine.open_it(CaseKind.QUESTION)
    full = replace(machine.case, texts=500)
    text = CaseText(number=0, author=Author.STAFF, by="ana", at=START, text="x")

    for step in (
        lambda: steps.note(full, text, machine.terms),
        lambda: steps.with_text(steps.close(full, Outcome.SPAM, "ana", START), text),
    ):
        with pytest.raises(NotAllowed) as refused:
            step()
        assert refused.value.pointer == "/text"
    assert steps.close(full, Outcome.SPAM, "ana", START).saved.closed


def test_texts_and_their_senders_are_not_in_what_is_logged() -> None:
    text = CaseText(
        number=1, author=Author.CUSTOMER, by="c", at=START, text="canary", subject="canary", sender="canary"
    )

    assert "canary" not in repr(text)
    assert document.to_text(1, document.from_text(text)) == text


def test_times_of_events_are_in_utc_to_the_millisecond() -> None:
    """Times of events are written as those of answers are."""
    at = START + timedelta(microseconds=510_313)
    case = Case(
        case_id="cas_us1_1",
        version=0,
        kind=CaseKind.LATE,
        status=CaseStatus.OPEN,
        owner="care",
        due=BUILT_IN[CaseKind.LATE].due(at),
        opened_at=at,
        opened_by="ana",
    )

    opened = steps.open_case(case, CaseText(number=0, author=Author.CUSTOMER, by="ana", at=at, text="words"))

    assert opened.event.data["due"] == "2026-11-19T20:00:00.510Z"
