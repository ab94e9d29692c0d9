"""
Note in Customers who read the contact of whom, and who searched. Notes end after 400 days.

Called by   functions/intake, before it answers
Returns     nothing
Raises      Throttled

A search is noted by a keyed hash of what was searched for: the note itself must not tell of a person who was erased.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import secret
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Throttled

_KEPT = timedelta(days=400)
READ, EXPORT, SEARCH = "read", "export", "search"
ERASE, MERGE, UNMERGE = "erase", "merge", "unmerge"


def note_read(person: str, subject: str, now: datetime) -> None:
    """Note that a person reads the contact of an order or a customer."""
    _put(person, READ, subject, now)


def note_export(person: str, customer_id: str, now: datetime) -> None:
    """Note that a person or an application takes all that is stored of a customer."""
    _put(person, EXPORT, customer_id, now)


def note_search(person: str, by: str, folded: str, now: datetime) -> None:
    """Note that somebody searches a customer by e-mail, phone or name."""
    _put(person, f"{SEARCH}-{by}", secret.sign_customer(f"audit-{by}", folded), now)


def notes(person: str, act: str, subjects: Iterable[str], now: datetime) -> list[Write]:
    """Return the writes that note an act on each of these orders or customers."""
    ends = int((now + _KEPT).timestamp())
    return [
        transaction.put(
            settings.customers_table,
            {**keys.audit(person, now, act, subject), "act": act, "ttl": ends},
            Throttled("audit"),
        )
        for subject in subjects
    ]


def _put(person: str, act: str, subject: str, now: datetime) -> None:
    transaction.commit(notes(person, act, [subject], now))
