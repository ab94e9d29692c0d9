"""The official SDK drives payments from their creation to their refund."""

import time

import pytest
import stripe

BACK = "https://shop.example/back"


def refusal(call) -> dict:
    """Return the status and the error that the call is refused with."""
    with pytest.raises(stripe.StripeError) as refused:
        call()
    return {"status": refused.value.http_status, **refused.value.json_body["error"]}


def the_charge(sdk, intent) -> stripe.Charge:
    return sdk.charges.retrieve(sdk.payment_intents.retrieve(intent.id).latest_charge)


def test_a_payment_is_created_then_confirmed_then_captured(sdk) -> None:
    intent = sdk.payment_intents.create({"amount": 2_000, "currency": "usd", "capture_method": "manual"})
    assert (intent.status, intent.automatic_payment_methods.enabled) == ("requires_payment_method", True)

    intent = sdk.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa", "return_url": BACK})
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2_000, 0)

    intent = sdk.payment_intents.capture(intent.id)
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("succeeded", 0, 2_000)
    charge = the_charge(sdk, intent)
    assert (charge.captured, charge.amount_captured, charge.refunded) == (True, 2_000, False)
    moved = sdk.balance_transactions.retrieve(charge.balance_transaction)
    assert (moved.amount, moved.fee, moved.net, moved.reporting_category) == (2_000, 88, 1_912, "charge")


def test_a_payment_that_may_lead_to_another_page_needs_an_address_to_come_back_to(sdk) -> None:
    params = {"amount": 2_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}

    assert refusal(lambda: sdk.payment_intents.create(params))["param"] == "return_url"

    never = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    assert sdk.payment_intents.create(params | never).status == "succeeded"


def test_the_first_capture_releases_the_rest_unless_the_account_captures_several_times(sdk, authorized) -> None:
    intent = authorized(10_000)
    again = {"amount_to_capture": 6_000, "final_capture": False}
    assert refusal(lambda: sdk.payment_intents.capture(intent.id, again))["param"] == "final_capture"

    intent = sdk.payment_intents.capture(intent.id, {"amount_to_capture": 6_000})

    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("succeeded", 0, 6_000)
    charge = the_charge(sdk, intent)
    assert (charge.amount, charge.amount_captured, charge.amount_refunded) == (10_000, 6_000, 0)
    assert [moved.amount for moved in sdk.balance_transactions.list({"source": charge.id}).data] == [6_000]
    assert sdk.refunds.list({"payment_intent": intent.id}).data == [], "a release is no refund since 2025-03-31"
    code = refusal(lambda: sdk.payment_intents.capture(intent.id))["code"]
    assert code == "payment_intent_unexpected_state"


def test_an_account_that_may_captures_for_each_shipment(sdk, door, authorized) -> None:
    door("POST", "/_account", multi_capture=True)
    wanted = {"payment_method_options": {"card": {"request_multicapture": "if_available"}}}
    intent = authorized(10_000, **wanted)

    intent = sdk.payment_intents.capture(intent.id, {"amount_to_capture": 7_000, "final_capture": False})
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 3_000, 7_000)
    too_much = refusal(lambda: sdk.payment_intents.capture(intent.id, {"amount_to_capture": 3_001}))
    assert (too_much["code"], too_much["param"]) == ("amount_too_large", "amount_to_capture")
    assert refusal(lambda: sdk.payment_intents.cancel(intent.id))["code"] == "payment_intent_unexpected_state"
    assert sdk.refunds.create({"payment_intent": intent.id, "amount": 500}).status == "succeeded"

    intent = sdk.payment_intents.capture(intent.id, {"amount_to_capture": 2_000, "final_capture": True})
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("succeeded", 0, 9_000)
    charge = the_charge(sdk, intent)
    assert (charge.captured, charge.amount_captured, charge.amount_refunded) == (True, 9_000, 500)
    assert authorized(10_000).latest_charge, "without asking for it"
    plain = authorized(10_000)
    assert refusal(lambda: sdk.payment_intents.capture(plain.id, {"final_capture": False}))["param"] == "final_capture"


def test_the_rest_is_released_by_a_last_capture_of_nothing(sdk, door, authorized) -> None:
    door("POST", "/_account", multi_capture=True)
    intent = authorized(10_000, payment_method_options={"card": {"request_multicapture": "if_available"}})
    sdk.payment_intents.capture(intent.id, {"amount_to_capture": 4_000, "final_capture": False})

    intent = sdk.payment_intents.capture(intent.id, {"amount_to_capture": 0})

    assert (intent.status, intent.amount_received, intent.amount_capturable) == ("succeeded", 4_000, 0)


