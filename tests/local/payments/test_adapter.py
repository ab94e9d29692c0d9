"""The adapter moves money once for each operation, whatever goes wrong on the way, and says so in our own words."""

import random
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from comanda.aws.api_client.server import server_at
from comanda.aws.payments import stripe_calls, stripe_notices, stripe_words
from comanda.aws.payments.stripe import Stripe
from comanda.aws.payments.stripe_calls import VERSION
from comanda.domain.payments import operation as operations
from comanda.domain.payments.answer import Answer, Happening, Outcome, Reason, Standing
from comanda.domain.payments.operation import Operation, Purpose, State
from comanda.domain.payments.port import Capabilities, movable
from local.stripe.account import VERSION as SERVED
from local.stripe.server import KEY
from tests.local.payments.room import WRITTEN_AT, Room


@pytest.fixture
def adapter(server):
    def make(**may: bool) -> Stripe:
        if may:
            server.account.change_terms(may)
        return Stripe(KEY, Capabilities(**may), back="https://shop.example/thanks", address=server.url)

    yield make
    for seconds in (stripe_calls.SECONDS, 0.5):
        idle = server_at(server.url, seconds).idle
        while idle:
            idle.pop().close()


@pytest.fixture
def room(server, adapter, door):
    def make(**may: bool) -> Room:
        def wait(seconds: float) -> None:
            door("POST", "/_clock", advance=seconds)

        return Room(adapter(**may), lambda: datetime.fromtimestamp(server.account.moment, UTC), wait)

    return make


@pytest.fixture
def payer(sdk) -> dict:
    """Return a customer with a saved card."""
    return saved(sdk, "pm_card_visa")


def saved(sdk, card: str) -> dict:
    customer = sdk.customers.create({"payment_method": card})
    return {"customer": customer.id, "instrument": card}


def an_operation(purpose: Purpose, amount: int = 10_000, currency: str = "USD", **facts) -> Operation:
    base = {"order_id": "ord_1", "number": 1, "written_at": WRITTEN_AT}
    return Operation(**base | {"purpose": purpose, "amount": amount, "currency": currency} | facts)


def test_it_speaks_the_version_that_the_sdk_knows() -> None:
    assert VERSION == SERVED


def test_it_authorises_captures_and_refunds(room, payer, door) -> None:
    room = room()
    paid = room.authorize(**payer)
    assert (paid.state, paid.reference[:3]) == (State.DONE, "pi_")

    captured = room.move(Purpose.CAPTURE, paid, 6_000)
    refunded = room.move(Purpose.REFUND, paid, 2_500)

    assert (captured.state, refunded.state, refunded.movement[:3]) == (State.DONE, State.DONE, "re_")
    state = door("GET", "/_state")
    assert [(one["amount"], one["amount_captured"], one["amount_refunded"]) for one in state["charge"]] == [
        (10_000, 6_000, 2_500)
    ]
    assert state["payment_intent"][0]["metadata"] == {
        "operation": "ord_1-authorize-1",
        "order": "ord_1",
        "capture-1": "6000",
    }
    assert state["refund"][0]["metadata"]["operation"] == "ord_1-refund-1"


def test_an_authorisation_says_when_it_ends(adapter, payer, server) -> None:
    answer = adapter().authorize(an_operation(Purpose.AUTHORIZE, **payer))

    assert answer.ends_at is not None
    assert abs(answer.ends_at - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=1)
    assert (answer.amount, answer.currency) == (10_000, "USD")


def test_it_captures_each_shipment_where_the_account_may(room, payer, door) -> None:
    room = room(multi_capture=True)
    paid = room.authorize(**payer)

    first = room.move(Purpose.CAPTURE, paid, 4_000, final=False)
    second = room.move(Purpose.CAPTURE, paid, 5_000, final=False, captured=4_000)
    void = room.move(Purpose.VOID, paid, 1_000, captured=9_000)

    assert {one.state for one in (first, second, void)} == {State.DONE}
    (intent,) = door("GET", "/_state")["payment_intent"]
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 9_000)


