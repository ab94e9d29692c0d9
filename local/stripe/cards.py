"""
List the test cards, and how each of them behaves.

Called by   local/stripe/charging.py, customers.py
Returns     Card

The numbers and names are those of docs.stripe.com/testing.
"""

from dataclasses import dataclass

ISSUER = "card_declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """An issuer's refusal, in Stripe's codes."""

    code: str
    decline_code: str | None = None
    message: str = "Your card was declined."


GENERIC = Decline(code=ISSUER, decline_code="generic_decline")
NEEDS_AUTHENTICATION = Decline(
    code="authentication_required",
    decline_code="authentication_required",
    message="Your card was declined. This transaction requires authentication.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """
    A test card.

    authentication  "never", "always", or "unless_set_up": not for a charge without the customer, once it was set up
    refunds         "at_once", "pending" (done a little later) or "fail" (done, and taken back a little later)
    """

    alias: str
    number: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    decline: Decline | None = None
    authentication: str = "never"
    refunds: str = "at_once"
    available_at_once: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _declined(alias: str, number: str, decline_code: str) -> Card:
    return Card(alias=alias, number=number, decline=Decline(code=ISSUER, decline_code=decline_code))


def _wrong(alias: str, number: str, code: str, message: str) -> Card:
    return Card(alias=alias, number=number, decline=Decline(code=code, decline_code=code, message=message))


CARDS = (
    Card(alias="pm_card_visa", number="4242424242424242"),
    Card(alias="pm_card_visa_debit", number="4000056655665556", funding="debit"),
    Card(alias="pm_card_mastercard", number="5555555555554444", brand="mastercard"),
    Card(alias="pm_card_amex", number="378282246310005", brand="amex"),
    Card(alias="pm_card_discover", number="6011111111111117", brand="discover"),
    Card(alias="pm_card_br", number="4000000760000002", country="BR"),
    Card(alias="pm_card_jp", number="4000003920000003", country="JP"),
    Card(alias="pm_card_bypassPending", number="4000000000000077", available_at_once=True),
    Card(alias="pm_card_pendingRefund", number="4000000000007726", refunds="pending"),
    Card(alias="pm_card_refundFail", number="4000000000005126", refunds="fail"),
    Card(alias="pm_card_visa_chargeDeclined", number="4000000000000002", decline=GENERIC),
    Card(alias="pm_card_chargeCustomerFail", number="4000000000000341", decline=GENERIC),
    _declined("pm_card_visa_chargeDeclinedInsufficientFunds", "4000000000009995", "insufficient_funds"),
    _declined("pm_card_visa_chargeDeclinedLostCard", "4000000000009987", "lost_card"),
    _declined("pm_card_visa_chargeDeclinedStolenCard", "4000000000009979", "stolen_card"),
    _declined("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "4000000000006975", "card_velocity_exceeded"),
    _wrong("pm_card_chargeDeclinedExpiredCard", "4000000000000069", "expired_card", "Your card has expired."),
    _wrong(
        "pm_card_chargeDeclinedIncorrectCvc", "4000000000000127", "incorrect_cvc", "The security code is incorrect."
    ),
    _wrong("pm_card_chargeDeclinedProcessingError", "4000000000000119", "processing_error", "An error occurred."),
    Card(alias="pm_card_authenticationRequired", number="4000002760003184", authentication="always"),
    Card(alias="pm_card_threeDSecure2Required", number="4000000000003220", authentication="always"),
    Card(alias="pm_card_authenticationRequiredOnSetup", number="4000002500003155", authentication="unless_set_up"),
    Card(
        alias="pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        number="4000008260003178",
        authentication="always",
        decline=Decline(code=ISSUER, decline_code="insufficient_funds"),
    ),
)
BY_ALIAS = {card.alias: card for card in CARDS} | {
    card.alias.replace("pm_card_visa_chargeDeclined", "pm_card_chargeDeclined"): card for card in CARDS
}
BY_NUMBER = {card.number: card for card in CARDS}