def test_an_authorisation_is_cancelled_before_anything_is_captured(sdk, authorized) -> None:
    intent = sdk.payment_intents.cancel(authorized().id, {"cancellation_reason": "requested_by_customer"})

    assert (intent.status, intent.amount_capturable, intent.cancellation_reason) == (
        "canceled",
        0,
        "requested_by_customer",
    )
    charge = the_charge(sdk, intent)
    assert (charge.captured, charge.amount_captured, charge.refunded) == (False, 0, False)
    assert refusal(lambda: sdk.payment_intents.capture(intent.id))["code"] == "payment_intent_unexpected_state"
    assert refusal(lambda: sdk.refunds.create({"payment_intent": intent.id}))["status"] == 400


def test_an_authorisation_is_increased_where_account_and_payment_allow_it(sdk, door, authorized) -> None:
    wanted = {"payment_method_options": {"card": {"request_incremental_authorization": "if_available"}}}
    intent = authorized(5_000, **wanted)
    assert refusal(lambda: sdk.payment_intents.increment_authorization(intent.id, {"amount": 6_000}))["status"] == 400

    door("POST", "/_account", incremental=True)
    intent = authorized(5_000, **wanted)
    intent = sdk.payment_intents.increment_authorization(intent.id, {"amount": 6_000})
    assert (intent.amount, intent.amount_capturable) == (6_000, 6_000)
    assert (
        refusal(lambda: sdk.payment_intents.increment_authorization(intent.id, {"amount": 6_000}))["param"] == "amount"
    )

    door("POST", "/_faults", kind="decline", path="increment", count=1)
    declined = refusal(lambda: sdk.payment_intents.increment_authorization(intent.id, {"amount": 7_000}))
    assert (declined["status"], declined["code"]) == (402, "card_declined")
    assert sdk.payment_intents.capture(intent.id).amount_received == 6_000


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_a_declined_card_leaves_a_failed_charge_and_a_payment_that_takes_another(
    sdk, authorized, card, code, decline_code
) -> None:
    declined = refusal(lambda: authorized(card=card))

    assert (declined["status"], declined["type"], declined["code"]) == (402, "card_error", code)
    assert declined["decline_code"] == decline_code
    intent = sdk.payment_intents.retrieve(declined["payment_intent"]["id"])
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", code)
    assert sdk.charges.retrieve(declined["charge"]).status == "failed"
    assert sdk.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "requires_capture"


def test_the_holder_of_a_card_proves_who_they_are(sdk, door, authorized) -> None:
    intent = authorized(card="pm_card_threeDSecure2Required", return_url=BACK)
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert refusal(lambda: sdk.payment_intents.capture(intent.id))["code"] == "payment_intent_unexpected_state"

    door("POST", "/_authenticate", payment_intent=intent.id)

    assert sdk.payment_intents.retrieve(intent.id).status == "requires_capture"
    assert the_charge(sdk, intent).payment_method_details.card.three_d_secure.result == "authenticated"


def test_a_holder_who_fails_to_is_asked_for_another_card(sdk, door, authorized) -> None:
    intent = authorized(card="pm_card_threeDSecure2Required", return_url=BACK)

    door("POST", "/_authenticate", payment_intent=intent.id, succeeds=False)

    intent = sdk.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.last_payment_error.code) == (
        "requires_payment_method",
        "payment_intent_authentication_failure",
    )


def test_a_saved_card_is_charged_again_without_its_holder(sdk, door, authorized) -> None:
    customer = sdk.customers.create({"name": "Ana"})
    saved = authorized(
        card="pm_card_authenticationRequiredOnSetup", customer=customer.id, setup_future_usage="off_session"
    )
    door("POST", "/_authenticate", payment_intent=saved.id)
    again = {"customer": customer.id, "off_session": True}

    assert authorized(card=saved.payment_method, **again).status == "requires_capture"
    assert refusal(lambda: authorized(card=saved.payment_method))["param"] == "payment_method", (
        "the customer is not named"
    )
    declined = refusal(lambda: authorized(card="pm_card_authenticationRequired", **again))
    assert (declined["status"], declined["code"]) == (402, "authentication_required")


def test_a_card_that_was_not_saved_is_used_once(sdk, authorized) -> None:
    card = sdk.payment_methods.create({"type": "card", "card": {"number": "4242424242424242"}})
    authorized(card=card.id)

    assert "used" in refusal(lambda: authorized(card=card.id))["message"]
    customer = sdk.customers.create()
    assert refusal(lambda: sdk.payment_methods.attach(card.id, {"customer": customer.id}))["status"] == 400


