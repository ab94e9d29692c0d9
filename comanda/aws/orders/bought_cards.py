"""
Give the gift cards that an order has sold their accounts when their money is there, and take unspent ones back.

The code of a card is made of its order by a key, and stored nowhere. A card that is not active has no account, so its code is that of
no card. The account of an active card is written with the order that says so.

Called by   functions/pay (activate), functions/credit (take back), functions/notify and functions/selfservice (codes)
Returns     decisions with their writes; the text of codes
Raises      StaleOrder, Throttled (-> retried); NotAllowed for cards that are spent
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import card_codes, clock
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.billing.credit_notes import CreditNote
from comanda.domain.errors import StaleOrder
from comanda.domain.gift_cards import bought, codes
from comanda.domain.gift_cards.account import GIFT_CARD, last_day
from comanda.domain.gift_cards.expiry import first_look
from comanda.domain.gift_cards.movements import Purpose
from comanda.domain.orders import bought_cards
from comanda.domain.orders.bought_cards import Card
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.provision import Provision
from comanda.domain.payments.operation import ENDED

logger = Logger()
_CAPTURE = "capture"


def activate(order_id: str) -> None:
    """Activate the cards of an order that are invoiced and paid. Cards whose money is on its way wait for the next call."""
    order = orders.load(order_id)
    for provision in bought_cards.to_activate(order):
        orders.decide(order_id, lambda seen, number=provision.number: _activation(seen, number))  # type: ignore[misc]


def _activation(order: Order, number: int) -> Saving | None:
    provision = next((p for p in bought_cards.to_activate(order) if p.number == number), None)
    # The movements are read after the order: one that was decided with a later version is refused with the version.
    if provision is None or not bought_cards.are_paid(order) or _is_on_its_way(order.order_id, provision.invoice):
        return None
    now = clock.now()
    accounts = [_account_id(order.order_id, number, n) for n in range(1, provision.quantity + 1)]
    decision = bought.activate(order, provision, accounts, now)
    logger.info("cards activated", extra={"order_id": order.order_id, "provision": number})
    return Saving(decision=decision, also=list(_new_accounts(order, provision, accounts, now)))


def _is_on_its_way(order_id: str, invoice: int | None) -> bool:
    rows = orders.children(order_id, keys.MONEY)
    return any(r["purpose"] == _CAPTURE and r["invoice"] == invoice and r["state"] not in ENDED for r in rows)


def _new_accounts(order: Order, provision: Provision, accounts: Sequence[str], now: datetime) -> Iterator[Write]:
    """Yield the writes of the account and of the first entry of each card."""
    if provision.cards is None:
        return
    value, until = provision.cards.value, last_day(now.date(), provision.cards.days)
    for n in bought_cards.left(provision):
        account = {
            **keys.account(accounts[n - 1]),
            "kind": GIFT_CARD,
            "channel": order.channel,
            "currency": order.currency,
            "balance": value,
            "opened_at": views.time(now),
            "last4": codes.last4(card_codes.code_of_order(order.order_id, provision.number, n)),
            **({"expires_on": until.isoformat()} if until else {}),
            **(keys.account_look(accounts[n - 1], first_look(until)) if until else {}),
        }
        yield transaction.put_once(settings.orders_table, account, StaleOrder(order.order_id))
        yield _entry(order, accounts[n - 1], provision, Purpose.SALE, value, "payments", now)


def taken_back(order: Order, decision: Decision, note: CreditNote) -> tuple[Decision, list[Write]]:
    """Return a credit note's decision with the cards that it takes back, and the writes that empty their accounts.

    Raises NotAllowed when it credits more cards than are unspent, or than one transaction empties. Another process that spends one in between refuses the
    writes, and it is decided again.
    """
    after, writes = decision.order, list[Write]()
    for line in note.lines:
        if not line.quantity or not order.line(line.line_id).gift_card:
            continue
        cards = list(bought_cards.of_invoice(after, note.invoice, line.line_id))
        bought.require_together(sum(one.quantity for one in note.lines if order.line(one.line_id).gift_card))
        after, chosen = bought.take_back(after, line.line_id, line.quantity, _unspent(order, cards))
        for card in chosen:
            writes += _emptied(order, card, decision.event.actor, note.at)
    return replace(decision, order=after), writes


def _unspent(order: Order, cards: Sequence[Card]) -> list[Card]:
    """Return the cards that have all their money, or none yet because they are not active."""
    found = []
    for card in cards:
        of = order.provisions[card.provision - 1].cards
        if of and of.active:
            row = reads.get(settings.orders_table, keys.account(of.accounts[card.number - 1]))
            if row is None or row["balance"] != of.value:
                continue
        found.append(card)
    return found


def _emptied(order: Order, card: Card, by: str, now: datetime) -> list[Write]:
    """Return the writes that empty the account of a card. One that is not active has none."""
    provision = order.provisions[card.provision - 1]
    if provision.cards is None or not provision.cards.active:
        return []
    account_id, value = provision.cards.accounts[card.number - 1], provision.cards.value
    emptied = transaction.update(
        settings.orders_table,
        keys.account(account_id),
        "SET balance = :nothing",
        StaleOrder(order.order_id),
        condition="balance = :value",
        nothing=0,
        value=value,
    )
    return [emptied, _entry(order, account_id, provision, Purpose.VOID, -value, by, now)]


def _entry(
    order: Order, account_id: str, provision: Provision, purpose: Purpose, amount: int, by: str, now: datetime
) -> Write:
    values = {
        **keys.order_entry(account_id, order.order_id, purpose, provision.number),
        "purpose": purpose,
        "amount": amount,
        "currency": order.currency,
        "order_id": order.order_id,
        "by": by,
        "at": views.time(now),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))


def proof(order: Order, number: int) -> Mapping[str, Any] | None:
    """Return {"kind", "text"} of a provision with its codes, one a line. None: it has no cards, or they are not active."""
    provision = order.provisions[number - 1]
    if provision.cards is None or not provision.cards.active:
        return None
    made = (card_codes.code_of_order(order.order_id, number, n) for n in bought_cards.left(provision))
    return {"kind": "CODE", "text": "\n".join(map(codes.grouped, made))}


def _account_id(order_id: str, provision: int, number: int) -> str:
    return card_codes.id_of_code(card_codes.code_of_order(order_id, provision, number))
