"""Whatever is asked in whatever order: never more captured than authorised, never more refunded than captured, and sums hold."""

from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from local.stripe import balance, charging, clockwork, intents, refunds
from local.stripe.account import Account
from local.stripe.faults import Faults
from local.stripe.refusals import Refused

AMOUNTS = st.integers(min_value=1, max_value=30_000)
CARDS = (
    "pm_card_visa",
    "pm_card_refundFail",
    "pm_card_pendingRefund",
    "pm_card_chargeDeclined",
    "pm_card_authenticationRequired",
)


class Payments(RuleBasedStateMachine):
    names = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.account, self.faults = Account(), Faults()

    def teardown(self) -> None:
        self.account.store.close()

    @initialize(several=st.booleans(), incremental=st.booleans())
    def open_account(self, several: bool, incremental: bool) -> None:
        self.account.change_terms({"multi_capture": several, "incremental": incremental})

    def ask(self, call: Any, *arguments: Any) -> Any:
        with suppress(Refused), self.account.store.transaction():
            return call(self.account, self.faults, *arguments)
        return None

    @rule(target=names, amount=AMOUNTS, card=st.sampled_from(CARDS), currency=st.sampled_from(("usd", "jpy", "bhd")))
    def authorize(self, amount: int, card: str, currency: str) -> str:
        wanted = dict.fromkeys(("request_multicapture", "request_incremental_authorization"), "if_available")
        self.ask(
            intents.create,
            {
                "amount": amount,
                "currency": currency,
                "payment_method": card,
                "payment_method_options": {"card": wanted},
                "allowed_payment_method_types": ["card"],
                "capture_method": "manual",
                "confirm": True,
            },
        )
        return (
            self.account.store.every("payment_intent")[-1]["id"] if self.account.store.every("payment_intent") else ""
        )

    @rule(target=names, amount=AMOUNTS)
    def show_pix(self, amount: int) -> str:
        params = {"amount": amount, "currency": "brl", "payment_method_data": {"type": "pix"}, "confirm": True}
        made = self.ask(intents.create, params | {"allowed_payment_method_types": ["pix"]})
        return made["id"] if made else ""

    @rule(name=names)
    def pay(self, name: str) -> None:
        found = self.account.store.find("payment_intent", name)
        if found and found["next_action"]:
            self.ask(lambda account, _: charging.pay_pix(account, found))

    @rule(name=names, succeeds=st.booleans())
    def authenticate(self, name: str, succeeds: bool) -> None:
        found = self.account.store.find("payment_intent", name)
        if found and found["next_action"]:
            self.ask(lambda account, faults: charging.authenticate(account, faults, found, succeeds=succeeds))

    @rule(name=names, amount=AMOUNTS, final=st.booleans())
    def capture(self, name: str, amount: int, final: bool) -> None:
        self.ask(intents.capture, name, {"amount_to_capture": amount, "final_capture": final})

    @rule(name=names)
    def capture_all(self, name: str) -> None:
        self.ask(intents.capture, name, {})

    @rule(name=names)
    def cancel(self, name: str) -> None:
        self.ask(intents.cancel, name, {})

    @rule(name=names, amount=AMOUNTS)
    def increment(self, name: str, amount: int) -> None:
        self.ask(intents.increment, name, {"amount": amount})

    @rule(name=names, amount=st.none() | AMOUNTS)
    def refund(self, name: str, amount: int | None) -> None:
        self.ask(refunds.create, {"payment_intent": name} | ({"amount": amount} if amount else {}))

    @rule(hours=st.sampled_from((1, 20, 170)))
    def wait(self, hours: int) -> None:
        self.account.advance(hours * 3_600)
        clockwork.run_due(self.account, self.faults)

    @rule()
    def pay_out(self) -> None:
        self.ask(lambda account, _: balance.pay_out_all(account))

    @invariant()
    def nothing_is_taken_that_was_not_authorised(self) -> None:
        for intent in self.account.store.every("payment_intent"):
            assert 0 <= intent["amount_received"] <= intent["amount"]
            assert intent["amount_received"] + intent["amount_capturable"] <= intent["amount"]
            assert (intent["amount_capturable"] > 0) <= (intent["status"] == "requires_capture")

    @invariant()
    def nothing_is_given_back_that_was_not_taken(self) -> None:
        for charge in self.account.store.every("charge"):
            given = sum(
                one["amount"] for one in self.account.store.every("refund", charge["id"]) if one["status"] != "failed"
            )
            assert given == charge["amount_refunded"] <= charge["amount_captured"] <= charge["amount"]

    @invariant()
    def movements_add_up_to_the_balance(self) -> None:
        sums: dict[str, int] = {}
        for moved in self.account.store.every(balance.KIND):
            assert moved["net"] == moved["amount"] - moved["fee"]
            sums[moved["currency"]] = sums.get(moved["currency"], 0) + moved["net"]
        whole = balance.balance(self.account)
        shown = {one["currency"]: one["amount"] for one in whole["available"]}
        for one in whole["pending"]:
            shown[one["currency"]] += one["amount"]
        assert shown == sums
        taken = sum(one["amount_captured"] for one in self.account.store.every("charge"))
        assert taken == sum(
            one["amount"] for one in self.account.store.every(balance.KIND) if one["reporting_category"] == "charge"
        )


TestPayments = Payments.TestCase
TestPayments.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
