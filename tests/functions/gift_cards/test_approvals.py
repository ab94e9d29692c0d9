"""An issue above the limit of who asks for it has no money until another person approves it."""

from typing import Any

import pytest

from comanda.aws.books import gift_card_issues
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.domain.gift_cards import codes
from tests.functions.gift_cards.test_issue import balance, credit, entries, forget_answers, issue, of_customer
from tests.functions.world import PEOPLE, Reply, World, usd
from tests.invariants import broken

MOST = 5_000


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Let two people of the office issue up to 50.00 USD alone."""
    for name in ("sales", "lead"):
        world.aws.put("Directory", **keys.user(name), roles=["staff"], limits={"gift_cards": [usd(MOST)]})
    monkeypatch.setattr("tests.functions.world.PEOPLE", {**PEOPLE, "lead": {"roles": ["staff"]}, "clerk": {}})
    world.aws.put("Directory", **keys.user("clerk"), roles=["staff"])
    directory.forget()
    return world


def waiting(world: World) -> list[dict[str, Any]]:
    return list(world.call("GET", "/v1/queues/gift-cards", who="sales").body["items"])


def answered(world: World, item: str, answer: str, who: str = "lead", key: str = "") -> Reply:
    return world.call("POST", f"/v1/queues/gift-cards/items/{item}/resolve", {"answer": answer}, who=who, key=key)


def test_a_person_issues_alone_up_to_the_limit_and_an_application_any_amount(world: World):
    assert issue(world, who="sales", amount=usd(MOST)).status == 201
    assert issue(world, who="clerk").errors == [("/amount", "above-limit")]
    assert issue(world, who="sales", amount={"amount": 1, "currency": "EUR"}).errors == [("/amount", "above-limit")]
    assert credit(world, who="clerk").problem == "forbidden"
    assert issue(world, who="office", amount=usd(500_000)).status == 201
    assert waiting(world) == []


def test_a_card_above_the_limit_pays_when_another_person_has_approved_it(world: World):
    asked = issue(world, who="sales", key="k", amount=usd(MOST + 1))
    again = issue(world, who="sales", key="k", amount=usd(MOST + 1))
    code = asked.body["code"]

    assert (asked.status, asked.body["balance"], again.body) == (202, usd(0), asked.body)
    assert balance(world, code).errors == [("/code", "not-usable")]
    (item,) = waiting(world)
    assert item["reason"] == "issue-above-limit; sold at the counter"
    assert (item["data"]["amount"], item["data"]["currency"], item["data"]["by"]) == (str(MOST + 1), "USD", "sales")
    assert str(codes.read(code)) not in str(world.tables())

    assert answered(world, item["item_id"], "approve", who="sales").problem == "forbidden"
    assert answered(world, item["item_id"], "approve", who="office").problem == "forbidden"
    assert answered(world, item["item_id"], "approve", who="clerk").problem == "forbidden"
    assert answered(world, item["item_id"], "done").errors == [("/answer", "unknown-answer")]
    done = answered(world, item["item_id"], "approve", key="a")
    assert (done.status, done.body["status"]) == (200, "done")
    assert answered(world, item["item_id"], "approve", key="a").body == done.body
    assert answered(world, item["item_id"], "approve").status == 404
    assert balance(world, code).body["balance"] == usd(MOST + 1)
    assert waiting(world) == []
    assert [(row["by"], row["approved_by"]) for row in entries(world, asked.body["account_id"])] == [("sales", "lead")]
    assert issue(world, who="sales", key="k", amount=usd(MOST + 1)).body == asked.body
    assert broken(world.tables()) == []


def test_an_issue_that_is_refused_has_no_money_and_who_asked_may_drop_it(world: World):
    codes_ = [issue(world, who="sales", amount=usd(MOST + 1)).body["code"] for _ in range(2)]
    first, second = waiting(world)

    assert answered(world, first["item_id"], "refuse").status == 200
    chosen = {"items": [second["item_id"]], "answer": "refuse"}
    rows = world.call("POST", "/v1/queues/gift-cards/resolve", chosen, who="sales").body["rows"]

    assert [row["status"] for row in rows] == ["done"]
    assert waiting(world) == []
    assert all(balance(world, code).status == 422 for code in codes_)
    assert not [row for row in world.tables()["Orders"] if row["pk"].startswith(("GC#", "GI#"))]


def test_credit_above_the_limit_is_added_to_what_the_customer_has_by_then(world: World):
    assert credit(world, who="sales").status == 201
    asked = credit(world, who="sales", amount=usd(MOST + 1))
    assert (asked.status, asked.body["balance"]) == (202, usd(1_500))
    credit(world, who="sales", amount=usd(500))
    (item,) = waiting(world)

    assert answered(world, item["item_id"], "approve").status == 200

    assert of_customer(world).body["balance"] == usd(MOST + 2_001)
    assert broken(world.tables()) == []


def test_an_item_that_does_not_wait_is_not_found(world: World):
    for name in ("x", "0" * 32, "a~b"):
        assert answered(world, name, "approve").status == 404
    assert world.call("POST", "/v1/queues/gift-cards/claim", {}, who="lead").problem == "not-allowed"


@pytest.mark.parametrize("ask", [credit, issue])
def test_an_issue_that_was_approved_does_not_wait_again_after_its_record_is_gone(world: World, ask: Any):
    asked = ask(world, who="sales", key="k", amount=usd(MOST + 1))
    (item,) = waiting(world)
    assert answered(world, item["item_id"], "approve").status == 200
    forget_answers(world)

    assert ask(world, who="sales", key="k", amount=usd(MOST + 1)).problem == "idempotency-key-reused"
    assert waiting(world) == []
    assert len(entries(world, asked.body["account_id"])) == 1


@pytest.mark.parametrize("ask", [credit, issue])
def test_an_issue_that_waits_is_not_made_by_its_key_when_the_limit_was_raised(world: World, ask: Any):
    asked = ask(world, who="sales", key="k", amount=usd(MOST + 1))
    forget_answers(world)
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"gift_cards": [usd(2 * MOST)]})
    directory.forget()

    assert ask(world, who="sales", key="k", amount=usd(MOST + 1)).problem == "idempotency-key-reused"
    (item,) = waiting(world)
    assert answered(world, item["item_id"], "approve").status == 200
    assert len(entries(world, asked.body["account_id"])) == 1


def test_a_credit_that_waits_though_it_has_been_issued_can_only_be_dropped(world: World):
    credit(world, who="sales", key="k")
    entry = next(row for row in world.tables()["Orders"] if row["sk"].startswith("L#issue#"))
    credit(world, who="sales", amount=usd(MOST + 1))
    (item,) = waiting(world)
    row = gift_card_issues.load(item["item_id"])
    world.aws.put("Orders", **{**row, **keys.waiting_issue(entry["sk"][8:]), "issue_id": entry["sk"][8:]})

    assert answered(world, entry["sk"][8:], "approve").problem == "not-allowed"
    assert answered(world, entry["sk"][8:], "refuse").status == 200
    assert of_customer(world).body["balance"] == usd(1_500)