def test_it_raises_an_authorisation_where_the_account_may(room, payer, door) -> None:
    room = room(incremental=True)
    paid = room.authorize(**payer)

    raised = room.move(Purpose.INCREASE, paid, 12_000)

    assert raised.state is State.DONE
    assert [one["amount_capturable"] for one in door("GET", "/_state")["payment_intent"]] == [12_000]
    door("POST", "/_faults", kind="decline", path="increment")
    declined = room.move(Purpose.INCREASE, paid, 13_000)
    assert (declined.state, declined.reason) == (State.DECLINED, Reason.CARD_DECLINED)


def test_no_account_and_no_card_is_asked_for_more_than_it_may(room, payer, adapter, door) -> None:
    without = room()
    refused = without.move(Purpose.INCREASE, without.authorize(**payer), 12_000)
    assert (refused.state, refused.reason) == (State.DECLINED, Reason.NO_INCREASE)

    made_before = without.authorize(**payer)  # Stripe was not asked for a payment that can be increased
    refused = room(incremental=True).move(Purpose.INCREASE, made_before, 12_000)
    assert (refused.state, refused.reason) == (State.DECLINED, Reason.NO_INCREASE)


def test_it_voids_an_authorisation_and_one_that_is_void_already(room, adapter, payer, door) -> None:
    room = room()
    paid, expired = room.authorize(**payer), room.authorize(**payer)
    assert room.move(Purpose.VOID, paid, 10_000).state is State.DONE
    assert room.move(Purpose.VOID, paid, 10_000).state is State.DONE, "by another operation"

    door("POST", "/_clock", advance=8 * 86_400)

    assert room.move(Purpose.VOID, expired, 10_000).state is State.DONE
    late = room.move(Purpose.CAPTURE, expired, 5_000)
    assert (late.state, late.reason) == (State.DECLINED, Reason.AUTHORISATION_ENDED)


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("pm_card_visa_chargeDeclined", Reason.CARD_DECLINED),
        ("pm_card_chargeDeclinedInsufficientFunds", Reason.INSUFFICIENT_FUNDS),
        ("pm_card_chargeDeclinedExpiredCard", Reason.CARD_EXPIRED),
        ("pm_card_visa_chargeDeclinedLostCard", Reason.CARD_LOST_OR_STOLEN),
        ("pm_card_chargeDeclinedIncorrectCvc", Reason.CARD_DATA_WRONG),
        ("pm_card_chargeDeclinedProcessingError", Reason.CARD_DECLINED),
        ("pm_card_authenticationRequired", Reason.AUTHENTICATION_NEEDED),
    ],
)
def test_a_decline_has_a_reason_of_ours(room, sdk, card, reason) -> None:
    declined = room().authorize(**saved(sdk, card))

    assert (declined.state, declined.reason) == (State.DECLINED, reason)


def test_a_bank_that_declines_a_capture_leaves_the_authorisation(room, payer, door) -> None:
    room = room()
    paid = room.authorize(**payer)
    door("POST", "/_faults", kind="decline", path="/capture", code="insufficient_funds", count=1)

    declined = room.move(Purpose.CAPTURE, paid, 5_000)

    assert (declined.state, declined.reason) == (State.DECLINED, Reason.INSUFFICIENT_FUNDS)
    assert room.move(Purpose.CAPTURE, paid, 5_000).state is State.DONE


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("charge_expired_for_capture", Reason.AUTHORISATION_ENDED),
        ("capture_charge_authorization_expired", Reason.AUTHORISATION_ENDED),
        ("charge_already_captured", Reason.STATE),
    ],
)
def test_a_capture_that_is_refused_says_whether_nothing_can_be_taken_any_more(code: str, reason: Reason) -> None:
    assert stripe_words.reason_of({"type": "invalid_request_error", "code": code}) is reason


