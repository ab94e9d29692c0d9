"""
Erase the texts of cases with their customer: those of an order, those of a customer, and those that an e-mail address wrote.

A case is saved as erased before its texts are deleted: nobody can add one then. All of it may be done twice.

Called by   comanda.aws.customers.customer_erasure, functions/erase
Returns     nothing
Raises      StaleOrder, Throttled, Unfinished (Busy): the same call erases the rest
"""

from datetime import datetime

from comanda.aws.cases import cases
from comanda.aws.cases.cases import CaseSaving
from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime import deadline
from comanda.aws.runtime.settings import settings
from comanda.domain.cases import steps
from comanda.domain.cases.case import Case


def erase_of_order(order_id: str, actor: str, now: datetime) -> None:
    """Erase all cases of an order."""
    for case in cases.of_order(order_id):
        _erase(case.case_id, actor, now)


def erase_of_customer(customer_id: str, actor: str, now: datetime) -> None:
    """Erase the cases that are listed for a customer, with the rows that list them."""
    _erase_listed(keys.customer_page(customer_id), actor, now)


def erase_of_sender(identity: str, actor: str, now: datetime) -> None:
    """Erase the cases without an order that an e-mail address wrote. `identity` is a keyed hash of the address."""
    _erase_listed(keys.sender_page(identity), actor, now)


def _erase_listed(page: str, actor: str, now: datetime) -> None:
    rows = reads.query(
        settings.customers_table,
        "pk = :pk AND begins_with(sk, :cases)",
        consistent=True,
        pk=page,
        cases=keys.CASES_OF_CUSTOMER,
    )
    for row in list(rows):
        deadline.check()
        _erase(keys.case_id_of(row), actor, now)
        _delete({"pk": row["pk"], "sk": row["sk"]})


def _erase(case_id: str, actor: str, now: datetime) -> None:
    def decide(case: Case) -> CaseSaving | None:
        decision = steps.erase(case, actor, now)
        return None if decision is None else CaseSaving(decision=decision)

    if cases.find(case_id) is not None:
        cases.decide(case_id, decide)
    page = keys.case_texts(case_id)
    rows = reads.query(settings.customers_table, "pk = :pk", consistent=True, only=("pk", "sk"), pk=page)
    for row in list(rows):
        _delete({"pk": row["pk"], "sk": row["sk"]})


def _delete(key: keys.Key) -> None:
    single_writes.delete(settings.customers_table, key, condition="attribute_exists(pk)")
