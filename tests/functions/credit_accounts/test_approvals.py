"""Terms above the limit of who asks for them hold when another person of finance has approved them."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item as stored
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from tests.functions.channels import set_channel
from tests.functions.credit_accounts.credit import account, set_terms, standing
from tests.functions.gift_cards.test_issue import forget_answers
from tests.functions.world import PEOPLE, Reply, World, usd
from tests.invariants import broken

MOST = 5_000
ABOVE = usd(MOST + 1)


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    finance_people(world, monkeypatch)
    return world


def finance_people(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two people of finance set limits up to 50.00 USD alone."""
    people = {"finance": ["finance"], "lead": ["finance"], "seller": ["sales"]}
    for name, desks in people.items():
        limits = {"customer_credit": [usd(MOST)]}
        world.aws.put("Directory", **keys.user(name), roles=["staff"], desks=desks, limits=limits)
    monkeypatch.setattr("tests.functions.world.PEOPLE", {**PEOPLE, "lead": {}, "seller": {}})
    directory.forget()


def waiting(world: World) -> list[dict[str, Any]]:
    return list(world.call("GET", "/v1/queues/credit-accounts", who="finance").body["items"])


def answered(world: World, item: str, answer: str, who: str = "lead", key: str = "") -> Reply:
    path = f"/v1/queues/credit-accounts/items/{item}/resolve"
    return world.call("POST", path, {"answer": answer}, who=who, key=key)


def test_terms_above_the_limit_hold_when_another_person_has_approved_them(world: World):
    asked = set_terms(world, who="finance", key="k", limit=ABOVE)
    again = set_terms(world, who="finance", key="k", limit=ABOVE)
    account_id = asked.body["credit_account_id"]

    assert (asked.status, asked.body["room"], again.body) == (202, usd(0), asked.body)
    assert world.call("GET", f"/v1/credit-accounts/{account_id}", who="office").status == 404
    (item,) = waiting(world)
    assert item["reason"] == "terms-above-limit; good customer"
    assert (item["data"]["amount"], item["data"]["by"], item["data"]["customer_id"]) == ("5001", "finance", "c-17")

    for who in ("finance", "office", "seller", "sales"):
        assert answered(world, item["item_id"], "approve", who=who).problem == "forbidden"
    assert answered(world, item["item_id"], "done").errors == [("/answer", "unknown-answer")]
    done = answered(world, item["item_id"], "approve", key="a")
    assert (done.status, done.body["status"]) == (200, "done")
    assert answered(world, item["item_id"], "approve", key="a").body == done.body
    assert answered(world, item["item_id"], "approve").status == 404
    assert standing(world, account_id) == (MOST + 1, 0, 0)
    assert [(one["by"], one["approved_by"]) for one in account(world, account_id)["entries"]] == [("finance", "lead")]
    assert waiting(world) == []
    assert broken(world.tables()) == []


def test_terms_that_are_refused_never_hold_and_who_asked_may_drop_them(world: World):
    set_terms(world, who="finance", limit=ABOVE)
    set_terms(world, who="finance", limit=ABOVE, customer_id="c-18")
    first, second = waiting(world)

    assert answered(world, first["item_id"], "refuse").status == 200
    chosen = {"items": [second["item_id"]], "answer": "refuse"}
    rows = world.call("POST", "/v1/queues/credit-accounts/resolve", chosen, who="finance").body["rows"]

    assert [row["status"] for row in rows] == ["done"]
    assert waiting(world) == []
    assert not [row for row in world.tables()["Orders"] if row["pk"].startswith(("AC#", "ACL#", "CT#"))]


def test_terms_of_an_account_that_was_changed_since_are_approved_no_more(world: World):
    set_terms(world, who="office")
    asked = set_terms(world, who="finance", limit=ABOVE)
    assert (asked.status, asked.body["limit"]) == (202, usd(MOST))
    set_terms(world, who="office", limit=usd(100))
    (item,) = waiting(world)

    assert answered(world, item["item_id"], "approve").problem == "not-allowed"
    assert answered(world, item["item_id"], "refuse").status == 200
    assert standing(world, asked.body["credit_account_id"]) == (100, 0, 0)


def test_terms_that_wait_are_refused_by_people_of_finance_alone(world: World):
    set_terms(world, who="finance", limit=ABOVE)
    (item,) = waiting(world)

    assert answered(world, item["item_id"], "refuse", who="seller").problem == "forbidden"
    assert len(waiting(world)) == 1
    assert answered(world, item["item_id"], "refuse", who="office").status == 200


def test_people_of_finance_without_a_limit_freeze_accounts_and_lower_limits(world: World):
    account_id = set_terms(world, who="office", limit=usd(4_000)).body["credit_account_id"]
    world.aws.put("Directory", **keys.user("lead"), roles=["staff"], desks=["finance"])
    directory.forget()

    assert set_terms(world, who="lead", limit=usd(4_000), frozen=True).status == 200
    assert set_terms(world, who="lead", limit=usd(3_000), frozen=True).status == 200
    assert set_terms(world, who="lead", limit=usd(3_000)).errors == [("/limit", "above-limit")]
    assert account(world, account_id)["frozen"]


def test_a_limit_is_lowered_where_the_channel_sells_no_more(world: World):
    set_terms(world, who="office", limit=usd(4_000))
    set_channel(world, currencies=["EUR"])

    assert set_terms(world, who="office", limit=usd(4_001)).errors == [("/limit/currency", "not-sold-in")]
    assert set_terms(world, who="office", limit=usd(1_000)).status == 200
    assert set_terms(world, who="office", customer_id="c-18").errors == [("/limit/currency", "not-sold-in")]
    gone = stored(dict(keys.entry(directory.CHANNEL, "web")))
    client("dynamodb").delete_item(TableName=settings.directory_table, Key=gone)
    directory.forget()
    assert set_terms(world, who="office", limit=usd(2_000)).errors == [("/channel", "unknown-channel")]
    assert set_terms(world, who="office", limit=usd(0), frozen=True).status == 200


def test_lower_terms_wait_for_nobody(world: World):
    set_terms(world, who="office", limit=usd(90_000))

    assert set_terms(world, who="finance", limit=usd(80_000)).status == 200
    assert set_terms(world, who="finance", limit=usd(80_000), frozen=True).status == 200
    assert set_terms(world, who="finance", limit=usd(80_000)).status == 202  # it is frozen no more


def test_terms_that_were_approved_do_not_wait_again_after_their_record_is_gone(world: World):
    set_terms(world, who="finance", key="k", limit=ABOVE)
    forget_answers(world)
    assert set_terms(world, who="finance", key="k", limit=ABOVE).problem == "idempotency-key-reused"
    (item,) = waiting(world)
    assert answered(world, item["item_id"], "approve").status == 200
    set_terms(world, who="office", limit=usd(1))

    assert set_terms(world, who="finance", key="k", limit=ABOVE).problem == "idempotency-key-reused"
    assert waiting(world) == []