@pytest.mark.parametrize(
    ("status", "reason"),
    [("requires_payment_method", Reason.AUTHORISATION_ENDED), ("processing", Reason.STATE)],
)
def test_a_payment_that_lost_its_authorisation_captures_nothing(
    room, payer, server, status: str, reason: Reason
) -> None:
    """A bank may take an authorisation back, after which the payment waits for another card. Nothing was captured."""
    room = room()
    paid = room.authorize(**payer)
    with server.account.store.transaction():
        server.account.put(server.account.get("payment_intent", paid.reference) | {"status": status})

    declined = room.move(Purpose.CAPTURE, paid, 5_000)

    assert (declined.state, declined.reason) == (State.DECLINED, reason)


def test_what_cannot_be_done_is_declined_with_its_reason(room, payer) -> None:
    room = room()
    paid = room.authorize(**payer)
    assert room.move(Purpose.REFUND, paid, 100).reason is Reason.STATE
    assert room.move(Purpose.CAPTURE, paid, 10_001).reason is Reason.TOO_MUCH
    assert room.move(Purpose.CAPTURE, paid, 10).reason is Reason.TOO_LITTLE
    room.move(Purpose.CAPTURE, paid, 5_000)
    assert room.move(Purpose.CAPTURE, paid, 5_000).reason is Reason.STATE, "the account captures once"
    assert room.move(Purpose.VOID, paid, 5_000).reason is Reason.STATE
    assert room.move(Purpose.REFUND, paid, 5_001).reason is Reason.TOO_MUCH
    room.move(Purpose.REFUND, paid, 5_000)
    assert room.move(Purpose.REFUND, paid, 1).reason is Reason.TOO_MUCH
    nobody = Operation(order_id="x", number=1, written_at=WRITTEN_AT, purpose=Purpose.CAPTURE, amount=500,
                       currency="USD", reference="pi_none/../x")  # fmt: skip
    assert room.provider.capture(nobody).reason is Reason.NOT_FOUND
    assert room.provider.status(nobody, WRITTEN_AT).reason is Reason.NOT_FOUND


@pytest.mark.parametrize(
    ("amount", "currency", "charged"),
    [(500, "JPY", 500), (10_010, "BHD", 10_010), (1_000, "ISK", 100_000), (100_00, "MGA", 100), (9_99, "BRL", 999)],
)
def test_amounts_are_those_that_stripe_counts(room, payer, door, amount, currency, charged) -> None:
    room = room()
    paid = room.authorize(amount, currency, **payer)
    captured = room.move(Purpose.CAPTURE, paid, amount)

    assert (paid.state, captured.state) == (State.DONE, State.DONE)
    assert door("GET", "/_state")["charge"][0]["amount_captured"] == charged


@pytest.mark.parametrize(("amount", "currency"), [(10_005, "BHD"), (150, "MGA"), (500, "CLF")])
def test_an_amount_that_stripe_cannot_move_is_declined_without_asking(room, payer, door, amount, currency) -> None:
    declined = room().authorize(amount, currency, **payer)

    assert (declined.state, declined.reason) == (State.DECLINED, Reason.UNIT)
    assert door("GET", "/_state")["payment_intent"] == []


@pytest.mark.parametrize(
    ("amount", "currency", "moved"), [(10_015, "BHD", 10_010), (250, "MGA", 200), (1_000, "CLF", 0), (999, "USD", 999)]
)
def test_what_stripe_cannot_move_stays_to_be_paid(room, payer, amount, currency, moved) -> None:
    room = room()
    part = movable(amount, room.provider.unit(currency))

    assert part == moved
    if part:
        assert room.authorize(part, currency, **payer).state is State.DONE


def test_a_note_that_somebody_changed_goes_to_a_person(room, payer, sdk) -> None:
    room = room()
    paid = room.authorize(**payer)
    done = room.move(Purpose.CAPTURE, paid, 6_000)
    sdk.payment_intents.update(paid.reference, {"metadata": {"capture-1": "six thousand"}})

    asked = operations.answered(
        replace(done, state=State.UNKNOWN), room.provider.status(done, room.clock()), room.clock()
    )

    assert (asked.state, asked.reason) == (State.QUEUED, Reason.AMOUNT_DIFFERS)


