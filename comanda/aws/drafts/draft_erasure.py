"""
Erase the drafts of a customer: their contacts, and the rows by which they are found. Each draft is one transaction.

Called by   functions/erase
Returns     ids of drafts
Raises      StaleOrder, Throttled (Busy)
"""

from collections.abc import Callable
from datetime import datetime

from comanda.aws.drafts import draft_contacts, drafts
from comanda.aws.drafts.drafts import DraftSaving
from comanda.aws.dynamodb import transaction
from comanda.domain import ids
from comanda.domain.drafts import steps
from comanda.domain.drafts.draft import Draft


def of_customer(customer_id: str) -> list[str]:
    """Return the ids of the customer's drafts, the newest first."""
    return [draft_id for draft_id, _ in draft_contacts.of_customer(customer_id)]


def begun_until(at: str) -> Callable[[str], bool]:
    """Return what says of a draft, by its id, whether it was begun until a time of the API."""
    last = ids.ulid(int(datetime.fromisoformat(at).timestamp() * 1000), -1)
    return lambda draft_id: draft_id.rpartition("_")[2] <= last


def erase(customer_id: str, draft_id: str, actor: str, now: datetime) -> None:
    """Delete what is stored of the customer of a draft. A draft that lives is given up."""

    def decide(draft: Draft) -> DraftSaving:
        found = draft_contacts.find(draft_id)
        gone = draft_contacts.deletes(draft_id, customer_id, found)
        return DraftSaving(decision=steps.erase_customer(draft, actor, now), also=gone)

    if drafts.find(draft_id) is not None:
        drafts.decide(draft_id, decide)
    else:  # the table has deleted the draft, and its contact not yet
        left = draft_contacts.find(draft_id)
        transaction.commit(draft_contacts.deletes(draft_id, customer_id, left))
