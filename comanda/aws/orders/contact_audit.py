"""
Note in Customers who read the contact of whom, and who searched. Notes end after 400 days.

Called by   functions/intake, before it answers
Returns     nothing
Raises      Throttled

A search is noted by a keyed hash of what was searched for: the note itself must not tell of a person who was erased.
"""

from datetime import datetime, timedelta

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.runtime import secret
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Throttled

_KEPT = timedelta(days=400)
READ, SEARCH = "read", "search"


def note_read(person: str, subject: str, now: datetime) -> None:
    """Note that a person reads the contact of an order or a customer."""
    _put(person, READ, subject, now)


def note_search(person: str, by: str, folded: str, now: datetime) -> None:
    """Note that somebody searches a customer by e-mail, phone or name."""
    _put(person, f"{SEARCH}-{by}", secret.sign_customer(f"audit-{by}", folded), now)


def _put(person: str, act: str, subject: str, now: datetime) -> None:
    values = {**keys.audit(person, now, subject), "act": act, "ttl": int((now + _KEPT).timestamp())}
    transaction.commit([transaction.put(settings.customers_table, values, Throttled("audit"))])
