"""
Judge what is known of a payment, of a payout or of an operation at a bank, and say what the sweeper has to look at no more.

Called by   comanda.aws.books.settlements, missing_settlements
Returns     Comparisons with their status; writes
Raises      StaleSettlement (Busy) from the writes
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from comanda.aws.books.our_money import Found
from comanda.aws.books.settlement_rows import Comparison, StaleSettlement
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.reconciliation import settlement
from comanda.domain.reconciliation.movement import BANK
from comanda.domain.reconciliation.references import operation_in
from comanda.domain.reconciliation.settlement import SettlementStatus

MOST_MARKS = 20  # operations of one payment that are taken off the sweeper's list at once; it finds the others


def judged(
    comparison: Comparison, found: Found | None, now: datetime, wait: timedelta | None = None
) -> tuple[Comparison, list[keys.Key]]:
    """Return a comparison with its status, and the keys of rows that the sweeper need not look at any more."""
    theirs = comparison.theirs
    wait = settlement.patience(comparison.status) if wait is None else wait
    if comparison.provider == BANK and found is None:
        status = settlement.judge_payout(theirs, now, wait)
        ours, difference = theirs.expected, settlement.difference(theirs, None, status)
    else:
        money = found.money if found else None
        status = settlement.judge(theirs, money, now, wait)
        ours = money.total(refunds=False) - money.total(refunds=True) if money else 0
        difference = settlement.difference(theirs, money, status)
    was_asked = comparison.due if comparison.status in settlement.ASKS_A_PERSON else ""
    order_id = found.order_id if found else comparison.order_id
    comparison = replace(comparison, status=status, ours=ours, difference=difference, order_id=order_id, due=was_asked)
    over = found is not None and status is not SettlementStatus.WAITING
    return comparison, list(found.unsettled[:MOST_MARKS]) if found is not None and over else []


def waits_since(comparison: Comparison) -> datetime | None:
    """Return since when the sweeper may look for a payout at the bank; None for all that is not waited for there."""
    if (
        comparison.provider != BANK
        or comparison.status is not SettlementStatus.WAITING
        or operation_in((comparison.name,))
    ):
        return None
    return datetime.fromisoformat(comparison.theirs.day).replace(tzinfo=UTC)


def settled(key: Mapping[str, str]) -> Write:
    """Return the write that takes an operation off the sweeper's list. It may be gone from it."""
    return transaction.update(
        settings.orders_table,
        dict(key),
        "REMOVE gsi2pk, gsi2sk",
        StaleSettlement("operation"),
        condition="attribute_exists(pk)",
    )
