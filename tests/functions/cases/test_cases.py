"""The office and the shops open cases, and the office works on them until they are closed."""

from datetime import timedelta
from typing import Any, get_args

import pytest

from comanda.aws.api import contracts
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.domain.cases.case import GIVEN_OUTCOMES, Author, CaseEventType, CaseKind, CaseStatus, Outcome
from comanda.domain.cases.terms import TEAMS
from functions.cases import contract
from openapi.answers import cases as answers
from tests.functions.cases.desk import case, listed, open_case, opened, step
from tests.functions.world import World

LINES = ("TEA-001", 1)


def test_a_shop_opens_a_case_and_the_office_closes_it(world: World):
    order_id = world.placed(LINES)

    reply = open_case(world, order_id, who="shop", line_ids=["1"])

    assert reply.status == 201
    assert reply.headers["Location"] == f"/v1/cases/{reply.body['case_id']}"
    assert reply.body["case_id"] == f"cas_{order_id[4:]}-001"
    assert (reply.body["owner"], reply.body["status"], reply.body["channel"]) == ("care", "OPEN", "web")
    assert reply.body["due"] == "2026-11-19T20:00:00.000Z"  # eight hours
    case_id = reply.body["case_id"]
    assert step(world, case_id, "note", text="It is in Reno.").status == 200
    assert step(world, case_id, "close", outcome="ANSWERED", text="It comes today.", internal=False).status == 200
    found = case(world, case_id, who="shop")
    assert [(text["author"], text["text"]) for text in found["items"]] == [
        ("CUSTOMER", "Where is it?"),
        ("STAFF", "It comes today."),
    ]
    assert (found["status"], found["outcome"], found["may_reopen"]) == ("CLOSED", "ANSWERED", True)
    assert [event["type"] for event in found["events"]] == ["opened", "noted", "closed"]
    assert [text["internal"] for text in case(world, case_id)["items"]] == [False, True, False]


def test_a_case_on_a_strangers_order_is_one_on_no_order(world: World):
    order_id, nobodys = world.placed(LINES), "ord_us1_01J0000000000000000000000A"

    theirs = open_case(world, order_id, who="other-shop")
    absent = open_case(world, nobodys, who="other-shop")

    assert theirs.status == absent.status == 404
    assert str(theirs.body).replace(order_id, nobodys) == str(absent.body)
    case_id = opened(world, order_id)
    assert step(world, case_id, "note", who="other-shop", text="x").status == 404
    assert world.call("GET", f"/v1/cases/{case_id}", who="other-shop").status == 404
    assert world.call("GET", "/v1/cases", who="other-shop", query={"order_id": order_id}).status == 404


def test_a_case_without_an_order_is_not_shown_to_shops(world: World):
    case_id = opened(world)

    assert world.call("GET", f"/v1/cases/{case_id}", who="shop").status == 404
    assert open_case(world, who="shop").status == 403


@pytest.mark.parametrize("who", ["dc-1-system", "acme", "picker", "ups", "form", "mailbox"])
def test_others_have_no_cases(world: World, who: str):
    order_id = world.placed(LINES)
    case_id = opened(world, order_id)

    assert world.call("GET", f"/v1/cases/{case_id}", who=who).status == 403
    assert open_case(world, order_id, who=who).status == 403


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"kind": "late"}, [("/kind", "literal-error")]),
        ({"text": " \u200b "}, [("/text", "string-too-short")]),
        ({"text": "x" * 4001}, [("/text", "string-too-long")]),
        ({"text": "half \ud83d"}, [("/text", "not-text")]),
        ({"text": "card 4111 1111 1111 1111"}, [("/text", "card-number")]),
        ({"text": None}, [("/text", "missing")]),
        ({"owner": "nobody"}, [("/owner", "unknown-owner")]),
        ({"owner": "picker"}, [("/owner", "unknown-owner")]),
        ({"due": "2026-11-19T11:59:59Z"}, [("/due", "in-the-past")]),
        ({"due": "2028-11-19T12:00:00Z"}, [("/due", "too-far")]),
        ({"line_ids": ["1", "9"]}, [("/line_ids/1", "unknown-line")]),
        ({"line_ids": ["1", "1"]}, [("/line_ids", "named-twice")]),
        (
            {"fulfillment_ids": ["ful_us1_01J0000000000000000000000A-001"]},
            [("/fulfillment_ids/0", "unknown-fulfillment")],
        ),
        ({"fulfillment_ids": ["x"]}, [("/fulfillment_ids/0", "unknown-fulfillment")]),
        ({"attachment": "x"}, [("/attachment", "extra-forbidden")]),
    ],
)
def test_bad_input_names_the_field_and_opens_nothing(world: World, changes: dict, errors: list):
    order_id = world.placed(LINES)

    reply = open_case(world, order_id, **changes)

    assert (reply.status, reply.errors) == (422, errors)
    assert listed(world, order_id=order_id) == []


