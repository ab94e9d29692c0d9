"""The console calls the API as the person, with fresh tokens, side by side, and a part that fails is named."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from comanda.aws.api_client.server import server_at
from comanda.aws.console import sessions
from comanda.aws.dynamodb import keys, single_writes
from functions.console import addresses, front_door, session

COOKIE = "__Host-comanda-us1"


def test_every_call_carries_the_persons_token(sales, gateway):
    sales.get()

    assert {
        gateway.tokens[headers["authorization"].removeprefix("Bearer ")]["sub"] for _, _, headers in gateway.calls
    } == {"sales"}


def test_a_token_that_ends_within_a_minute_is_refreshed_before_it_is_used(sales, gateway, world):
    world.pass_time(15 * 60 - 59)

    assert sales.get().status == 200

    assert gateway.granted == ["authorization_code", "refresh_token"]
    sales.get()
    assert gateway.granted == ["authorization_code", "refresh_token"]


def test_a_token_that_the_api_refuses_is_refreshed_once(sales, gateway):
    gateway.refused_tokens.update(gateway.tokens)
    gateway.calls.clear()

    assert sales.get().status == 200

    # Calls run side by side: one that starts after the refresh is not refused at all.
    assert {path for _, path, _ in gateway.calls} == {"/v1/cases", "/v1/queues", "/v1/work"}
    assert len(gateway.calls) in range(4, 7)
    assert gateway.granted.count("refresh_token") == 1


def test_a_person_whom_the_api_takes_no_token_of_signs_in_again(sales, gateway, monkeypatch):
    monkeypatch.setattr(type(gateway), "call", lambda *_: (401, {}, "{}"))

    page = sales.get()

    assert page.status == 401


def test_a_person_whom_the_provider_disabled_is_signed_out(sales, gateway, world, aws):
    gateway.refresh_tokens.clear()
    world.pass_time(15 * 60)

    assert sales.get().status == 401
    assert aws.items("Sessions") == []


def test_a_session_that_was_ended_elsewhere_is_over_at_once(sales, aws):
    for row in aws.items("Sessions"):
        single_writes.delete("Sessions", {"pk": row["pk"], "sk": row["sk"]}, condition="attribute_exists(pk)")

    assert sales.get().status == 401


@pytest.mark.parametrize("tabs", [2, 8])
@pytest.mark.parametrize("seconds", [15 * 60 - 30, 15 * 60 + 30])
def test_tabs_that_refresh_at_once_refresh_once(sales, gateway, world, tabs, seconds):
    world.pass_time(seconds)
    at_once = threading.Barrier(tabs)

    def tab(_: int) -> int:
        at_once.wait()
        return sales.get().status

    with ThreadPoolExecutor(tabs) as pool:
        statuses = list(pool.map(tab, range(tabs)))

    assert statuses == [200] * tabs
    assert gateway.granted.count("refresh_token") == 1


def test_a_refresh_whose_request_died_is_done_by_the_next_one(sales, gateway, world):
    world.pass_time(15 * 60 + 30)
    found = sessions.find(sales.cookies[COOKIE], int(world.now.timestamp()))
    assert sessions.claim_refresh(found, int(world.now.timestamp()))
    assert not sessions.claim_refresh(found, int(world.now.timestamp()))
    world.pass_time(11)

    assert sales.get().status == 200


def test_the_one_who_stores_tokens_second_gets_the_first_ones(sales, world):
    now = int(world.now.timestamp())
    found = sessions.find(sales.cookies[COOKIE], now)

    first = sessions.store_tokens(found, found.tokens)

    assert first.version == 2
    assert sessions.store_tokens(found, found.tokens) is None


def test_a_part_that_comes_too_late_is_named_and_the_rest_is_shown(sales, gateway, monkeypatch):
    monkeypatch.setattr(front_door, "SECONDS", 0.2)
    gateway.slow["/v1/queues"] = threading.Event()
    server_at.cache_clear()

    page = sales.get()

    assert page.status == 200
    assert "Queues could not be loaded" in page.text


def test_a_file_may_take_longer_than_a_page_and_one_that_takes_too_long_is_named(
    world, new_browser, gateway, monkeypatch
):
    world.aws.put("Directory", **keys.user("sales"), name="Sales", roles=["staff"], desks=["finance"])
    sales = new_browser()
    sales.sign_in("sales")
    path = f"accounting-files?legal_entity=tea-co&period={world.now:%Y-%m}&as=documents"
    monkeypatch.setattr(front_door, "SECONDS", 0.2)
    gateway.slow["/v1/books/documents-file"] = threading.Event()
    threading.Timer(0.5, gateway.slow["/v1/books/documents-file"].set).start()
    assert sales.get(path).headers["Content-Type"] == "text/csv; charset=utf-8"

    monkeypatch.setattr(front_door, "FILE_SECONDS", 0.2)
    gateway.slow["/v1/books/documents-file"] = threading.Event()
    server_at.cache_clear()
    page = sales.get(path)

    assert page.status == 503
    assert "The file could not be loaded" in page.text


def test_a_part_that_fails_is_named(sales, gateway):
    gateway.broken.add("/v1/queues")

    page = sales.get()

    assert page.status == 200
    assert "Queues could not be loaded" in page.text


def test_a_connection_that_the_api_closed_meanwhile_is_opened_again(sales, gateway):
    import socket

    for connection in server_at(f"{gateway.address}/live", front_door.SECONDS).idle:
        connection.sock.shutdown(socket.SHUT_RDWR)

    assert sales.get().status == 200


def test_an_api_that_cannot_be_reached_is_a_value_not_an_error(gateway):
    nowhere = replace(addresses.addresses(), api="http://127.0.0.1:1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(front_door, "addresses", lambda: nowhere)

        answer = front_door.FrontDoor.with_token("t", "trace").get("/v1/queues")

    assert (answer.status, answer.failure, answer.ok) == (0, front_door.UNREACHABLE, False)


def test_a_refresh_that_does_not_end_is_no_sign_out(sales, world, monkeypatch):
    monkeypatch.setattr(session, "_PAUSE_SECONDS", 0)
    world.pass_time(15 * 60 + 30)
    now = int(world.now.timestamp())
    assert sessions.claim_refresh(sessions.find(sales.cookies[COOKIE], now), now)

    assert sales.get("find").status == 503
    world.pass_time(11)
    assert sales.get("find").status == 200


@pytest.mark.parametrize(
    "named",
    ["", ".", "..", "a b", "a/../../confirm", "?a=b", "#a", "a\r\nHost: b", "\x00", "محمد", "\U0001f381", "a//b"],
)
def test_a_thing_that_no_path_can_name_is_not_found_and_not_asked_for(named, sales, gateway):
    gateway.calls.clear()
    door = front_door.FrontDoor.with_token("token", "trace")

    answer = door.send("POST", f"/v1/queues/holds/items/{named}/claim", {}, key="key")

    assert answer.status == 404
    assert gateway.calls == []