def test_pix_is_shown_then_paid(sdk, door) -> None:
    intent = sdk.payment_intents.create({"amount": 5_000, "currency": "brl", "allowed_payment_method_types": ["pix"]})
    intent = sdk.payment_intents.confirm(
        intent.id,
        {"payment_method_data": {"type": "pix"}, "payment_method_options": {"pix": {"expires_after_seconds": 600}}},
    )
    code = intent.next_action.pix_display_qr_code
    assert intent.status == "requires_action"
    assert 540 <= code.expires_at - time.time() <= 600
    assert "BR.GOV.BCB.PIX" in code.data

    door("POST", "/_pay", payment_intent=intent.id)

    intent = sdk.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.amount_received, intent.next_action) == ("succeeded", 5_000, None)
    refund = sdk.refunds.create({"payment_intent": intent.id, "amount": 1_200})
    assert refund.status == "pending"
    door("POST", "/_clock", advance=120)
    assert sdk.refunds.retrieve(refund.id).status == "succeeded"
    assert sdk.balance_transactions.retrieve(refund.balance_transaction).type == "payment_refund"


def test_pix_that_nobody_pays_expires_and_can_be_cancelled(sdk, door) -> None:
    pix = {"currency": "brl", "allowed_payment_method_types": ["pix"], "payment_method_data": {"type": "pix"}}
    first, second = (sdk.payment_intents.create(pix | {"amount": 5_000, "confirm": True}) for _ in range(2))
    assert sdk.payment_intents.cancel(first.id).status == "canceled"

    door("POST", "/_clock", advance=86_500)

    intent = sdk.payment_intents.retrieve(second.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == "payment_intent_payment_attempt_expired"
    with pytest.raises(Exception, match="status is requires_payment_method"):
        door("POST", "/_pay", payment_intent=second.id)


def test_pix_is_for_reais_and_for_accounts_that_have_it(sdk, door) -> None:
    pix = {"amount": 5_000, "allowed_payment_method_types": ["pix"]}

    assert refusal(lambda: sdk.payment_intents.create(pix | {"currency": "usd"}))["status"] == 400
    manual = pix | {"currency": "brl", "capture_method": "manual"}
    assert refusal(lambda: sdk.payment_intents.create(manual))["status"] == 400
    door("POST", "/_account", pix=False)
    assert refusal(lambda: sdk.payment_intents.create(pix | {"currency": "brl"}))["status"] == 400
    gone = refusal(
        lambda: sdk.payment_intents.create({"amount": 500, "currency": "usd", "payment_method_types": ["card"]})
    )
    assert gone["code"] == "payment_method_types_no_longer_supported"


def test_an_authorisation_expires_after_seven_days(sdk, door, authorized) -> None:
    intent = authorized()
    door("POST", "/_clock", advance=7 * 86_400 - 60)
    assert sdk.payment_intents.retrieve(intent.id).status == "requires_capture"

    door("POST", "/_clock", advance=120)

    intent = sdk.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.cancellation_reason, intent.amount_capturable) == ("canceled", "expired", 0)
    assert refusal(lambda: sdk.payment_intents.capture(intent.id))["code"] == "payment_intent_unexpected_state"


def test_a_refund_never_exceeds_what_was_captured(sdk, authorized) -> None:
    intent = authorized(10_000)
    assert refusal(lambda: sdk.refunds.create({"payment_intent": intent.id}))["code"] == "charge_not_refundable"
    sdk.payment_intents.capture(intent.id, {"amount_to_capture": 3_000})
    refund = sdk.refunds.create(
        {"payment_intent": intent.id, "amount": 1_000, "metadata": {"operation": "o1-REFUND-1"}}
    )
    assert (refund.amount, refund.metadata["operation"]) == (1_000, "o1-REFUND-1")

    over = refusal(lambda: sdk.refunds.create({"payment_intent": intent.id, "amount": 2_001}))
    assert (over["param"], over["status"]) == ("amount", 400)
    assert sdk.refunds.create({"payment_intent": intent.id}).amount == 2_000
    assert refusal(lambda: sdk.refunds.create({"payment_intent": intent.id}))["code"] == "charge_already_refunded"
    assert the_charge(sdk, intent).refunded is True
    assert [one.amount for one in sdk.refunds.list({"payment_intent": intent.id}).data] == [2_000, 1_000]


