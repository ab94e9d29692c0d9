"""The retailer's matrix says what an order may take after the sale, one order is answered by it, and cancel obeys it."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.world import Reply, World
from tests.invariants import broken

MATRIX = "/v1/modification-matrices/default"


def a_rule(*statuses: str, allow: bool = False, **changes: Any) -> dict[str, Any]:
    return {"modification": "cancel", "allow": allow, "statuses": list(statuses), **changes}


def put(world: World, *rules: dict[str, Any]) -> Reply:
    reply = world.call("PUT", MATRIX, {"rules": rules}, who="office")
    directory.forget()
    return reply


def allowed(world: World, order_id: str, **query: str) -> dict[str | None, tuple[int, list[str]]]:
    reply = world.call("GET", f"/v1/orders/{order_id}/allowed-changes", query=query)
    return {
        row["line_id"]: (row["units"], [d["code"] for d in row["denials"]])
        for row in reply.body["changes"]
        if row["modification"] == "cancel"
    }


@pytest.fixture
def at_node(world: World) -> str:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "accept")
    return order_id


def test_packed_units_may_not_be_cancelled_until_the_retailer_allows_it(world: World, at_node: str):
    world.steps(at_node, "pick", "pack")

    assert allowed(world, at_node) == {None: (0, ["packed"]), "1": (0, ["packed"])}
    assert world.change(at_node, "cancel", {"reason": "late"}).problem == "not-allowed"
    assert put(world, a_rule("PACKED", allow=True)).status == 201

    assert allowed(world, at_node) == {None: (2, []), "1": (2, [])}
    assert world.change(at_node, "cancel", {"reason": "late"}).body["status"] == "CANCELLED"
    world.settle()
    assert [task["item_id"] for task in world.call("GET", "/v1/queues/put-back", who="office").body["items"]]
    assert broken(world.tables()) == []


def test_a_denied_status_holds_for_its_level_and_channel(world: World, at_node: str):
    put(world, a_rule("ACCEPTED", levels=["line"], channels=["web"], reason="ask the warehouse"))
    one = {"reason": "no", "lines": [{"line_id": "1", "quantity": 1}]}

    answer = world.call("GET", f"/v1/orders/{at_node}/allowed-changes", query={"locale": "es-MX"})
    whole, line = (row for row in answer.body["changes"] if row["modification"] == "cancel")

    assert (whole["allowed"], line["allowed"]) == (True, False)
    (denial,) = line["denials"]
    assert (denial["says"], denial["reason"]) == ("Ya no se permite", "ask the warehouse")
    assert (answer.body["locale"], answer.etag) == ("es", f'"v{answer.body["version"]}"')
    assert world.change(at_node, "cancel", one).problem == "not-allowed"
    put(world, a_rule("ACCEPTED", levels=["line"], channels=["outlet"]))
    assert world.change(at_node, "cancel", one).status == 200


def test_the_rest_of_an_order_is_cancelled_and_the_denied_units_are_told(world: World, at_node: str):
    world.step(at_node, "pick", body={"lines": [{"line_id": "1", "quantity": 1}]})
    put(world, a_rule("PICKED"))

    reply = world.change(at_node, "cancel", {"reason": "no"})

    assert reply.body["not_cancelled"] == [{"line_id": "1", "quantity": 1, "status": "PICKED", "reason": "denied"}]
    assert reply.body["quantities"] == {"CANCELLED": 1, "PICKED": 1}


def test_a_matrix_is_refused_by_the_field_that_is_wrong(world: World):
    def errors(**changes: Any) -> list[tuple[str, str]]:
        return world.call("PUT", MATRIX, {"rules": [{**a_rule("PICKED"), **changes}]}, who="office").errors

    assert errors(channels=["web", "moon"]) == [("/rules/0/channels/1", "unknown-channel")]
    assert errors(allow=True, statuses=["PICKED", "SHIPPED"]) == [("/rules/0/statuses/1", "not-possible")]
    assert errors(statuses=["SHIPPED"], allow="perhaps")[0][0] == "/rules/0/allow"
    assert errors(statuses=[])[0][0] == "/rules/0/statuses"
    assert errors(statuses=["GONE"])[0][0] == "/rules/0/statuses/0"
    assert errors(modification="teleport")[0][0] == "/rules/0/modification"
    assert errors(levels=["planet"])[0][0] == "/rules/0/levels/0"
    for reason in ("  ", "\ud800", "x" * 4000):
        assert errors(reason=reason)[0][0] == "/rules/0/reason"
    other = world.call("PUT", "/v1/modification-matrices/web", {"rules": []}, who="office")
    assert other.errors == [("/id", "malformed-id")]
    assert put(world, a_rule("PICKED", reason="لا 📦 {{ 7 * 7 }}")).status == 201


@pytest.mark.parametrize(
    ("rules", "errors"),
    [
        ([a_rule("CREATED", modification="price", levels=["order"])], [("/rules/0/levels/0", "not-possible")]),
        ([a_rule("CREATED", modification="note", levels=["order", "line"])], [("/rules/0/levels/1", "not-possible")]),
        ([a_rule("SHIPPED", "CANCELLED")], [("/rules/0/statuses/0", "not-possible"), ("/rules/0/statuses/1", "not-possible")]),
        ([a_rule("PICKED", "PACKED", "PICKED")], [("/rules/0/statuses/2", "duplicate")]),
        ([a_rule("PICKED", levels=["line", "line"])], [("/rules/0/levels/1", "duplicate")]),
        ([a_rule("PICKED", channels=["web", "web"])], [("/rules/0/channels/1", "duplicate")]),
        ([a_rule("PICKED"), a_rule("PICKED")], [("/rules/1", "never-used")]),
        ([a_rule("PICKED"), a_rule("PICKED", allow=True, channels=["web"], levels=["line"])], [("/rules/1", "never-used")]),
        (
            [a_rule("PICKED", levels=["line"]), a_rule("PICKED", "PACKED", levels=["order"]), a_rule("PICKED", "SHIPPED")],
            [("/rules/2", "never-used")],
        ),
        ([a_rule("PICKED", channels=["web"]), a_rule("PICKED", channels=["outlet"]), a_rule("PICKED")], []),
        ([a_rule("PICKED", levels=["line"]), a_rule("PICKED")], []),
        ([a_rule("PICKED", "SHIPPED")], []),  # denying what is not possible anyway is no mistake beside what is
    ],
)  # fmt: skip
def test_no_rule_is_stored_that_decides_nothing(world: World, rules: list[dict[str, Any]], errors: list[Any]):
    reply = put(world, *rules)

    assert reply.errors == errors if errors else reply.status == 201


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en", "Belongs to a kit, which stays whole"),
        ("pt-BR", "Faz parte de um kit, que fica inteiro"),
        ("es", "Es parte de un kit, que queda entero"),
    ],
)
def test_a_kit_is_not_called_packed_before_it_is(world: World, locale: str, says: str):
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    kit = {"quantity": 1, "fulfillment": {"group": "k"}}
    order_id = world.placed({"sku": "TEA-001", **kit}, {"sku": "POT-001", **kit})
    world.settle()

    answer = world.call("GET", f"/v1/orders/{order_id}/allowed-changes", query={"locale": locale})

    rows = [row for row in answer.body["changes"] if row["line_id"] == "1"]
    told = {row["modification"]: [(d["code"], d["says"]) for d in row["denials"]] for row in rows}
    assert told["replace"] == told["quantity"] == [("kit", says)]


def test_another_shop_may_not_ask_and_a_shop_reads_no_matrix(world: World, at_node: str):
    path = f"/v1/orders/{at_node}/allowed-changes"

    assert world.call("GET", path, who="other-shop").problem == "not-found"
    assert world.call("GET", path, who="dc-1-system").problem == "forbidden"
    assert world.call("GET", MATRIX, who="shop").problem == "forbidden"
    assert world.call("GET", MATRIX, who="office").problem == "not-found"
