"""
Delete the contacts of drafts, with the rows by which they are found: of a customer who is erased, and of drafts that expire.

Each draft is one transaction.

Called by   functions/erase
Returns     ids of drafts
Raises      ErasureEnded; StaleOrder, Throttled, Unfinished (Busy)
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from comanda.aws.customers import case_erasure
from comanda.aws.customers.erasures import Erasure
from comanda.aws.drafts import draft_contacts, drafts
from comanda.aws.drafts.drafts import DraftSaving
from comanda.aws.dynamodb import transaction
from comanda.domain.drafts import steps
from comanda.domain.drafts.draft import Draft


def of_customer(customer_id: str) -> list[str]:
    """Return the ids of the customer's drafts, the newest first."""
    return [draft_id for draft_id, _ in draft_contacts.of_customer(customer_id)]


def erase(members: Collection[str], draft_id: str, erasure: Erasure, now: datetime) -> bool:
    """Delete what is stored of the person in a draft of theirs, and what its e-mail address wrote by mail. A draft that lives is
    given up.

    `members` are all customers that are the person. Return False for a draft that was given to somebody else meanwhile.
    """

    def decide(draft: Draft) -> DraftSaving | None:
        if draft.customer_id not in members:
            return None
        found = draft_contacts.find(draft_id)
        _erase_mails(found, erasure, now)
        gone = draft_contacts.deletes(draft_id, draft.customer_id, found)
        decision = steps.erase_customer(draft, erasure.actor, now)
        return DraftSaving(decision=decision, first=[erasure.goes_on()], also=gone)

    if drafts.find(draft_id) is not None:
        return drafts.decide(draft_id, decide).erased
    left = draft_contacts.find(draft_id)  # the table has deleted the draft, and its contact not yet
    _erase_mails(left, erasure, now)
    for customer_id in members:
        transaction.commit([erasure.goes_on(), *draft_contacts.deletes(draft_id, customer_id, left)])
    return True


def _erase_mails(contact: Mapping[str, Any], erasure: Erasure, now: datetime) -> None:
    if email := contact.get("customer", {}).get("email"):
        case_erasure.erase_of_sender(email, erasure, now)


def expire(draft_id: str, now: datetime) -> None:
    """Note the end of a draft whose time is over, and delete its contact with it."""

    def decide(draft: Draft) -> DraftSaving | None:
        decision = steps.expire(draft, now)
        if decision is None:
            return None
        return DraftSaving(decision=decision, also=draft_contacts.of_step(draft, decision.draft))

    if drafts.find(draft_id) is not None:
        drafts.decide(draft_id, decide)
