"""
Erase the texts of cases with a person: those of an order or a customer, and those that an e-mail address wrote by mail.

A case of the person is saved as erased before its texts are deleted: nobody can add one then. Of the case of somebody else, the
person's mails alone are deleted. All of it may be done twice.

Called by   comanda.aws.customers.customer_erasure, comanda.aws.drafts.draft_erasure, functions/erase
Returns     nothing
Raises      ErasureEnded; StaleOrder, Throttled, Unfinished (Busy): the same call erases the rest
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import batched
from typing import Any

from comanda.aws.cases import cases
from comanda.aws.cases.cases import CaseSaving
from comanda.aws.customers import customer_rows
from comanda.aws.customers.erasures import Erasure
from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.runtime import deadline
from comanda.aws.runtime.settings import settings
from comanda.domain.cases import steps
from comanda.domain.cases.case import Case


def of_customer(customer_id: str) -> list[str]:
    """Return the ids of the cases that are listed for a customer, or to which a guest wrote by mail."""
    rows = [*cases.listed_for_customer(customer_id), *cases.listed_for_guest(customer_id)]
    return [keys.case_id_of(row) for row in rows]


def erase_of_order(order_id: str, erasure: Erasure, now: datetime) -> None:
    """Erase all cases of an order."""
    for case in cases.of_order(order_id):
        _erase(case.case_id, erasure, now)


def erase_of_customer(customer_id: str, erasure: Erasure, now: datetime) -> None:
    """Erase the cases of a customer, and what a guest wrote by mail, with the rows that list them."""
    for row in list(cases.listed_for_customer(customer_id)):
        _erase(keys.case_id_of(row), erasure, now)
        _delete(row)
    erase_of_guest(customer_id, erasure, now)


def erase_of_sender(email: str, erasure: Erasure, now: datetime) -> None:
    """Erase what an e-mail address wrote by mail."""
    erase_of_guest(customer_rows.guest_of(email), erasure, now)


def erase_of_guest(guest_id: str, erasure: Erasure, now: datetime) -> None:
    """Erase the cases that a guest opened by mail, and the guest's mails to cases of others."""
    for row in list(cases.listed_for_guest(guest_id)):
        case_id = keys.case_id_of(row)
        case, texts = cases.find(case_id), cases.texts(case_id)
        mails = [text.number for text in texts if text.sender and customer_rows.guest_of(text.sender) == guest_id]
        is_of_nobody = case is None or (case.order_id is None and not case.has_customer)
        if is_of_nobody or not texts or texts[0].number in mails:
            _erase(case_id, erasure, now)
        else:
            _erase_mails(case_id, mails, erasure)
        _delete(row)


def _erase(case_id: str, erasure: Erasure, now: datetime) -> None:
    def decide(case: Case) -> CaseSaving | None:
        decision = steps.erase(case, erasure.actor, now)
        return None if decision is None else CaseSaving(decision=decision, first=[erasure.goes_on()])

    deadline.check()
    listed: list[keys.Key] = []
    if (case := cases.find(case_id)) is not None:
        cases.decide(case_id, decide)
        senders = {text.sender for text in cases.texts(case_id) if text.sender}
        listed = [keys.case_of_sender(customer_rows.guest_of(one), case.opened_at, case_id) for one in senders]
    page = keys.case_texts(case_id)
    texts = reads.query(settings.customers_table, "pk = :pk", consistent=True, only=("pk", "sk"), pk=page)
    for row in (*texts, *listed):  # the lists come last: without them nobody finds the texts
        deadline.check()
        _delete(row)


def _erase_mails(case_id: str, numbers: Sequence[int], erasure: Erasure) -> None:
    """Delete the mails with these numbers from the case of somebody else."""
    for some in batched(numbers, transaction.MOST_ITEMS - 1, strict=False):
        deadline.check()
        wanted = [keys.case_text(case_id, number) for number in some]
        gone = [transaction.delete(settings.customers_table, key, erasure.ended()) for key in wanted]
        transaction.commit([erasure.goes_on(), *gone])


def _delete(row: dict[str, Any]) -> None:
    key = {"pk": row["pk"], "sk": row["sk"]}
    single_writes.delete(settings.customers_table, key, condition="attribute_exists(pk)")
