"""
Define what a tax authority of Brazil said of the NF-e of an invoice, or of a credit note.

Called by   comanda.domain.billing.nfe_results; an order keeps it
Returns     frozen values, times are aware UTC datetimes
Raises      nothing
"""

from dataclasses import dataclass
from datetime import datetime

AUTHORIZED, REFUSED, CANCELLED = "AUTHORIZED", "REFUSED", "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class NfeResult:
    """The last answer of the authority. `invoice` is the number within the order, `protocol` the authority's own of what it took,
    and `code` its reason of what it refused. `credit_note` is the number of the one whose NF-e takes goods of the invoice back; 0:
    the NF-e is that of the invoice. `cancel_until` is the last moment at which the law takes back what it authorised."""

    invoice: int
    result: str
    key: str
    at: datetime
    protocol: str = ""
    code: str = ""
    credit_note: int = 0
    cancel_until: datetime | None = None
