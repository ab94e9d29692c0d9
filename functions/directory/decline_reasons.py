"""
Define the reasons for which nodes decline units, and show those that are built in.

Called by   functions/directory; openapi
Returns     a pydantic model, entries, and problems by pointer
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from comanda.aws.api.contracts import Contract, Title
from comanda.aws.directory.decline_reasons import document
from comanda.aws.directory.writer import Entry
from comanda.domain.errors import Problem
from comanda.domain.orders.decline_reasons import BUILT_IN, FIXED
from functions.directory.cancel_reasons import problems_of
from functions.directory.order_forms import FormLanguage


class DeclineReason(Contract):
    """A reason for which a node declines units. `titles` are its words in each language. `units_go` says what becomes of their stock: it may be sold, it is in quarantine, or it leaves the node's count. With `ask_again` the router may choose the node again for these lines.

    A reason that is not `active` is refused, and stays with the orders that have it."""

    titles: Annotated[dict[FormLanguage, Title], Field(min_length=1)]
    blame: Literal["customer", "retailer", "node", "carrier", "fraud"]
    units_go: Literal["SALE", "QUARANTINE", "MISSING"] = "SALE"
    ask_again: bool = False
    active: bool = True


def entry(code: str) -> Entry:
    """Return a built-in reason as an entry of version 0."""
    return Entry(id=code, version=0, doc=document(BUILT_IN[code]))


def problems(code: str, doc: dict[str, Any]) -> list[Problem]:
    """Return a problem for each language without words, and for the reason that the system itself gives."""
    return problems_of(code, doc, FIXED)
