"""
Define the reasons for which units are cancelled, and show those that are built in.

Called by   functions/directory; openapi
Returns     a pydantic model, entries, and problems by pointer
"""

from collections.abc import Container
from typing import Annotated, Any, Literal

from pydantic import Field

from comanda.aws.api.contracts import Contract, Title
from comanda.aws.directory.cancel_reasons import document
from comanda.aws.directory.writer import Entry
from comanda.domain.errors import Problem
from comanda.domain.orders.cancel_reasons import BUILT_IN, FIXED
from comanda.domain.orders.reasons import LANGUAGES
from functions.directory.order_forms import FormLanguage


class CancelReason(Contract):
    """A reason for which units are cancelled. `titles` are its words in each language. `units_go` says where units go that a node has: back to sale, or into quarantine.

    A reason that is not `active` is refused, and stays with the orders that have it."""

    titles: Annotated[dict[FormLanguage, Title], Field(min_length=1)]
    blame: Literal["customer", "retailer", "node", "carrier", "fraud"]
    units_go: Literal["SALE", "QUARANTINE"] = "SALE"
    active: bool = True


def entry(code: str) -> Entry:
    """Return a built-in reason as an entry of version 0."""
    return Entry(id=code, version=0, doc=document(BUILT_IN[code]))


def problems(code: str, doc: dict[str, Any]) -> list[Problem]:
    """Return a problem for each language without words, and for a reason that the system itself gives: it stays as it is."""
    return problems_of(code, doc, FIXED)


def problems_of(code: str, doc: dict[str, Any], fixed: Container[str]) -> list[Problem]:
    """Return the problems of a reason of any list. `fixed` are the codes of that list that nobody replaces."""
    wrong = [
        Problem(pointer=f"/titles/{locale}", code="missing", message=f"the reason has no words in {locale}")
        for locale in LANGUAGES
        if locale not in doc["titles"]
    ]
    if code in fixed:
        wrong.append(
            Problem(pointer="/id", code="built-in", message=f"{code} is a reason that the system itself gives")
        )
    return wrong
