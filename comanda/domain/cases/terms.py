"""
Define who gets a new case of a kind, and by when it must be dealt with. Retailers may set both.

Called by   comanda.domain.cases.steps, comanda.aws.directory.case_terms, functions/cases, functions/console
Returns     Terms
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from comanda.domain.cases.case import CaseKind
from comanda.domain.people import OFFICE_DESKS

TEAMS = OFFICE_DESKS  # the people of a desk own cases together


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The team of a kind's new cases, the hours until such a case is due, and those until a case that waits is due again."""

    team: str = "care"
    due_hours: int = 24
    wait_hours: int = 72

    def due(self, now: datetime) -> datetime:
        return now + timedelta(hours=self.due_hours)

    def due_when_waiting(self, now: datetime) -> datetime:
        return now + timedelta(hours=self.wait_hours)


BUILT_IN: Mapping[CaseKind, Terms] = {
    CaseKind.QUESTION: Terms(),
    CaseKind.LATE: Terms(due_hours=8),
    CaseKind.DAMAGED: Terms(),
    CaseKind.MISSING: Terms(),
    CaseKind.WRONG_ITEM: Terms(),
    CaseKind.ADDRESS: Terms(due_hours=4),  # the parcel may leave before
    CaseKind.PAYMENT: Terms(team="finance", due_hours=48),
    CaseKind.COMPLAINT: Terms(due_hours=48),
    CaseKind.OTHER: Terms(due_hours=48),
}
