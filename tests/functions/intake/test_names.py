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


def test_the_timeline_says_who_it_was_to_each_reader_as_far_as_the_reader_may_know_it(world: World):
    world.stocked("TEA-001", dc_1=5)
    world.aws.put("Directory", **keys.user("picker"), roles=["worker"], nodes=["dc-1"], name="Rui")
    order_id = world.placed(LARGE)
    assert world.change(order_id, "confirm", who="fatima").status == 200
    world.settle()
    assert world.step(order_id, "accept", who="picker").status == 200

    def actors(who: str, locale: str) -> dict[str, str]:
        reply = world.call("GET", f"/v1/orders/{order_id}/events", who=who, query={"locale": locale})
        return {event["type"]: event["words"]["actor"] for event in reply.body["items"]}

    office, shop = actors("office", "pt-BR"), actors("shop", "es")
    assert office == {"placed": "A loja", "confirmed": NAME, "routed": "Roteador", "accepted": "Rui (DC-1)"}
    assert shop == {
        "placed": "La tienda",
        "confirmed": "Una persona de la oficina",
        "routed": "Enrutador",
        "accepted": "Una persona del local",
    }


def test_the_timeline_names_articles_and_nodes_and_says_amounts_as_the_locale_does(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2), {"sku": "CUP-001", "quantity": 1})
    body = {"reason": "asked", "changes": [{"modification": "price", "line_id": "1", "unit_price": usd(800)}]}
    assert world.change(order_id, "changes", body, who="office").status == 200
    world.settle()

    def texts(who: str, locale: str) -> dict[str, str]:
        reply = world.call("GET", f"/v1/orders/{order_id}/events", who=who, query={"locale": locale})
        return {event["type"]: event["words"]["text"] for event in reply.body["items"]}

    assert texts("office", "es-MX")["changed"] == (
        "Modificado: precio de A TEA-001 (l\u00ednea 1) de USD\xa010.00 a USD\xa08.00 (asked); "
        "total de USD\xa030.00 a USD\xa026.00"
    )
    assert "2 unidades de A TEA-001 (linha 1) de DC-1, Entrega" in texts("office", "pt-BR")["routed"]
    assert "2 units of A TEA-001 (line 1) from dc-1, Delivery" in texts("shop", "en-US")["routed"]


def test_a_page_of_events_costs_as_many_reads_as_one_event(world: World, monkeypatch: pytest.MonkeyPatch):
    order_id = world.placed(LARGE)
    for n in range(30):
        body = {"reason": "x", "changes": [{"modification": "priority", "priority": 1 + n % 2}]}
        assert world.change(order_id, "changes", body, who="fatima").status == 200
    reads = []
    for name in ("batch", "get", "query"):
        called = getattr(directory.reads, name)
        monkeypatch.setattr(
            directory.reads, name, lambda *a, _called=called, **k: (reads.append(1), _called(*a, **k))[1]
        )

    def cost(limit: int) -> int:
        directory.forget()
        reads.clear()
        reply = world.call("GET", f"/v1/orders/{order_id}/events", who="sales", query={"limit": str(limit)})
        assert len(reply.body["items"]) == limit
        return len(reads)

    assert cost(30) == cost(2)


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
