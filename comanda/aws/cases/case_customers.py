"""
Read whose a new case is, and hold that until the case is saved: an erasure that comes between is not passed by.

A case that is saved while its customer is erased, or after it for a customer who was read before it, would keep words that no
erasure finds.

Called by   functions/cases
Returns     the customer of a new case, with the checks that belong to its transaction
Raises      BeingErased; by its checks StaleOrder (Busy): read again
"""

from collections.abc import Sequence
from dataclasses import dataclass

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.cases.case import Case
from comanda.domain.errors import NotAllowed, StaleOrder


class BeingErased(NotAllowed):
    """The customer is being erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCustomer:
    """The customer of a new case, as it was read. `erased` says that the customer of its order was erased."""

    customer_id: str | None = None
    erased: bool = False
    checks: Sequence[Write] = ()

    def writes(self, case: Case) -> list[Write]:
        """Return the checks, and the write that lists the case among those of its customer."""
        if self.customer_id is None:
            return list(self.checks)
        key = keys.case_of_customer(self.customer_id, case.opened_at, case.case_id)
        values = {**key, "channel": case.channel}
        return [*self.checks, transaction.put(settings.customers_table, values, StaleOrder(case.case_id))]


NOBODY = CaseCustomer()


def of_order(order_id: str) -> CaseCustomer:
    """Return the customer of an order. They are unknown of an order that was placed before customers had ids, too."""
    row = reads.get(settings.customers_table, keys.contact(order_id, 1)) or {}
    customer_id, erased = row.get("customer"), "erased_at" in row
    if customer_id is not None:
        unchanged = _check(order_id, "customer = :id", id=customer_id)
        return CaseCustomer(customer_id=customer_id, checks=(unchanged, _not_erasing(customer_id)))
    condition = "attribute_not_exists(customer) AND attribute_not_exists(erased_at)"
    return CaseCustomer(
        erased=erased, checks=(_check(order_id, "attribute_exists(erased_at)" if erased else condition),)
    )


def of_known(customer_id: str, erased_at: str | None) -> CaseCustomer:
    """Return a customer who was last erased at this time, and who has ordered since."""
    key, stale = keys.customer(customer_id), StaleOrder(customer_id)
    if erased_at is None:
        same = transaction.check(
            settings.customers_table, key, f"attribute_not_exists(erased_at) AND {_NOT_ERASING}", stale, n_until="until"
        )
    else:
        same = transaction.check(
            settings.customers_table, key, f"erased_at = :at AND {_NOT_ERASING}", stale, n_until="until", at=erased_at
        )
    return CaseCustomer(customer_id=customer_id, checks=(same,))


_NOT_ERASING = "attribute_not_exists(#until)"


def _check(order_id: str, condition: str, **names: str) -> Write:
    key = keys.contact(order_id, 1)
    return transaction.check(settings.customers_table, key, condition, StaleOrder(order_id), **names)


def _not_erasing(customer_id: str) -> Write:
    refused = BeingErased("the customer is being erased")
    return transaction.check(
        settings.customers_table, keys.customer(customer_id), _NOT_ERASING, refused, n_until="until"
    )