def test_a_payment_is_not_refunded_while_a_bank_has_it(sdk, door, authorized) -> None:
    intent = authorized(10_000)
    sdk.payment_intents.capture(intent.id)
    assert sdk.refunds.create({"payment_intent": intent.id, "amount": 1_000}).amount == 1_000
    dispute = door("POST", "/_dispute", payment_intent=intent.id)

    refused = refusal(lambda: sdk.refunds.create({"payment_intent": intent.id, "amount": 2_000}))
    assert (refused["code"], refused["status"]) == ("charge_disputed", 400)

    door("POST", "/_dispute", dispute=dispute["id"], status="won")
    assert sdk.refunds.create({"payment_intent": intent.id}).amount == 9_000


def test_a_refund_that_fails_comes_back_into_the_balance(sdk, door, authorized) -> None:
    intent = authorized(10_000, card="pm_card_refundFail")
    sdk.payment_intents.capture(intent.id)
    refund = sdk.refunds.create({"payment_intent": intent.id, "amount": 4_000})
    assert refund.status == "succeeded"

    door("POST", "/_clock", advance=120)

    refund = sdk.refunds.retrieve(refund.id)
    assert (refund.status, refund.failure_reason) == ("failed", "expired_or_canceled_card")
    assert the_charge(sdk, intent).amount_refunded == 0
    assert sdk.refunds.create({"payment_intent": intent.id, "amount": 10_000}).amount == 10_000


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "usd", "amount_too_small"),
        (49, "brl", "amount_too_small"),
        (100_000_000, "usd", "amount_too_large"),
        (0, "usd", "parameter_invalid_integer"),
        (-5, "usd", "parameter_invalid_integer"),
        (49, "jpy", "amount_too_small"),
        (10_005, "bhd", None),
        (10_050, "isk", None),
        (100, "xyz", None),
        (100, "USD", None),
    ],
)
def test_an_amount_that_stripe_does_not_charge_is_refused(sdk, amount, currency, code) -> None:
    refused = refusal(lambda: sdk.payment_intents.create({"amount": amount, "currency": currency}))

    assert (refused["status"], refused.get("code")) == (400, code)
    assert refused["param"] in ("amount", "currency")


def test_amounts_of_currencies_without_decimals_and_with_three(sdk, authorized) -> None:
    assert authorized(500, "jpy").amount == 500
    dinars = authorized(10_010, "bhd")
    assert refusal(lambda: sdk.payment_intents.capture(dinars.id, {"amount_to_capture": 5_005}))["param"]
    assert sdk.payment_intents.capture(dinars.id, {"amount_to_capture": 5_000}).amount_received == 5_000
    assert refusal(lambda: sdk.refunds.create({"payment_intent": dinars.id, "amount": 1_001}))["param"] == "amount"


def test_a_session_is_paid_once_by_the_customer_who_has_its_link(sdk, door) -> None:
    line = {"price_data": {"currency": "brl", "product_data": {"name": "Pedido"}, "unit_amount": 2_500}, "quantity": 2}
    wanted = {"mode": "payment", "line_items": [line], "payment_intent_data": {"metadata": {"order": "ord_1"}}}
    session = sdk.checkout.sessions.create(wanted)
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    with pytest.raises(Exception, match="declined"):
        door("POST", "/_pay", session=session.id, payment_method="pm_card_chargeDeclined")

    door("POST", "/_pay", session=session.id, payment_method="pix")

    session = sdk.checkout.sessions.retrieve(session.id)
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    found = sdk.payment_intents.search({"query": "metadata['order']:'ord_1'"}).data
    assert [(one.id, one.amount_received) for one in found] == [(session.payment_intent, 5_000)]
    with pytest.raises(Exception, match="takes no payment"):
        door("POST", "/_pay", session=session.id, payment_method="pm_card_visa")


def test_a_session_that_nobody_pays_expires_or_is_ended(sdk, door) -> None:
    line = {"price_data": {"currency": "usd", "product_data": {"name": "Order"}, "unit_amount": 2_500}}
    late, ended = (sdk.checkout.sessions.create({"mode": "payment", "line_items": [line]}) for _ in range(2))

    assert sdk.checkout.sessions.expire(ended.id).status == "expired"
    door("POST", "/_clock", advance=86_500)

    assert sdk.checkout.sessions.retrieve(late.id).status == "expired"
    assert refusal(lambda: sdk.checkout.sessions.expire(late.id))["status"] == 400


