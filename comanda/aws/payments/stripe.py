"""
Move money by Stripe: authorise, capture, void, refund, and ask what became of an operation.

Called by   functions/pay/accounts.py
Returns     answers of comanda.domain.payments
Raises      nothing

Each call has the operation's id as its Idempotency-Key, and notes it in Stripe's metadata, so `status` finds an operation
whose answer was lost. A request may thus arrive twice. The SDK is not used: its import costs as much as a whole start-up.
"""

from datetime import datetime, timedelta
from urllib.parse import quote

from comanda.aws.payments import stripe_links as links
from comanda.aws.payments import stripe_words as words
from comanda.aws.payments.stripe_calls import Calls, NotRead, Params
from comanda.domain.payments.answer import Answer, Outcome, Payment, Reason
from comanda.domain.payments.dispute import ProviderDispute
from comanda.domain.payments.operation import Operation, Purpose
from comanda.domain.payments.port import Capabilities

ADDRESS = "https://api.stripe.com"
SEARCH_LAG = timedelta(hours=1)  # until a search surely knows a payment: a minute, and longer in Stripe's outages
CLOCKS_DIFFER = timedelta(minutes=10)  # at most, ours and Stripe's
_INTENTS, _REFUNDS, _DISPUTES = "/v1/payment_intents", "/v1/refunds", "/v1/disputes"
_EXPAND = ("expand[]", "latest_charge")
_WISHES = (("multi_capture", "request_multicapture"), ("incremental", "request_incremental_authorization"))


