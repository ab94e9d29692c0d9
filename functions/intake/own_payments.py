"""
Find the accounts of ours that pay an order: a gift card by its code, store credit and credit by the order's customer.

Called by   functions/intake/orders.py for a new order, functions/intake/changes for payments that come after it
Returns     the account of each payment by its place
Raises      Invalid for an account that does not pay, in the same words whatever the reason is, unless it is frozen; Forbidden; TooManyRequests for guessed codes;
            AlreadyExists for a new order that was placed before

What is read here may be spent in the next moment: the transaction that saves the order decides (comanda.aws.orders.own_accounts,
credit_movements).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from comanda.aws.api.callers import Caller
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.books import gift_cards, wrong_codes
from comanda.aws.orders import orders
from comanda.aws.runtime import card_codes
from comanda.domain import ids
from comanda.domain.errors import AlreadyExists, Forbidden, Invalid, TooManyRequests
from comanda.domain.gift_cards import codes
from comanda.domain.gift_cards.account import GIFT_CARD, is_frozen, not_usable
from comanda.domain.orders.tender import ON_ACCOUNT, OWN
from functions.intake.contract import OrderIn, PaymentIn
from functions.intake.rules import PayingAccount

SCOPE, SCOPE_ON_ACCOUNT = "gift-cards/redeem", "credit-accounts/redeem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """
    The order that is paid.

    customer_id     the channel's own id of its customer, or the id of a guest
    external_id     of a new order: it may be placed already, and have spent the card that it names again
    """

    channel: str
    customer_id: str
    currency: str
    external_id: str | None = None


@dataclass(slots=True, kw_only=True)
class OwnPayments:
    """The payments of one request. Each is looked up once, however often the request is decided anew."""

    who: Caller
    request: IdempotentRequest
    now: datetime
    draft_id: str | None = None
    _known: dict[int, PayingAccount] = field(default_factory=dict)

    def accounts(
        self, paid: Paid, payments: Sequence[PaymentIn], providers: Mapping[str, str]
    ) -> Mapping[int, PayingAccount]:
        """Return the accounts by the places of their payments."""
        own = [i for i, payment in enumerate(payments) if providers.get(payment.method) == OWN]
        for i in own:
            self._require_scope(payments[i].method)
        for i in own:
            if i not in self._known:
                payment = payments[i]
                self._known[i] = (
                    self._credit(i, payment, paid)
                    if payment.method == ON_ACCOUNT
                    else PayingAccount(account_id=self._found(i, payment, paid))
                )
        return self._known

    def _require_scope(self, method: str) -> None:
        scope = SCOPE_ON_ACCOUNT if method == ON_ACCOUNT else SCOPE
        if scope not in self.who.scopes:
            raise Forbidden(f"paying by {method} from an account of ours needs the scope {scope}")

    def _credit(self, i: int, payment: PaymentIn, paid: Paid) -> PayingAccount:
        """Return the credit account of the order's customer. Raises Invalid if it does not pay, whatever the reason is."""
        from comanda.aws.books import credit_accounts  # few orders are paid on account
        from comanda.domain.credit_accounts.account import not_usable

        account = credit_accounts.of_customer(paid.channel, paid.customer_id, paid.currency)
        if account is None or not credit_accounts.pays(account, payment.authorized.amount, self.now.date()):
            _require_new(paid)  # read after the account: an order that has spent its room is stored with it
            raise Invalid(not_usable(i))
        return PayingAccount(account_id=account.account_id, payment_days=account.terms.payment_days)

    def _found(self, i: int, payment: PaymentIn, paid: Paid) -> str:
        is_card = payment.method == GIFT_CARD
        sender = wrong_codes.sender(self.who.id, None if self.who.person else paid.customer_id)
        if is_card:
            self._require_tries(sender, paid)
        account_id = _id_of_card(payment) if is_card else _id_of_credit(paid)
        account = gift_cards.find(account_id) if account_id else None
        if account is None or not account.pays(payment.authorized.amount, paid.currency, self.now.date()):
            _require_new(paid)  # read after the account: an order that has spent it is stored with it
            is_guess = is_card and account_id and account is None
            if is_guess and self.request.replay() is None:  # a repetition of what was done guesses nothing
                wrong_codes.add(sender, self.draft_id, self.now)
            frozen = account is not None and account.frozen
            raise Invalid(is_frozen(i, payment.method) if frozen else not_usable(i, payment.method))
        return account.account_id

    def _require_tries(self, sender: str, paid: Paid) -> None:
        try:
            wrong_codes.require_tries(sender, self.draft_id, self.now)
        except TooManyRequests:
            _require_new(paid)
            raise


def _require_new(paid: Paid) -> None:
    """Raise AlreadyExists for a new order that was placed before: whoever repeats it is told of it, not of its spent card."""
    if paid.external_id is not None and (placed := orders.id_of_natural_key(paid.channel, paid.external_id)):
        raise AlreadyExists(placed)


def of_new(
    given: OrderIn,
    customer_id: str,
    providers: Mapping[str, str],
    who: Caller,
    now: datetime,
    request: IdempotentRequest,
    draft_id: str | None,
) -> Mapping[int, PayingAccount]:
    """Return the accounts that pay a new order, by the places of their payments. `customer_id` may be that of a guest."""
    own = OwnPayments(who=who, request=request, now=now, draft_id=draft_id)
    known = given.customer.id or given.customer.email  # each order of other guests has a customer of its own
    customer = customer_id if known else ids.GUEST
    paid = Paid(channel=given.channel, customer_id=customer, currency=given.currency, external_id=given.external_id)
    return own.accounts(paid, given.payments, providers)


def _id_of_card(payment: PaymentIn) -> str | None:
    code = codes.read(payment.code or "")
    return card_codes.id_of_code(code) if code else None


def _id_of_credit(paid: Paid) -> str | None:
    """Return the account of the customer's credit. A guest has none: whoever types the e-mail of another guest is that guest."""
    if ids.is_guest(paid.customer_id):
        return None
    return gift_cards.id_of_credit(paid.channel, paid.customer_id, paid.currency)