@pytest.mark.parametrize("text", ["سؤال عن الطلب", "Wo ist mein 📦?", "{{ 7*7 }} <b>bold</b>", "a\tb\nc"])
def test_texts_of_any_script_are_kept_as_they_came(world: World, text: str):
    case_id = opened(world, world.placed(LINES), text=text)

    assert case(world, case_id)["items"][0]["text"] == text


def test_a_shop_names_no_owner_and_writes_no_text_of_the_office(world: World):
    order_id = world.placed(LINES)

    refused = open_case(world, order_id, who="shop", owner="care", due="2026-11-20T12:00:00Z")

    assert (refused.status, refused.errors) == (403, [("/owner", "not-yours"), ("/due", "not-yours")])
    assert open_case(world, order_id, who="shop", author="STAFF").errors == [("/author", "not-yours")]
    case_id = opened(world, order_id, who="shop")
    assert step(world, case_id, "note", who="shop", text="x", internal=True).errors == [("/internal", "not-yours")]
    assert step(world, case_id, "note", author="CUSTOMER", text="x", internal=True).errors == [
        ("/internal", "not-together")
    ]
    assert step(world, case_id, "assign", who="shop", owner="care").status == 403
    assert case(world, case_id)["texts"] == 1


def test_the_lists_are_by_owner_order_and_customer(world: World):
    first, second = world.placed(LINES), world.placed(LINES, external_id="WEB-2")
    late = opened(world, first)
    world.pass_time(60)
    asked = opened(world, second, kind="QUESTION", owner="sales")
    world.pass_time(60)
    urgent = opened(world, second, kind="ADDRESS", owner="sales")
    customer = world.call("GET", f"/v1/orders/{first}/contact", who="office").body["customer_id"]
    world.pass_time(60)
    loose = opened(world, kind="OTHER", owner="sales", customer_id=customer)

    assert listed(world, owner="sales", who="sales") == [*listed(world, owner="me"), urgent, asked, loose]
    assert listed(world, owner="care") == [late]
    assert listed(world, order_id=second) == [asked, urgent]
    assert listed(world, customer_id=customer) == [loose, urgent, asked, late]
    assert listed(world, who="shop", customer_id=customer) == [urgent, asked, late]
    assert listed(world, who="other-shop", customer_id=customer) == []
    page = world.call("GET", f"/v1/customers/{customer}", who="office").body
    assert [one["case_id"] for one in page["cases"]] == [loose, urgent, asked, late]


def test_the_pages_of_a_list_hold_every_case_once(world: World):
    order_id = world.placed(LINES)
    made = [opened(world, order_id) for _ in range(7)]
    customer = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body["customer_id"]

    for query in ({"owner": "care"}, {"order_id": order_id}, {"customer_id": customer}):
        found, cursor = [], None
        while True:
            reply = world.call(
                "GET",
                "/v1/cases",
                who="office",
                query={**query, "limit": "3", **({"cursor": cursor} if cursor else {})},
            )
            found += [one["case_id"] for one in reply.body["items"]]
            cursor = reply.body["next"]
            if cursor is None:
                break
        assert sorted(found) == sorted(made)


@pytest.mark.parametrize("query", [{}, {"owner": "care", "order_id": "x"}])
def test_a_list_takes_exactly_one_filter(world: World, query: dict):
    assert world.call("GET", "/v1/cases", who="office", query=query).errors == [("/owner", "one-filter")]


def test_a_shop_lists_no_owners_cases(world: World):
    assert world.call("GET", "/v1/cases", who="shop", query={"owner": "care"}).status == 403


def test_a_closed_case_leaves_the_list_of_its_owner_and_comes_back_when_it_is_reopened(world: World):
    case_id = opened(world, world.placed(LINES))
    assert step(world, case_id, "close", outcome="ANSWERED").status == 200
    assert listed(world, owner="care") == []
    assert step(world, case_id, "close", outcome="ANSWERED").problem == "not-allowed"
    assert step(world, case_id, "note", text="x").problem == "not-allowed"

    world.pass_time(30 * 86_400)

    assert step(world, case_id, "reopen", text="It broke again.").status == 200
    found = case(world, case_id)
    assert (found["status"], found["outcome"], found["due"]) == ("OPEN", None, "2026-12-19T20:00:00.000Z")
    assert listed(world, owner="care") == [case_id]


def test_after_thirty_days_a_case_stays_closed(world: World):
    case_id = opened(world, world.placed(LINES))
    step(world, case_id, "close", outcome="ANSWERED")
    world.pass_time(30 * 86_400 + 1)

    assert step(world, case_id, "reopen").problem == "not-allowed"
    assert step(world, case_id, "note", author="CUSTOMER", text="x").problem == "not-allowed"
    assert case(world, case_id)["may_reopen"] is False


