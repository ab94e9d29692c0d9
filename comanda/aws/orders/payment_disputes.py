"""
Ask providers about the disputes of an order's payments, note them on the order, and freeze the gift cards that the order has sold.

Called by   functions/pay, when a provider has told something; comanda.aws.orders.payment_notices (expect)
Returns     nothing; the order knows what was found
Raises      StaleOrder, Throttled (Busy); what `provider` raises

The row by which a payment pays one order alone (`PAY#`) is marked by the notice, and has a place among the open payments until the
provider was asked. A card is frozen before its dispute stands on the order, so a crash in between repeats both. No account is frozen
twice for one dispute, and a person lets it pay again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.orders import notice_items, orders
from comanda.aws.orders.payment_movements import ProviderByName
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.billing import disputes
from comanda.domain.gift_cards.freezing import Change
from comanda.domain.orders import bought_cards
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.dispute import Dispute
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import Tender
from comanda.domain.payments import notices
from comanda.domain.payments.answer import Answer, Happening, Notice
from comanda.domain.payments.dispute import ProviderDispute

type Freeze = Callable[[str, Change], None]

REASON = "disputed-payment"
_BY = "payments"
_AGAIN = timedelta(minutes=5)  # after a provider did not answer


def expect(provider: str, reference: str, order_id: str, now: datetime) -> None:
    """Mark a payment as disputed, so that its order is looked at now, and again until its provider has answered."""
    place = keys.open_payment(now, order_id, 0)
    single_writes.update(
        settings.orders_table,
        keys.payment(provider, reference),
        "SET disputed = :at, gsi3pk = :page, gsi3sk = :place",
        condition="attribute_exists(pk)",
        at=views.time(now),
        page=place["gsi3pk"],
        place=place["gsi3sk"],
    )


def check(order_id: str, provider: ProviderByName, freeze: Freeze) -> None:
    """Ask about each payment of an order that is marked, and note what its provider says. `freeze` freezes the account of a card."""
    order = orders.load(order_id)
    for i, tender in enumerate(order.payments):
        if not tender.outside or not tender.reference:
            continue
        key = keys.payment(tender.provider, tender.reference)
        row = reads.get(settings.orders_table, key)
        if row is None or "disputed" not in row or row["order_id"] != order_id:
            continue
        answer = provider(tender.provider).disputes(tender.reference)
        if isinstance(answer, Answer):
            _ask_again(key, order_id)
            continue
        _note(order, i, answer, freeze)
        _end(key, row["disputed"])


def _note(order: Order, at: int, answer: Sequence[ProviderDispute], freeze: Freeze) -> None:
    """Note the disputes of a payment on its order. A person is asked about those in another currency."""
    found = []
    for one in answer:
        dispute = Dispute(dispute_id=one.dispute_id, tender=at, amount=one.amount, state=one.state)
        if one.currency == order.currency:
            found.append(dispute)
        else:
            _ask_a_person(order, order.payments[at], one)
            _freeze(order, dispute, freeze, clock.now())
    while orders.decide(order.order_id, partial(_noted, found=found, freeze=freeze)).event is not None:
        pass  # one event says one dispute


def _ask_a_person(order: Order, tender: Tender, dispute: ProviderDispute) -> None:
    """Put a dispute in another currency than its order's into the queue: no order and no books can have its amount."""
    notice = Notice(
        notice_id=dispute.dispute_id,
        happening=Happening.DISPUTED,
        reference=tender.reference,
        movement=dispute.dispute_id,
        order_id=order.order_id,
        amount=dispute.amount,
        currency=dispute.currency,
        at=clock.now(),
    )
    notice_items.ask(tender.provider, notice, order.order_id, notices.OTHER_CURRENCY, clock.now())


def _noted(order: Order, found: list[Dispute], freeze: Freeze) -> Decision | None:
    """Return the decision about the first dispute that is new. Its cards are frozen before: one that becomes active meanwhile is
    found when the order is decided anew."""
    now = clock.now()
    decision = disputes.note(order, found, now)
    if decision is not None:
        new = next(one for one in decision.order.disputes if one not in order.disputes)
        _freeze(order, new, freeze, now)
    return decision


def _freeze(order: Order, dispute: Dispute, freeze: Freeze, now: datetime) -> None:
    """Freeze the cards that the order has sold, unless the shop has the money again."""
    change = _change(order.order_id, dispute.dispute_id, now)
    for account_id in bought_cards.active_accounts(order) if dispute.owed_again else ():
        freeze(account_id, change)


def _change(order_id: str, dispute_id: str, now: datetime) -> Change:
    """Return the change that freezes an account once for a dispute."""
    change_id = keys.digest(f"{order_id}/{dispute_id}")[:32]
    return Change(change_id=change_id, freezes=True, by=_BY, at=now, reason=REASON, order_id=order_id)


def _ask_again(key: keys.Key, order_id: str) -> None:
    place = keys.open_payment(clock.now() + _AGAIN, order_id, 0)["gsi3sk"]
    single_writes.update(
        settings.orders_table, key, "SET gsi3sk = :place", condition="attribute_exists(gsi3sk)", place=place
    )


def _end(key: keys.Key, seen: str) -> None:
    """End the looks at a payment, unless another notice came meanwhile."""
    single_writes.update(
        settings.orders_table, key, "REMOVE disputed, gsi3pk, gsi3sk", condition="disputed = :seen", seen=seen
    )
