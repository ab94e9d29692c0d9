"""The words of a person's cases go with the person, are exported before, and are read through a merge."""

import json
from typing import Any

from comanda.aws.cases import case_tokens
from comanda.aws.customers import customer_rows
from tests.functions.cases.desk import PROVEN, case, closed_cases, listed, open_case, opened, send_mail, step
from tests.functions.drafts.acts import create
from tests.functions.erase.test_erase import ADA, closed, customer_of, erase, nothing_is_left
from tests.functions.world import World


def words(world: World) -> str:
    return json.dumps(world.tables()["Customers"], default=str)


def many_cases(world: World) -> tuple[str, str, dict[str, str]]:
    """Return a closed order, its customer, and the customer's cases: one open, one closed, one without order, two by mail."""
    order_id = closed(world)
    customer_id = customer_of(order_id)
    cases = {
        "open": opened(world, order_id, text="the canary is late"),
        "closed": opened(world, order_id, text="the canary is blue"),
        "loose": opened(world, customer_id=customer_id, text="does the canary sing?"),
        "proven": send_mail(world, authentication_results=PROVEN, text="a canary by mail").body["case_id"],
        "forged": send_mail(world, text="a canary by mail, too", message_id="<2@x>").body["case_id"],
    }
    step(world, cases["closed"], "close", outcome="ANSWERED", text="canary answered")
    return order_id, customer_id, cases


def test_an_erasure_deletes_the_words_of_all_cases_and_keeps_the_cases(world: World):
    order_id, customer_id, cases = many_cases(world)
    other = opened(world, closed(world, {"name": "Grace", "email": "grace@example.org"}), text="Grace's words")
    strangers = send_mail(world, message_id="<3@x>", **{"from": "bob@example.org"}, text="Bob's words").body["case_id"]

    assert erase(world, customer_id).problem == "open-orders"
    closed_cases(world, cases["open"], cases["proven"])

    assert erase(world, customer_id).status == 200

    assert "canary" not in words(world)
    assert "ada@example.org" not in words(world)
    assert {name: (case(world, one)["status"], case(world, one)["outcome"]) for name, one in cases.items()} == {
        "open": ("CLOSED", "ANSWERED"),
        "closed": ("CLOSED", "ANSWERED"),
        "loose": ("CLOSED", "ERASED"),
        "proven": ("CLOSED", "ANSWERED"),
        "forged": ("CLOSED", "ERASED"),
    }
    for one in cases.values():
        found = case(world, one)
        assert (found["items"], found["reply_token"], found["may_reopen"]) == ([], None, False)
        assert found["events"][-1]["type"] == "erased"
        assert step(world, one, "reopen").problem == "not-allowed"
        assert step(world, one, "note", text="x", author="CUSTOMER").problem == "not-allowed"
    assert case(world, other)["items"][0]["text"] == "Grace's words"
    assert case(world, strangers)["items"][0]["text"] == "Bob's words"
    assert listed(world, order_id=order_id) == [cases["open"], cases["closed"], cases["proven"]]


def test_a_mail_to_a_case_without_an_order_that_another_opened_is_erased_with_its_writer(world: World):
    order_id = closed(world)
    loose = opened(world, text="a question by phone")
    world.pass_time(395 * 86_400)
    token = case(world, loose)["reply_token"]
    mailed = {"from": "Ada <ada@example.org>", "text": "the canary answers"}
    assert send_mail(world, reply_token=token, **mailed).body["case_id"] == loose
    (row,) = [row for row in world.tables()["Customers"] if row["sk"].startswith("SENT#")]
    assert row["ttl"] == int(world.now.timestamp()) + 400 * 86_400

    assert erase(world, customer_of(order_id)).status == 200

    assert "canary" not in words(world)
    assert "ada@example.org" not in words(world)


def test_an_erasure_leaves_no_row_of_cases_behind(world: World):
    order_id = closed(world)
    closed_cases(world, opened(world, order_id))

    assert erase(world, customer_of(order_id)).status == 200

    nothing_is_left(world, [order_id])


def test_a_case_of_an_erased_order_has_words_that_end_by_themselves(world: World):
    order_id = closed(world)
    assert erase(world, customer_of(order_id)).status == 200

    opened(world, order_id, text="about the books")

    (row,) = [row for row in world.tables()["Customers"] if row["pk"].startswith("CS#")]
    assert row["ttl"] == int(world.now.timestamp()) + 400 * 86_400


def test_no_case_is_opened_while_its_customer_is_being_erased(world: World):
    order_id = closed(world)
    customer_id = customer_of(order_id)
    world.aws.put("Customers", pk=f"C#{customer_id}", sk="#", until=order_id, erased_at="2026-11-19T12:00:00.000Z")

    assert open_case(world, order_id).problem == "not-allowed"
    assert listed(world, customer_id=customer_id) == []
    mailed = send_mail(world, authentication_results=PROVEN)
    assert case(world, mailed.body["case_id"])["order_id"] is None


