"""The doors that Stripe does not have: state, terms, clock, payouts, reports; and what a restart keeps."""

import csv
import http.client
import io
import json
import signal
import socket
import subprocess
import sys

import pytest
import stripe

from local.stripe.account import Account
from local.stripe.report import COLUMNS
from local.stripe.server import HOST, KEY, StripeServer
from tests.local.world import eventually, free_port


def test_the_report_has_a_row_for_each_movement_and_adds_up(sdk, door, authorized) -> None:
    intent = authorized(10_000, "usd", metadata={"operation": "ord_1-AUTHORIZE-1"})
    sdk.payment_intents.capture(intent.id, {"amount_to_capture": 6_050})
    sdk.refunds.create({"payment_intent": intent.id, "amount": 1_000, "metadata": {"operation": "ord_1-REFUND-1"}})
    sdk.payment_intents.capture(authorized(500, "jpy").id)
    sdk.payment_intents.capture(authorized(10_010, "bhd").id)
    door("POST", "/_clock", advance=3 * 86_400)
    payouts = {one["currency"]: one for one in door("POST", "/_payout")}

    rows = list(csv.DictReader(io.StringIO(door("GET", "/_report"))))

    assert tuple(rows[0]) == COLUMNS
    assert [(row["reporting_category"], row["gross"], row["fee"], row["net"], row["currency"]) for row in rows[:4]] == [
        ("charge", "60.50", "2.05", "58.45", "usd"),
        ("refund", "-10.00", "0.00", "-10.00", "usd"),
        ("charge", "500", "15", "485", "jpy"),
        ("charge", "10.010", "0.290", "9.720", "bhd"),
    ]
    assert rows[0]["payment_metadata[operation]"] == "ord_1-AUTHORIZE-1"
    assert rows[1]["refund_metadata[operation]"] == "ord_1-REFUND-1"
    assert {row["payment_intent_id"] for row in rows[:2]} == {intent.id}
    assert {row["automatic_payout_id"] for row in rows if row["currency"] == "usd"} == {payouts["usd"]["id"]}
    assert payouts["usd"]["amount"] == 5_845 - 1_000
    assert door("GET", "/_state")["net"] == {"usd": 0, "jpy": 0, "bhd": 0}
    of_payout = sdk.balance_transactions.list({"payout": payouts["usd"]["id"]}).data
    assert sum(one.net for one in of_payout) == 0


def test_a_payout_takes_what_is_available_and_no_more(sdk, door, authorized) -> None:
    sdk.payment_intents.capture(authorized(10_000).id)
    wanted = {"amount": 5_000, "currency": "usd"}
    with pytest.raises(stripe.InvalidRequestError) as early:
        sdk.payouts.create(wanted)
    assert early.value.code == "balance_insufficient"
    door("POST", "/_clock", advance=2 * 86_400)

    payout = sdk.payouts.create(wanted)

    assert (payout.status, payout.automatic) == ("in_transit", False)
    assert [one.amount for one in sdk.balance.retrieve().available] == [10_000 - 320 - 5_000]
    (rest,) = door("POST", "/_payout")
    assert rest["amount"] == 4_680
    door("POST", "/_clock", advance=86_401)
    assert {one.status for one in sdk.payouts.list().data} == {"paid"}


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "/_clock", {"advance": -1}),
        ("POST", "/_clock", {"advance": "1"}),
        ("POST", "/_clock", {}),
        ("POST", "/_account", {"colour": "red"}),
        ("POST", "/_account", {"multi_capture": 1}),
        ("POST", "/_pay", {}),
        ("POST", "/_pay", {"payment_intent": "pi_none"}),
        ("POST", "/_authenticate", {"payment_intent": "pi_none", "succeeds": "no"}),
        ("GET", "/_nothing", {}),
    ],
)
def test_a_door_refuses_what_it_cannot_do(server, method, path, content) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.request(method, path, json.dumps(content) if method == "POST" else None)
    answer = connection.getresponse()

    assert answer.status in (400, 404)
    assert json.loads(answer.read())["error"]["message"]
    connection.close()


def test_what_was_answered_is_there_after_a_kill(tmp_path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "local.stripe.server", str(tmp_path), str(port)]
    sdk = stripe.StripeClient(KEY, base_addresses={"api": f"http://{HOST}:{port}"}, max_network_retries=0).v1
    params = {"amount": 2_000, "currency": "usd"}
    for how in (signal.SIGKILL, signal.SIGTERM):
        process = subprocess.Popen(command)
        eventually(lambda: _answers(port), 30)
        first = sdk.payment_intents.create(params, {"idempotency_key": "k1"})
        process.send_signal(how)
        assert process.wait(60) == (0 if how == signal.SIGTERM else -how)

    kept = Account(tmp_path / "stripe.sqlite")
    assert [one["id"] for one in kept.store.every("payment_intent")] == [first.id]
    kept.store.close()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def test_it_listens_on_this_machine_only() -> None:
    server = StripeServer()
    server.start()
    try:
        assert server.url.startswith("http://127.0.0.1:")
    finally:
        server.stop()