def test_payments_are_found_by_metadata_once_the_search_knows_them(sdk, door, authorized) -> None:
    first = authorized(metadata={"operation": "ord_1-AUTHORIZE-1"})
    authorized(metadata={"operation": "ord_1-AUTHORIZE-2"})
    query = {"query": "metadata['operation']:'ord_1-AUTHORIZE-1' AND status:'requires_capture'"}

    assert [one.id for one in sdk.payment_intents.search(query).data] == [first.id]
    door("POST", "/_account", search_delay=60)
    assert sdk.payment_intents.search(query).data == []
    door("POST", "/_clock", advance=61)
    assert [one.id for one in sdk.payment_intents.search(query).data] == [first.id]
    for wrong in ("", "metadata[operation]:'x'", "colour:'red'", "status>'a'", "status:'a' OR status:'b'"):
        if wrong:
            assert refusal(lambda wrong=wrong: sdk.payment_intents.search({"query": wrong}))["param"] == "query"


def test_lists_have_pages_and_fields_are_expanded(sdk, authorized) -> None:
    made = [authorized().id for _ in range(5)]

    page = sdk.payment_intents.list({"limit": 2})
    assert ([one.id for one in page.data], page.has_more) == ([made[4], made[3]], True)
    assert [one.id for one in page.auto_paging_iter()] == made[::-1]
    before = sdk.payment_intents.list({"limit": 2, "ending_before": made[1]})
    assert [one.id for one in before.data] == [made[3], made[2]]
    sdk.payment_intents.capture(made[0])
    whole = sdk.payment_intents.retrieve(made[0], {"expand": ["latest_charge.balance_transaction"]})
    assert whole.latest_charge.balance_transaction.amount == 10_000
    assert refusal(lambda: sdk.payment_intents.retrieve(made[0], {"expand": ["colour"]}))["param"] == "expand"
    assert refusal(lambda: sdk.payment_intents.list({"limit": 0}))["param"] == "limit"
    assert refusal(lambda: sdk.payment_intents.list({"starting_after": "pi_x"}))["param"] == "starting_after"


def test_metadata_are_merged_and_unset(sdk, authorized) -> None:
    intent = authorized(metadata={"order": "o1", "note": "x"})

    intent = sdk.payment_intents.update(intent.id, {"metadata": {"note": "", "desk": "3"}})

    assert intent.metadata.to_dict() == {"order": "o1", "desk": "3"}
    assert sdk.payment_intents.update(intent.id, {"metadata": ""}).metadata.to_dict() == {}


@pytest.mark.parametrize(
    ("call", "status", "param"),
    [
        (lambda sdk: sdk.payment_intents.retrieve("pi_none"), 404, "id"),
        (lambda sdk: sdk.payment_intents.create({"currency": "usd"}), 400, "amount"),
        (lambda sdk: sdk.payment_intents.create({"amount": "ten", "currency": "usd"}), 400, "amount"),
        (lambda sdk: sdk.payment_intents.create({"amount": 500, "currency": "usd", "colour": "red"}), 400, "colour"),
        (
            lambda sdk: sdk.payment_intents.create({"amount": 500, "currency": "usd", "customer": "cus_0"}),
            400 + 4,
            "customer",
        ),
        (
            lambda sdk: sdk.payment_intents.create({"amount": 500, "currency": "usd", "metadata": {"a" * 41: "b"}}),
            400,
            None,
        ),
        (lambda sdk: sdk.payment_intents.create({"amount": 500, "currency": "usd", "capture_method": "x"}), 400, None),
        (lambda sdk: sdk.refunds.create({}), 400, "payment_intent"),
        (lambda sdk: sdk.webhook_endpoints.create({"url": "https://example.com", "enabled_events": ["*"]}), 400, "url"),
        (
            lambda sdk: sdk.payment_methods.create({"type": "card", "card": {"number": "4111111111111111"}}),
            402,
            "number",
        ),
        (lambda sdk: sdk.payouts.create({"amount": 5, "currency": "usd"}), 400, None),
    ],
)
def test_what_cannot_be_done_is_refused_and_names_the_parameter(sdk, call, status, param) -> None:
    refused = refusal(lambda: call(sdk))

    assert refused["status"] == status
    assert param is None or refused["param"] == param
    assert "doc_url" not in refused


def test_a_client_needs_the_key_and_the_version(sdk, server) -> None:
    strange = stripe.StripeClient("sk_test_other", base_addresses={"api": server.url}, max_network_retries=0)

    assert refusal(strange.v1.balance.retrieve)["status"] == 401
    older = {"stripe_version": "2024-06-20"}
    assert "version" in refusal(lambda: sdk.balance.retrieve(options=older))["message"]
