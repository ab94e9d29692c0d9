"""
Read the retailer's terms of cases: who gets a new case of a kind, and by when it is due.

Called by   functions/cases
Returns     Terms of the domain; the built-in ones of a kind that the retailer has not set
"""

from comanda.aws.directory.directory import CASE_TERMS, THE_POLICY, find
from comanda.domain.cases.case import CaseKind
from comanda.domain.cases.terms import BUILT_IN, Terms


def terms_of(kind: CaseKind) -> Terms:
    """Return the terms of a kind of cases, at most a minute old."""
    given = ((find(CASE_TERMS, THE_POLICY) or {}).get("kinds") or {}).get(kind.value)
    return Terms(**given) if given else BUILT_IN[kind]