def test_a_case_waits_and_the_customers_words_end_the_wait(world: World):
    case_id = opened(world, world.placed(LINES), who="shop")

    asked = step(world, case_id, "wait", **{"for": "CUSTOMER"}, text="Which colour?", internal=False)

    assert (asked.body["status"], asked.body["due"]) == ("WAITING_CUSTOMER", "2026-11-22T12:00:00.000Z")
    answered = step(world, case_id, "note", who="shop", text="The blue one.")
    assert (answered.body["status"], answered.body["due"]) == ("OPEN", "2026-11-19T20:00:00.000Z")
    waits = step(world, case_id, "wait", **{"for": "PARTNER"}, until="2026-11-20T12:00:00Z")
    assert (waits.body["status"], waits.body["due"]) == ("WAITING_PARTNER", "2026-11-20T12:00:00.000Z")
    assert step(world, case_id, "note", who="shop", text="Hello?").body["status"] == "WAITING_PARTNER"
    assert step(world, case_id, "resume").body["status"] == "OPEN"
    assert step(world, case_id, "wait", **{"for": "NOBODY"}).errors == [("/for", "literal-error")]
    assert step(world, case_id, "wait", **{"for": "PARTNER"}, internal=True).errors == [("/internal", "not-together")]


def test_a_case_goes_to_a_person_of_the_office(world: World):
    case_id = opened(world, world.placed(LINES))

    reply = step(world, case_id, "assign", owner="sales", due="2026-11-21T12:00:00Z")

    assert (reply.body["owner"], reply.body["due"]) == ("sales", "2026-11-21T12:00:00.000Z")
    version = reply.body["version"]
    assert step(world, case_id, "assign", owner="sales").body["version"] == version  # nothing is left to change


def test_if_match_refuses_a_step_after_another_one(world: World):
    case_id = opened(world, world.placed(LINES))
    step(world, case_id, "note", text="first")

    stale = world.call("POST", f"/v1/cases/{case_id}/close", {"outcome": "SPAM"}, who="office", if_match='"v1"')

    assert stale.status == 412
    assert case(world, case_id)["status"] == "OPEN"


def test_the_same_request_twice_is_one_case_and_one_note(world: World):
    order_id = world.placed(LINES)
    first = open_case(world, order_id, who="shop", key="k")
    again = open_case(world, order_id, who="shop", key="k")
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    case_id = first.body["case_id"]
    for _ in range(2):
        reply = world.call("POST", f"/v1/cases/{case_id}/note", {"text": "x"}, who="office", key="n")
        assert reply.status == 200
    assert case(world, case_id)["texts"] == 2
    assert listed(world, order_id=order_id) == [case_id]


def test_the_terms_of_a_kind_are_the_retailers(world: World):
    terms = {"kinds": {"LATE": {"team": "tower", "due_hours": 1, "wait_hours": 2}}}
    assert world.call("PUT", "/v1/case-terms/default", terms, who="office").status == 201
    order_id = world.placed(LINES)

    case_id = opened(world, order_id)

    assert case(world, case_id)["owner"] == "tower"
    assert case(world, case_id)["due"] == "2026-11-19T13:00:00.000Z"
    assert step(world, case_id, "wait", **{"for": "CUSTOMER"}).body["due"] == "2026-11-19T14:00:00.000Z"
    assert case(world, opened(world, order_id, kind="PAYMENT"))["owner"] == "finance"
    assert world.call("PUT", "/v1/case-terms/other", terms, who="office").errors == [("/id", "malformed-id")]


def test_a_late_case_is_announced_once_for_each_due_time(world: World):
    case_id = opened(world, world.placed(LINES))
    world.sweep()
    assert case(world, case_id)["overdue"] is False

    world.pass_time(8 * 3600 + 1)
    world.sweep()
    world.sweep()

    found = case(world, case_id)
    assert found["overdue"] is True
    assert [event["type"] for event in found["events"]] == ["opened", "overdue"]
    step(world, case_id, "assign", owner="care", due=(world.now + timedelta(hours=1)).isoformat())
    world.pass_time(3601)
    world.sweep()
    assert [event["type"] for event in case(world, case_id)["events"]] == ["opened", "overdue", "assigned", "overdue"]
    published = [event["type"] for event in world.hops.published if event["subject"] == case_id]
    assert sorted(published) == sorted(
        f"comanda.case.{name}.v1" for name in ("opened", "overdue", "assigned", "overdue")
    )