def test_an_export_has_the_cases_with_all_words(world: World):
    _, customer_id, cases = many_cases(world)

    exported: dict[str, Any] = world.call("GET", f"/v1/customers/{customer_id}/export", who="office").body

    of_orders = {one["case_id"]: one for item in exported["items"] for one in item["cases"]}
    assert of_orders.keys() == {cases["open"], cases["closed"], cases["proven"]}
    assert [text["text"] for text in of_orders[cases["closed"]]["words"]] == ["the canary is blue", "canary answered"]
    assert [one["case_id"] for one in exported["cases"]] == sorted([cases["loose"], cases["forged"]])


def test_cases_are_read_through_both_of_two_merged_customers_and_erased_with_them(world: World):
    web = closed(world)
    outlet = closed(world, {**ADA, "id": "o-1"}, channel="outlet")
    mine, theirs = opened(world, web, text="canary one"), opened(world, outlet, text="canary two")
    winner, loser = customer_of(web), customer_of(outlet)
    assert winner != loser
    merged = world.call("POST", f"/v1/customers/{loser}/merge", {"into": winner}, who="office")
    assert merged.status == 200, merged.body

    for customer_id in (winner, loser):
        assert set(listed(world, customer_id=customer_id)) == {mine, theirs}
        page = world.call("GET", f"/v1/customers/{customer_id}", who="office").body
        assert {one["case_id"] for one in page["cases"]} == {mine, theirs}
    assert listed(world, who="shop", customer_id=winner) == [mine]
    closed_cases(world, mine, theirs)
    assert erase(world, loser).status == 200
    assert "canary" not in words(world)


def test_the_mails_of_a_person_who_has_drafts_alone_are_erased_with_them(world: World):
    draft = create(world)
    mailed = send_mail(world, text="a canary by mail").body["case_id"]

    assert erase(world, draft["customer_id"]).status == 200

    assert "canary" not in words(world)
    assert case(world, mailed)["outcome"] == "ERASED"


def test_the_mails_of_a_person_who_has_nothing_else_are_erased(world: World):
    mailed = send_mail(world, text="a canary by mail").body["case_id"]
    strangers = send_mail(world, message_id="<2@x>", **{"from": "bob@example.org"}).body["case_id"]

    assert erase(world, customer_rows.guest_of("Ada@example.org")).status == 200

    assert "canary" not in words(world)
    assert (case(world, mailed)["outcome"], case(world, strangers)["outcome"]) == ("ERASED", None)
    assert erase(world, customer_rows.guest_of("nobody@example.org")).status == 404


def test_a_mail_to_the_case_of_an_erased_customer_is_that_of_somebody_new(world: World):
    order_id = closed(world, {"name": "Ada", "email": "ada@example.org"})
    case_id = opened(world, order_id)
    tokens = [case(world, case_id)["reply_token"], case_tokens.write(order_id, world.now)]
    customer_id = customer_of(order_id)
    closed_cases(world, case_id)
    assert erase(world, customer_id).status == 200

    new = [
        send_mail(world, message_id=f"<{n}@x>", reply_token=one, text="a canary", authentication_results=PROVEN).body
        for n, one in enumerate(tokens)
    ]

    assert [one["result"] for one in new] == ["OPENED", "OPENED"]
    assert [case(world, one["case_id"])["order_id"] for one in new] == [None, None]
    assert listed(world, order_id=order_id) == [case_id]
    assert erase(world, customer_id).status == 200
    assert "canary" not in words(world)


def test_an_erased_case_is_listed_for_nobody_who_wrote_to_it(world: World):
    order_id = closed(world)
    case_id = opened(world, order_id)
    token = case(world, case_id)["reply_token"]
    send_mail(world, reply_token=token, text="Ada is my wife", **{"from": "bob@example.org"})
    closed_cases(world, case_id)

    assert erase(world, customer_of(order_id)).status == 200

    assert not [row for row in world.tables()["Customers"] if row["sk"].startswith("SENT#")]


def test_of_the_case_of_somebody_else_only_the_mails_of_the_erased_person_are_deleted(world: World):
    adas, bobs = closed(world), closed(world, {"name": "Bob", "email": "bob@example.org"})
    case_id = opened(world, adas, text="the words of Ada")
    token = case(world, case_id)["reply_token"]
    send_mail(world, reply_token=token, text="a canary", **{"from": "Bob <BOB@example.org>"})

    assert erase(world, customer_of(bobs)).status == 200

    assert "canary" not in words(world)
    assert "bob@example.org" not in words(world).lower()
    found = case(world, case_id)
    assert [one["text"] for one in found["items"]] == ["the words of Ada"]
    assert (found["status"], found["texts"]) == ("OPEN", 2)
    assert step(world, case_id, "note", text="goes on").status == 200
    assert case(world, case_id)["items"][-1]["number"] == 3
