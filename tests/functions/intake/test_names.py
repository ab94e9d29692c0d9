"""Test that the office sees the names of colleagues, and that no event, kept answer or index has one."""

import json

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.world import PEOPLE, World, usd

NAME = "\u0641\u0627\u0637\u0645\u0629 \U0001f375"
QUEUE = "/v1/queues/sales-review"
LARGE = {"sku": "TEA-001", "quantity": 1, "unit_price": usd(200_000)}


@pytest.fixture(autouse=True)
def fatima(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the sales desk a person with a name, and the review of large orders."""
    monkeypatch.setitem(PEOPLE, "fatima", {"roles": ["staff"]})  # type: ignore[arg-type]  # a dict, shown as a mapping
    world.aws.put("Directory", **keys.user("fatima"), roles=["staff"], name=NAME)
    world.hold_type()


def test_the_office_sees_who_has_an_item(world: World):
    item = f"{world.placed(LARGE)}.h1"
    claimed = world.call("POST", f"{QUEUE}/items/{item}/claim", {}, who="fatima")

    for who in ("sales", "office", "fatima"):
        (seen,) = world.call("GET", QUEUE, who=who).body["items"]
        assert (seen["claimed_by"], seen["claimed_by_name"]) == ("fatima", NAME)
    assert claimed.body["claimed_by_name"] is None


def test_an_application_without_a_name_and_an_item_that_nobody_has_carry_none(world: World):
    first, second = f"{world.placed(LARGE)}.h1", f"{world.placed(LARGE)}.h1"
    assert world.call("POST", f"{QUEUE}/items/{first}/claim", {}, who="office").status == 200

    seen = {item["item_id"]: item["claimed_by_name"] for item in world.call("GET", QUEUE, who="fatima").body["items"]}

    assert seen == {first: None, second: None}


def test_the_office_sees_who_did_what_with_an_order_and_a_shop_does_not(world: World):
    order_id = world.placed(LARGE)
    assert world.change(order_id, "confirm", who="fatima").status == 200

    def actors(who: str) -> dict[str, str | None]:
        events = world.call("GET", f"/v1/orders/{order_id}/events", who=who).body["items"]
        return {event["actor"]: event["actor_name"] for event in events}

    assert actors("sales") == {"shop": None, "fatima": NAME}
    assert actors("shop") == {"shop": None, "fatima": None}


def test_an_application_is_named_as_its_client_is(world: World):
    world.aws.put("Directory", **keys.client("shop"), kind="channel", channels=["web"], name="Web shop")
    order_id = world.placed(LARGE)

    (placed,) = world.call("GET", f"/v1/orders/{order_id}/events", who="sales").body["items"]

    assert (placed["actor"], placed["actor_name"]) == ("shop", "Web shop")


def test_the_name_is_that_of_now_and_none_after_a_removal(world: World):
    order_id = world.placed(LARGE)
    world.change(order_id, "confirm", who="fatima")

    def name() -> str | None:
        directory.forget()
        found: str | None = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"][-1][
            "actor_name"
        ]
        return found

    assert name() == NAME
    world.aws.put("Directory", **keys.user("fatima"), roles=["staff"], name="F. Costa")
    assert name() == "F. Costa"
    world.aws.put("Directory", **keys.user("fatima"), roles=[], name="F. Costa", removed_at=1)
    assert name() is None


def test_no_stored_event_answer_or_log_has_the_name(world: World, capsys: pytest.CaptureFixture[str]):
    order_id = world.placed(LARGE)
    world.call("POST", f"{QUEUE}/items/{order_id}.h1/claim", {}, who="fatima")
    world.call("GET", QUEUE, who="fatima")
    world.change(order_id, "confirm", who="fatima")
    world.call("GET", f"/v1/orders/{order_id}/events", who="fatima")

    stored = json.dumps(world.aws.items("Orders"), default=str, ensure_ascii=False)
    assert NAME not in stored
    assert NAME not in "".join(capsys.readouterr())


def test_the_names_of_a_page_cost_one_read_and_then_none(world: World, monkeypatch: pytest.MonkeyPatch):
    asked = []
    batch = directory.reads.batch
    monkeypatch.setattr(
        directory.reads,
        "batch",
        lambda table, wanted, **how: batch(table, asked.append(list(wanted)) or asked[-1], **how),
    )  # type: ignore[func-returns-value]
    directory.forget()

    assert directory.names_of_callers(["fatima", "fatima", "sales"]) == {"fatima": NAME}
    assert directory.names_of_callers(["sales", "fatima"]) == {"fatima": NAME}

    assert [len(one) for one in asked] == [4, 0]