@pytest.fixture
def between():
    """A machine between us and Stripe, such as a proxy, that answers by itself."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(listener.status)
            self.send_header("Content-Length", str(len(listener.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(listener.body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    listener = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listener
    listener.shutdown()
    thread.join()
    listener.server_close()


@pytest.mark.parametrize("status", [200, 301, 400, 404, 502])
@pytest.mark.parametrize("body", [b"<html>busy</html>", b"", b"[]", b"{}", b'{"error": {}}', b"\xff"])
def test_an_answer_of_a_machine_in_between_says_nothing(between, status, body, payer) -> None:
    between.status, between.body = status, body
    adapter = Stripe(KEY, Capabilities(), address=f"http://127.0.0.1:{between.server_address[1]}")
    operation = an_operation(Purpose.AUTHORIZE, **payer)

    for answer in (adapter.authorize(operation), adapter.status(operation, WRITTEN_AT), adapter.payment("pi_1")):
        assert answer.outcome is Outcome.UNKNOWN


def test_pix_is_pending_until_somebody_pays(room, door) -> None:
    room = room()
    name = room.write(purpose=Purpose.AUTHORIZE, amount=5_000, currency="BRL", method="PIX")
    pending = room.step(name)
    assert pending.state is State.SENT
    shown = room.provider.status(pending, room.clock())
    assert (shown.outcome, "BR.GOV.BCB.PIX" in shown.pay_with) == (Outcome.PENDING, True)
    assert pending.next_at < shown.ends_at  # it is asked about before, so that a lost notice makes no difference

    door("POST", "/_pay", payment_intent=pending.reference)

    room.wait(86_500)
    assert room.step(name).state is State.DONE
    refund = room.move(Purpose.REFUND, pending, 1_000)
    assert refund.state is State.DONE, "it is pending first"


def test_pix_that_nobody_pays_is_declined(room) -> None:
    expired = room().authorize(5_000, "BRL", method="PIX")

    assert (expired.state, expired.reason) == (State.DECLINED, Reason.PAYMENT_EXPIRED)


def linked(room: Room, door, amount: int = 5_000, currency: str = "BRL") -> tuple[str, Operation]:
    name = room.write(purpose=Purpose.AUTHORIZE, amount=amount, currency=currency, method="LINK", title="Pedido 1001")
    return name, room.step(name)


@pytest.mark.parametrize(
    ("method", "captured"), [("pm_card_visa", 0), ("pm_card_threeDSecure2Required", 0), ("pix", 5_000)]
)
def test_a_customer_pays_at_the_page_of_a_link(room, door, method, captured) -> None:
    room = room()
    name, shown = linked(room, door)
    assert (shown.state, shown.reference[:3]) == (State.SENT, "cs_")
    asked = room.provider.status(shown, room.clock())
    assert (asked.outcome, "/c/pay/cs_" in asked.pay_with) == (Outcome.PENDING, True)
    assert shown.next_at is not None
    assert asked.ends_at is not None
    assert shown.next_at < asked.ends_at  # a notice that is lost costs an hour at most

    door("POST", "/_pay", session=shown.reference, payment_method=method)

    room.wait(86_000)  # or its notice comes before
    room.rows[name] = replace(room.rows[name], next_at=None)
    paid = room.step(name)
    assert (paid.state, paid.reference[:3]) == (State.DONE, "pi_")
    payment = room.provider.payment(paid.reference)
    assert (payment.order_id, payment.captured, payment.amount) == ("ord_1", captured, 5_000)


def test_what_a_first_capture_left_of_a_link_is_authorised_anew(room, door) -> None:
    room = room()
    name, shown = linked(room, door)
    door("POST", "/_pay", session=shown.reference, payment_method="pm_card_visa")
    room.rows[name] = replace(room.rows[name], next_at=None)
    paid = room.step(name)
    assert room.move(Purpose.CAPTURE, paid, 2_000).state is State.DONE
    payment = room.provider.payment(paid.reference)

    rest = room.authorize(3_000, "BRL", customer=payment.customer, instrument=payment.instrument)

    assert rest.state is State.DONE
    assert room.move(Purpose.CAPTURE, rest, 3_000).state is State.DONE


def test_a_link_ends_by_itself_or_before(room, door) -> None:
    room = room()
    _, first = linked(room, door)
    name, _ = linked(room, door)

    assert room.move(Purpose.VOID, first, 5_000).state is State.DONE
    assert room.move(Purpose.VOID, first, 5_000).state is State.DONE, "by another operation"
    expired = room.run(name)

    assert (expired.state, expired.reason) == (State.DECLINED, Reason.PAYMENT_EXPIRED)


def test_a_link_that_was_paid_is_not_ended(room, door) -> None:
    room = room()
    _, shown = linked(room, door)
    door("POST", "/_pay", session=shown.reference, payment_method="pm_card_visa")

    refused = room.move(Purpose.VOID, shown, 5_000)

    assert (refused.state, refused.reason) == (State.DECLINED, Reason.STATE)


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_before", "error_after", "rate_limit"])
def test_a_link_is_made_once_after_each_fault(room, door, fault) -> None:
    door("POST", "/_faults", kind=fault, count=2)
    room = room()
    name, _ = linked(room, door)
    while not room.rows[name].reference:
        room.wait(60)
        room.step(name)

    assert room.rows[name].state is State.SENT
    assert len(door("GET", "/_state")["checkout.session"]) == 1


def test_an_expired_link_sends_a_notice(room, sdk, door, receiver, delivered) -> None:
    endpoint = sdk.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["checkout.session.expired"]})
    _, shown = linked(room(), door)
    door("POST", "/_clock", advance=86_500)
    delivered()

    body, header = receiver.got[0]
    notice = stripe_notices.read(body, header, [endpoint.secret], datetime.now(UTC))

    assert (notice.happening, notice.reference, notice.amount) == (Happening.FAILED, shown.reference, 5_000)
    assert notice.operation_id == "ord_1-authorize-1"


@pytest.mark.parametrize("type_", ["refund.failed", "refund.updated"])
def test_a_refund_that_fails_later_is_told_by_status_and_by_notice(room, sdk, door, receiver, delivered, type_) -> None:
    endpoint = sdk.webhook_endpoints.create({"url": receiver.url, "enabled_events": [type_]})
    room = room()
    paid = room.authorize(**saved(sdk, "pm_card_refundFail"))
    room.move(Purpose.CAPTURE, paid, 5_000)
    refund = room.move(Purpose.REFUND, paid, 2_000)
    assert refund.state is State.DONE
    door("POST", "/_clock", advance=120)
    delivered()

    body, header = receiver.got[-1]
    notice = stripe_notices.read(body, header, [endpoint.secret], datetime.now(UTC))

    assert (notice.happening, notice.operation_id) == (Happening.REFUND_FAILED, "ord_1-refund-1")
    assert (notice.reference, notice.movement, notice.amount) == (paid.reference, refund.movement, 2_000)
    assert room.provider.status(refund, room.clock()).reason is Reason.REFUND_FAILED


FAULTS = ("timeout_before", "timeout_after", "error_before", "error_stored", "error_after", "rate_limit")
STEPS = (Purpose.AUTHORIZE, Purpose.CAPTURE, Purpose.VOID, Purpose.REFUND)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("purpose", STEPS)
def test_each_operation_is_done_once_after_each_fault(room, payer, door, fault, purpose, count) -> None:
    room = room()
    paid = None if purpose is Purpose.AUTHORIZE else room.authorize(**payer)
    if purpose is Purpose.REFUND:
        room.move(Purpose.CAPTURE, paid, 10_000)
    door("POST", "/_faults", kind=fault, count=count)

    def run() -> Operation:
        return room.authorize(**payer) if paid is None else room.move(purpose, paid, 10_000)

    began = room.clock()
    ended = run()

    assert room.clock() - began < timedelta(hours=3), "nobody waits until the key is forgotten"
    while fault == "error_stored" and (ended.state, ended.reason) == (State.DECLINED, Reason.NOT_DONE):
        ended = run()  # its key answers 500 for a day, so another operation does it
    assert ended.state is State.DONE
    state = door("GET", "/_state")
    assert len(state["payment_intent"]) == len(state["charge"]) == 1
    assert len(state["balance_transaction"]) == {Purpose.CAPTURE: 1, Purpose.REFUND: 2}.get(purpose, 0)
    assert len(state["refund"]) == (purpose is Purpose.REFUND)


@pytest.mark.parametrize("purpose", STEPS)
@pytest.mark.parametrize("after_the_call", [False, True])
def test_a_crash_around_the_call_moves_money_once(room, payer, door, purpose, after_the_call) -> None:
    room = room()
    facts = {"amount": 10_000, "currency": "USD", **payer}
    if purpose is not Purpose.AUTHORIZE:
        facts = {"amount": 10_000, "currency": "USD", "reference": room.authorize(**payer).reference}
    if purpose is Purpose.REFUND:
        room.run_new(purpose=Purpose.CAPTURE, **facts)
    name = room.write(purpose=purpose, **facts)
    room.rows[name] = operations.sent(room.rows[name], room.clock())
    if after_the_call:
        getattr(room.provider, purpose)(room.rows[name])  # and its answer is never saved
    room.wait(6)

    assert room.run(name).state is State.DONE

    state = door("GET", "/_state")
    assert (len(state["charge"]), len(state["refund"])) == (1, purpose is Purpose.REFUND)
    assert len(state["balance_transaction"]) == {Purpose.CAPTURE: 1, Purpose.REFUND: 2}.get(purpose, 0)


def test_pix_without_an_answer_is_found_when_the_search_knows_it(room, door) -> None:
    door("POST", "/_account", search_delay=60)
    door("POST", "/_faults", kind="timeout_after", count=2)  # a connection that was closed meanwhile is tried twice
    room = room()
    name = room.write(purpose=Purpose.AUTHORIZE, amount=5_000, currency="BRL", method="PIX")
    assert room.step(name).state is State.UNKNOWN
    door("DELETE", "/_faults")

    room.wait(6)
    assert room.step(name).state is State.UNKNOWN, "an empty search proves nothing yet"
    room.wait(90)
    found = room.step(name)

    assert (found.state, found.reference[:3]) == (State.SENT, "pi_")
    assert len(door("GET", "/_state")["payment_intent"]) == 1


def test_pix_that_was_never_made_is_sent_again_after_an_hour(room, door) -> None:
    room = room()
    name = room.write(purpose=Purpose.AUTHORIZE, amount=5_000, currency="BRL", method="PIX")
    began = room.clock()
    door("POST", "/_faults", kind="timeout_before", count=2)
    room.step(name)
    door("DELETE", "/_faults")
    while not room.rows[name].reference:
        room.wait(300)
        room.step(name)

    assert timedelta(hours=1) <= room.clock() - began < timedelta(hours=3)
    assert len(door("GET", "/_state")["payment_intent"]) == 1


def test_the_payment_of_another_operation_is_not_taken_for_the_lost_one(room, payer, door) -> None:
    room = room()
    first = room.authorize(**payer)
    door("POST", "/_faults", kind="timeout_before", count=2)
    second = room.authorize(**payer)
    door("POST", "/_faults", kind="timeout_before", path="sessions", count=2)
    links = [linked(room, door), linked(room, door)]
    for name, _ in links:
        while not room.rows[name].reference:
            room.wait(60)
            room.step(name)

    references = {first.reference, second.reference, *(room.rows[name].reference for name, _ in links)}
    assert len(references) == 4


def test_a_payment_that_was_made_and_never_confirmed_is_no_authorisation(adapter, payer, sdk) -> None:
    operation = an_operation(Purpose.AUTHORIZE, **payer)
    made = {"amount": 10_000, "currency": "usd", "customer": payer["customer"]}
    sdk.payment_intents.create(made | {"metadata": {"operation": operation.operation_id}})

    assert adapter().status(operation, WRITTEN_AT).outcome is Outcome.ABSENT


def test_an_increase_without_an_answer_is_made_once(room, payer, door) -> None:
    room = room(incremental=True)
    paid = room.authorize(**payer)
    for number, fault in enumerate(("timeout_before", "timeout_after", "error_before", "error_after")):
        door("POST", "/_faults", kind=fault, path="increment", count=2)
        raised = room.move(Purpose.INCREASE, paid, 12_000 + number)
        door("DELETE", "/_faults")
        assert (raised.state, raised.reason) == (State.DONE, None)
        assert door("GET", "/_state")["payment_intent"][0]["amount"] == 12_000 + number


def test_a_refund_is_found_behind_a_hundred_others(room, payer, sdk) -> None:
    room = room()
    paid = room.authorize(**payer)
    room.move(Purpose.CAPTURE, paid, 10_000)
    first = room.move(Purpose.REFUND, paid, 500)
    for _ in range(101):
        sdk.refunds.create({"payment_intent": paid.reference, "amount": 1})

    assert room.provider.status(first, room.clock()).movement == first.movement


def test_an_account_that_captures_once_releases_the_rest_whatever_was_planned(room, payer, door) -> None:
    room = room()

    captured = room.move(Purpose.CAPTURE, room.authorize(**payer), 4_000, final=False)

    assert captured.state is State.DONE
    assert [one["amount_capturable"] for one in door("GET", "/_state")["payment_intent"]] == [0]


def test_a_capture_of_another_amount_than_its_note_goes_to_a_person(room, payer, sdk) -> None:
    room = room(multi_capture=True)
    paid = room.authorize(**payer)
    room.move(Purpose.CAPTURE, paid, 5_000, final=False)
    strange = {"amount_to_capture": 3_000, "final_capture": False, "metadata": {"capture-2": "4000"}}
    sdk.payment_intents.capture(paid.reference, strange)
    lost = operations.sent(
        an_operation(Purpose.CAPTURE, 4_000, number=2, reference=paid.reference, captured=5_000), room.clock()
    )

    asked = operations.answered(lost, room.provider.status(lost, room.clock()), room.clock())

    assert (asked.state, asked.reason) == (State.QUEUED, Reason.AMOUNT_DIFFERS)


def test_a_slow_provider_gets_the_same_request_again_and_moves_money_once(room, payer, door, monkeypatch) -> None:
    monkeypatch.setattr("comanda.aws.payments.stripe_calls.SECONDS", 0.5)
    room = room()
    room.wait = lambda seconds: (door("POST", "/_clock", advance=seconds), time.sleep(0.2))
    door("POST", "/_faults", kind="slow", seconds=1.5, path="/v1/payment_intents", count=1)

    assert room.authorize(**payer).state is State.DONE
    assert len(door("GET", "/_state")["charge"]) == 1


def test_a_provider_that_is_not_there_leaves_the_operation_to_a_person_after_a_day(room, payer, door) -> None:
    room = room()
    room.provider = Stripe(KEY, Capabilities(), address="http://127.0.0.1:9")

    queued = room.authorize(**payer)

    assert (queued.state, queued.reason) == (State.QUEUED, Reason.NO_ANSWER)


@pytest.mark.parametrize("seed", range(8))
def test_at_random_every_operation_ends_and_the_provider_agrees(room, payer, door, seed) -> None:
    """One in five calls fails in each of the ways, for a while; then nothing fails any more."""
    room, dice = room(multi_capture=True), random.Random(seed)
    currency = ("USD", "BRL", "JPY", "BHD")[seed % 4]
    chances = [{"kind": kind, "chance": 0.2} for kind in (*FAULTS, "decline")]
    door("POST", "/_faults", faults=chances, seed=seed)
    owed = {"captured": 0, "refunded": 0}
    payments = []
    for _ in range(3):
        paid = room.authorize(10_000, currency, **payer)
        if paid.state is State.DONE:
            payments.append(paid)
    door("DELETE", "/_faults")
    while len(payments) < 3:
        payments.append(room.authorize(10_000, currency, **payer))
    door("POST", "/_faults", faults=chances[:-1], seed=seed)

    for paid in payments:
        captured = 0
        for _ in range(3):
            amount = 10 * dice.randint(10, 300)
            one = room.move(Purpose.CAPTURE, paid, amount, final=False, captured=captured)
            captured += amount if one.state is State.DONE else 0
        owed["captured"] += captured
        if captured:
            amount = 10 * dice.randint(1, captured // 10)
            one = room.move(Purpose.REFUND, paid, amount)
            owed["refunded"] += amount if one.state is State.DONE else 0
        room.move(Purpose.VOID, paid, 10_000 - captured, captured=captured)
    door("DELETE", "/_faults")

    assert {row.state for row in room.rows.values()} <= {State.DONE, State.DECLINED, State.QUEUED}
    for (
        row
    ) in room.rows.values():  # a person who looks at the provider finds what was moved without an answer for a day
        if row.state is State.QUEUED and room.provider.status(row, room.clock()).outcome is Outcome.DONE:
            owed["captured" if row.purpose is Purpose.CAPTURE else "refunded"] += row.amount
    charges = [one for one in door("GET", "/_state")["charge"] if one["status"] == "succeeded"]
    assert sum(one["amount_captured"] for one in charges) == owed["captured"]
    assert sum(one["amount_refunded"] for one in charges) == owed["refunded"]


def test_a_payment_is_seen_as_it_is(room, adapter, sdk, authorized) -> None:
    intent = authorized(7_500, "brl", metadata={"order": "ord_7"})
    payment = adapter().payment(intent.id)

    assert (payment.standing, payment.amount, payment.captured) == (Standing.AUTHORISED, 7_500, 0)
    assert (payment.currency, payment.order_id) == ("BRL", "ord_7")
    sdk.payment_intents.capture(intent.id, {"amount_to_capture": 5_000})
    assert (adapter().payment(intent.id).standing, adapter().payment(intent.id).captured) == (Standing.CAPTURED, 5_000)
    assert adapter().payment("pi_none") == Answer(outcome=Outcome.DECLINED, reason=Reason.NOT_FOUND)


def test_a_wrong_key_is_no_decline(server, payer, adapter) -> None:
    stranger = Stripe("sk_test_wrong", Capabilities(), address=server.url)
    operation = an_operation(Purpose.AUTHORIZE, **payer)

    for answer in (stranger.authorize(operation), stranger.status(operation, WRITTEN_AT), stranger.payment("pi_1")):
        assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, Reason.NOT_ADMITTED)


def test_an_id_that_was_used_for_another_amount_is_asked_about(adapter, payer) -> None:
    adapter().authorize(an_operation(Purpose.AUTHORIZE, **payer))

    answer = adapter().authorize(an_operation(Purpose.AUTHORIZE, amount=20_000, **payer))

    assert (answer.outcome, answer.reason) == (Outcome.UNKNOWN, Reason.INVALID)


def test_no_word_of_the_provider_is_in_an_answer(server, sdk, door, payer, adapter) -> None:
    """Everything that an answer says is a code, an id, an amount or a time."""
    declined = adapter().authorize(an_operation(Purpose.AUTHORIZE, **saved(sdk, "pm_card_chargeDeclined")))
    invalid = adapter().refund(an_operation(Purpose.REFUND, reference="pi_none"))

    for answer in (declined, invalid):
        assert " " not in f"{answer.reason}{answer.reference}{answer.movement}{answer.pay_with}"
