"""Open, note, assign, ask about, close and reopen cases of an order, in the model of an order's life."""

import json
from dataclasses import dataclass, field, replace

from comanda.domain.cases import document, steps
from comanda.domain.cases.case import (
    GIVEN_OUTCOMES,
    WAITING,
    Author,
    Case,
    CaseDecision,
    CaseKind,
    CaseStatus,
    CaseText,
)
from comanda.domain.cases.terms import BUILT_IN
from comanda.domain.errors import NotAllowed
from tests.domain.models.books import SECRET, Books, action

MOST_CASES = 3


@dataclass(slots=True)
class CaseFile:
    """A case, its texts, and the number of its events."""

    case: Case
    events: int = 0
    texts: list[CaseText] = field(default_factory=list)


class CaseSteps(Books):
    """The books, and the cases about the order. No step of a case changes the order."""

    @action()
    def open_case(self) -> None:
        if len(self.cases) >= MOST_CASES:
            return
        kind, terms_of = self.choose.one(tuple(CaseKind)), BUILT_IN
        shipped = [f.number for f in self.order.fulfillments if f.shipped_at is not None]
        case = Case(
            case_id=f"cas_{len(self.cases) + 1}",
            version=0,
            kind=kind,
            status=CaseStatus.OPEN,
            owner=terms_of[kind].team,
            due=terms_of[kind].due(self.now),
            opened_at=self.now,
            opened_by="ana",
            order_id=self.order.order_id,
            channel=self.order.channel,
            has_customer=True,
            line_ids=(self.choose.one(self.order.as_sent()).line_id,),
            fulfillments=(self.choose.one(shipped),) if shipped else (),
        )
        found = CaseFile(case=case)
        self.cases.append(found)
        self._took(found, steps.open_case(case, self._text(Author.CUSTOMER)))

    @action(2)
    def work_on_case(self) -> None:
        if not self.cases:
            return
        found = self.choose.one(self.cases)
        case, now, terms = found.case, self.now, BUILT_IN[found.case.kind]
        match self.choose.one(("note", "assign", "wait", "resume", "close", "reopen", "remind")):
            case "note":
                text = self._text(self.choose.one(tuple(Author)))
                reopens = text.author is Author.CUSTOMER and case.may_reopen(now)
                self._step(found, not case.closed or reopens, steps.note, text, terms)
            case "assign":
                owner = self.choose.one(("care", "finance", "ben"))
                self._step(found, not case.closed, steps.assign, owner, None, "ana", now)
            case "wait":
                status = self.choose.one(sorted(WAITING))
                self._step(found, not case.closed, steps.wait, status, terms.due_when_waiting(now), "ana", now)
            case "resume":
                self._step(found, not case.closed, steps.resume, "ana", now, terms)
            case "close":
                self._step(found, not case.closed, steps.close, self.choose.one(GIVEN_OUTCOMES), "ana", now)
            case "reopen":
                self._step(found, case.may_reopen(now), steps.reopen, "ana", now, terms)
            case _:
                late = not case.closed and case.due <= now and case.reminded_at is None
                assert (steps.remind(case, "clock", now) is not None) == late
                self._step(found, True, steps.remind, "clock", now)

    def _step(self, found: CaseFile, expected: bool, rule, *given) -> None:  # type: ignore[no-untyped-def]  # rules of cases differ in what they take
        order = self.order
        try:
            decision = rule(found.case, *given)
        except NotAllowed:
            decision, allowed = None, False
            self.refused += 1
        else:
            allowed = True
        assert allowed == expected, f"{rule.__name__} of {found.case.status}: {allowed}"
        if decision is not None:
            self._took(found, decision)
        assert self.order is order

    def _took(self, found: CaseFile, decision: CaseDecision) -> None:
        """Keep the case's next version as the tables would, and check it."""
        found.events += 1
        case = found.case = decision.saved
        if decision.text is not None:
            found.texts.append(decision.text)
        assert case.version == found.events, "one event for each version"
        assert [text.number for text in found.texts] == list(range(1, case.texts + 1)), "each text once"
        stored = json.dumps([document.from_case(case), decision.event.data])
        assert document.to_case(json.loads(stored)[0]) == case
        assert SECRET not in stored, "the words of people are in texts alone"
        assert (case.outcome is not None) == (case.closed_at is not None) == case.closed
        assert case.closed or case.owner, "an open case is in somebody's queue"
        assert {line.line_id for line in self.order.as_sent()} >= set(case.line_ids)

    def _text(self, author: Author) -> CaseText:
        return CaseText(number=0, author=author, by="ana", at=self.now, text=SECRET)

    def close_cases(self) -> None:
        """Close all cases, and erase their customer: nobody can reopen them any more."""
        for found in self.cases:
            if not found.case.closed:
                self._took(found, steps.close(found.case, self.choose.one(GIVEN_OUTCOMES), "ana", self.now))
            erased = steps.erase(found.case, "sam", self.now)
            assert erased is not None
            found.texts = []
            found.case = replace(erased.saved, texts=0)
            assert not found.case.may_reopen(self.now)
            assert steps.erase(erased.saved, "sam", self.now) is None