def test_an_event_whose_record_was_lost_is_published_by_the_sweeper(world: World):
    world.hops.stopped.add("relay")
    case_id = opened(world, world.placed(LINES), text="Ada's secret words")
    world.settle()
    world.hops.seen["relay"] |= {row["pk"]["S"] + row["sk"]["S"] for row in world.hops.case_events()}
    world.hops.stopped.clear()
    world.sweep()
    assert not [
        event for event in world.hops.published if event["subject"] == case_id
    ]  # the stream may still deliver it

    world.pass_time(301)
    world.sweep()
    world.sweep()

    (event,) = [event for event in world.hops.published if event["subject"] == case_id]
    assert (event["type"], event["sequence"], event["id"]) == ("comanda.case.opened.v1", 1, f"{case_id}#1")
    assert "secret" not in str(event)
    assert event["data"]["kind"] == "LATE"


def test_a_reading_by_a_person_is_noted(world: World):
    order_id = world.placed(LINES)
    case_id, loose = opened(world, order_id), opened(world)

    case(world, case_id, who="sales")
    world.pass_time(1)
    case(world, loose, who="sales")

    noted = world.call("GET", "/v1/audit", who="office", query={"person": "sales"}).body["items"]
    assert [note["order_ids"] for note in noted] == [[], [order_id]]
    assert len(world.call("GET", "/v1/audit", who="office", query={"order": order_id}).body["items"]) == 1


def test_the_office_sees_the_names_that_people_have_now(world: World):
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], name="Sam Sales")
    directory.forget()
    case_id = opened(world, world.placed(LINES), who="sales", author="CUSTOMER")
    step(world, case_id, "assign", who="sales", owner="sales")

    found = case(world, case_id)
    assert (found["owner"], found["owner_name"]) == ("sales", None)  # a team
    world.aws.put("Directory", **keys.user("sam-1"), roles=["staff"], name="Sam One")
    step(world, case_id, "assign", who="sales", owner="sam-1")
    found = case(world, case_id)
    assert (found["owner_name"], found["items"][0]["by_name"]) == ("Sam One", "Sam Sales")
    assert {event["actor_name"] for event in found["events"]} == {"Sam Sales"}
    (row,) = world.call("GET", "/v1/cases", who="office", query={"owner": "sam-1"}).body["items"]
    assert row["owner_name"] == "Sam One"
    assert "Sam" not in str(case(world, case_id, who="shop"))
    assert "Sam" not in str(world.tables()["Orders"])


@pytest.mark.parametrize(
    ("written", "values"),
    [
        (contracts.CaseKind, CaseKind),
        (contracts.CaseTeam, TEAMS),
        (contract.GivenOutcome, GIVEN_OUTCOMES),
        (contract.Author, Author),
        (answers.CaseStatus, CaseStatus),
        (answers.Outcome, Outcome),
        (answers.EventType, CaseEventType),
    ],
)
def test_the_api_has_the_values_of_the_domain(written: Any, values: Any):
    assert list(get_args(written)) == [str(value) for value in values]


def test_many_texts_come_page_by_page(world: World):
    case_id = opened(world, world.placed(LINES))
    for i in range(45):
        step(world, case_id, "note", text=f"note {i}")

    first = world.call("GET", f"/v1/cases/{case_id}", who="office", query={"limit": "100"}).body
    second = world.call(
        "GET", f"/v1/cases/{case_id}", who="office", query={"limit": "100", "cursor": first["next"]}
    ).body

    assert [text["number"] for text in (*first["items"], *second["items"])] == [*range(1, 47)]
    assert (len(first["items"]), second["next"]) == (40, None)


@pytest.mark.parametrize(
    "case_id",
    [
        "cas_us1_01J0000000000000000000000A",
        "cas_us1_01J0000000000000000000000A-001",
        "x",
        "cas_eu1_01J0000000000000000000000A",
    ],
)
def test_a_case_that_is_not_there_is_not_found(world: World, case_id: str):
    assert world.call("GET", f"/v1/cases/{case_id}", who="office").status == 404
    assert step(world, case_id, "close", outcome="SPAM").status == 404


def test_an_unknown_customer_opens_nothing(world: World):
    reply = open_case(world, customer_id="cus_" + "0" * 32)

    assert reply.errors == [("/customer_id", "unknown-customer")]


def test_an_order_takes_two_hundred_cases(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("functions.cases.opening.MOST_OF_ORDER", 2)
    order_id = world.placed(LINES)
    opened(world, order_id), opened(world, order_id)

    assert open_case(world, order_id).problem == "not-allowed"


def test_no_words_are_outside_customers(world: World):
    case_id = opened(world, world.placed(LINES), text="a canary sings")
    step(world, case_id, "close", outcome="ANSWERED", text="the canary left")
    world.settle()

    tables = world.tables()
    assert "canary" in str(tables["Customers"])
    assert "canary" not in str({name: rows for name, rows in tables.items() if name != "Customers"})
    assert "canary" not in str(world.hops.published)