class Stripe:
    """One account at Stripe. `back` is the page that customers come to after they paid at a page of Stripe's."""

    unit = staticmethod(words.unit)

    def __init__(self, key: str, capabilities: Capabilities, *, back: str = "", address: str = ADDRESS) -> None:
        self.capabilities = capabilities
        self._back = back
        self._calls = Calls(address, key)

    def authorize(self, operation: Operation) -> Answer:
        """Authorise without the customer, or show a code or a page."""
        if operation.method == "LINK":
            params = links.params(operation, self.capabilities, self._back)
            return self._calls.write(operation, links.SESSIONS, params, links.AMOUNT, links.of_session)
        params = [
            *_metadata(operation),
            _EXPAND,
            ("allowed_payment_method_types[]", operation.method.lower()),
            ("confirm", "true"),
            ("currency", operation.currency.lower()),
        ]
        if operation.customer:
            params.append(("customer", operation.customer))
        if operation.method == "PIX":
            params.append(("payment_method_data[type]", "pix"))
        else:
            params += [("capture_method", "manual"), ("off_session", "true"), ("payment_method", operation.instrument)]
            wishes = [wish for may, wish in _WISHES if getattr(self.capabilities, may)]
            params += [(f"payment_method_options[card][{wish}]", "if_available") for wish in wishes]
        return self._calls.write(operation, _INTENTS, params, "amount")

    def increase(self, operation: Operation) -> Answer:
        """Authorise more on a card, where the account may, the card allows it, and its payment was made with that in mind."""
        try:
            intent = self._calls.read(_path(operation), [_EXPAND]) if self.capabilities.incremental else None
        except NotRead as unread:
            return unread.answer
        if intent is None or not words.can_be_increased(intent):
            return Answer(outcome=Outcome.DECLINED, reason=Reason.NO_INCREASE)
        return self._calls.write(operation, _path(operation, "/increment_authorization"), [_EXPAND], "amount")

    def capture(self, operation: Operation) -> Answer:
        """Capture an amount. The rest is released, unless the payment is captured several times and this is not the last one.

        Not every card allows that, even if the account does, and Stripe refuses to keep the rest of one that does not.
        """
        params: Params = [(f"metadata[{words.note_of(operation)}]", operation.amount)]
        if self.capabilities.multi_capture and not operation.final:
            try:
                intent = self._calls.read(_path(operation), [_EXPAND])
            except NotRead as unread:
                return unread.answer
            if words.captures_in_parts(intent):
                params.append(("final_capture", "false"))
        return self._calls.write(operation, _path(operation, "/capture"), params, "amount_to_capture")

    def void(self, operation: Operation) -> Answer:
        """Release what is authorised and not captured, or end a page that was not paid."""
        if links.is_link(operation):
            path = f"{links.SESSIONS}/{quote(operation.reference, safe='')}/expire"
            return self._calls.write(operation, path, [], read=links.of_session)
        if operation.captured:  # Stripe cancels nothing of which a part was captured
            nothing: Params = [("amount_to_capture", 0), ("final_capture", "true")]
            return self._calls.write(operation, _path(operation, "/capture"), nothing)
        return self._calls.write(operation, _path(operation, "/cancel"), [])

    def refund(self, operation: Operation) -> Answer:
        params: Params = [*_metadata(operation), ("payment_intent", operation.reference)]
        return self._calls.write(operation, _REFUNDS, params, "amount", words.of_refund)

    def status(self, operation: Operation, now: datetime) -> Answer:
        """Return what became of an operation. ABSENT only when Stripe surely has no trace of it."""
        try:
            if operation.purpose is Purpose.REFUND:
                listed = self._calls.pages(_REFUNDS, [("payment_intent", operation.reference)])
                mine = (words.of_refund(operation, one) for one in listed if words.is_of(operation, one))
                return next(mine, Answer(outcome=Outcome.ABSENT))
            if links.is_link(operation):
                return self._link(operation)
            if operation.reference:
                return words.of_intent(operation, self._calls.read(_path(operation), [_EXPAND]))
            return self._authorization(operation, now)
        except NotRead as unread:
            return unread.answer

    def payment(self, reference: str) -> Payment | Answer:
        try:
            return words.payment_of(self._calls.read(f"{_INTENTS}/{quote(reference, safe='')}", [_EXPAND]))
        except NotRead as unread:
            return unread.answer

    def disputes(self, reference: str) -> tuple[ProviderDispute, ...] | Answer:
        try:
            listed = self._calls.pages(_DISPUTES, [("payment_intent", reference)])
            return tuple(found for one in listed if (found := words.dispute_of(one)) is not None)
        except NotRead as unread:
            return unread.answer

    def _authorization(self, operation: Operation, now: datetime) -> Answer:
        """Find a payment whose answer was lost. The list of a customer is whole at once; a search comes late."""
        if operation.customer:
            found = self._calls.pages(_INTENTS, [("customer", operation.customer), ("expand[]", "data.latest_charge")])
        else:
            query = f"metadata['{words.OPERATION}']:'{operation.operation_id}'"
            found = iter(self._calls.read(f"{_INTENTS}/search", [("query", query)])["data"])
        for intent in found:
            if words.is_of(operation, intent):
                return words.of_intent(operation, intent)
        if operation.customer or now - (operation.sent_at or now) >= SEARCH_LAG:
            return Answer(outcome=Outcome.ABSENT)
        return Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER)

    def _link(self, operation: Operation) -> Answer:
        name = operation.reference
        if not name:  # its answer was lost: the list of pages that were made since then is whole
            since = int(((operation.sent_at or operation.written_at) - CLOCKS_DIFFER).timestamp())
            listed = self._calls.pages(links.SESSIONS, [("created[gte]", since)])
            name = next((one["id"] for one in listed if words.is_of(operation, one)), "")
        if not name:
            return Answer(outcome=Outcome.ABSENT)
        return links.of_session(operation, self._calls.read(f"{links.SESSIONS}/{quote(name, safe='')}", [links.EXPAND]))


def _path(operation: Operation, step: str = "") -> str:
    return f"{_INTENTS}/{quote(operation.reference, safe='')}{step}"


def _metadata(operation: Operation) -> Params:
    return [(f"metadata[{name}]", value) for name, value in words.names_of(operation).items()]
