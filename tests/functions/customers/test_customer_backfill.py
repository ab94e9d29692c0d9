"""Orders from before customers had ids get them by a command that may end anywhere and go on, and erasures find them then."""

from typing import Any

import pytest

from comanda.aws.customers import customers
from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from comanda.domain.errors import Invalid
from functions.customers import customer_backfill, handler
from tests.faults import Crash, Crashed
from tests.functions.crashes import Moment
from tests.functions.erase.test_erase import ADA, closed, erase, nothing_is_left
from tests.functions.world import World

SINCE = {"rebuild": "customers", "since": "2026-11-17"}
GUEST = {"name": "Grace Hopper", "email": "grace@example.org", "phone": "+1 212 555 0199"}


def as_before_ids(world: World, *order_ids: str) -> dict[str, str]:
    """Take away what orders had not when customers had no ids; return the customers by order."""
    found = {}
    for order_id in order_ids:
        found[order_id] = customers.customer_of(order_id) or ""
        key = keys.contact(order_id, 1)
        wire = {name: {"S": text} for name, text in key.items()}
        client("dynamodb").update_item(TableName="Customers", Key=wire, UpdateExpression="REMOVE customer")
    for row in world.tables()["Customers"]:
        if row["pk"][:2] in ("C#", "E#", "P#", "N#"):
            wire = {name: {"S": row[name]} for name in ("pk", "sk")}
            client("dynamodb").delete_item(TableName="Customers", Key=wire)
    return found


def stored_rows(world: World) -> list[dict[str, Any]]:
    return [row for row in world.tables()["Customers"] if row["pk"][:3] not in ("AU#", "AS#")]


def test_old_orders_get_the_customers_and_rows_that_new_ones_have(world: World):
    ids = [
        closed(world),
        closed(world, GUEST),
        closed(world, {"name": "Nobody"}),
        closed(world, GUEST, channel="outlet"),
    ]
    before = stored_rows(world)
    was = as_before_ids(world, *ids)
    assert world.call("GET", "/v1/customers", who="office", query={"name": "ada"}).body["items"] == []

    done = handler.handler(SINCE, None)

    assert done == {"orders": 4, "named": 4, "next": None}
    assert {one: customers.customer_of(one) for one in ids} == was
    assert stored_rows(world) == before
    assert handler.handler(SINCE, None) == {"orders": 4, "named": 0, "next": None}
    assert stored_rows(world) == before


def test_an_erasure_finds_them_then(world: World):
    ids = [closed(world), closed(world)]
    was = as_before_ids(world, *ids)
    assert erase(world, was[ids[0]]).status == 404

    handler.handler(SINCE, None)

    assert erase(world, was[ids[0]]).body["orders"] == 2
    nothing_is_left(world, ids)
    assert handler.handler(SINCE, None)["named"] == 0  # who was erased stays so


class _Hurry:
    """A context of Lambda whose time is always over."""

    def get_remaining_time_in_millis(self) -> int:
        return 0


def test_a_run_that_has_no_time_left_says_where_to_go_on(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(customer_backfill, "_AT_ONCE", 2)
    ids = [closed(world, GUEST if n % 2 else ADA, channel="outlet" if n % 3 == 0 else "web") for n in range(7)]
    was = as_before_ids(world, *ids)
    event: dict[str, Any] | None = SINCE
    named = runs = 0
    while event:
        done = handler.handler(event, _Hurry())
        event, named, runs = done["next"], named + done["named"], runs + 1

    assert (named, {one: customers.customer_of(one) for one in ids}) == (7, was)
    assert runs > 4


def test_a_run_that_ends_at_any_call_is_finished_by_the_next(world: World):
    ids = [closed(world), closed(world, GUEST)]
    before = stored_rows(world)
    as_before_ids(world, *ids)
    counted, moment = Crash(), Moment(world)
    with counted:
        handler.handler(SINCE, None)
    points = counted.points()
    for at, after in points:
        moment.back()
        with Crash(at, after=after), pytest.raises(Crashed):
            handler.handler(SINCE, None)
        handler.handler(SINCE, None)
        assert stored_rows(world) == before
    print(f"backfill: {len(points)} of {len(points)} crash points finished")  # noqa: T201  a published figure


@pytest.mark.parametrize("since", [None, "", "yesterday", "2026-13-01", 5])
def test_a_run_without_a_day_to_begin_with_is_refused(world: World, since: Any):
    with pytest.raises(Invalid):
        handler.handler({"rebuild": "customers", "since": since}, None)


def test_customers_of_older_orders_are_found_by_each_word_of_their_names_and_erased_with_what_found_them_before(
    world: World,
):
    ids = [closed(world, ADA | {"name": "Li de Byron"}), closed(world, GUEST)]
    customer_id = customers.customer_of(ids[0])
    before = stored_rows(world)
    for row in before:
        if row["pk"].startswith("N#") and ids[0] in row["sk"]:
            client("dynamodb").delete_item(TableName="Customers", Key={n: {"S": row[n]} for n in ("pk", "sk")})
    former = [keys.by_former_name(name, customer_id, ids[0]) for name in ("li de byron", "byron li de")]
    for key in former:
        world.aws.put("Customers", **key)

    assert handler.handler(SINCE, None) == {"orders": 2, "named": 1, "next": None}

    for asked in ("li", "byron", "de byron"):
        (found,) = world.call("GET", "/v1/customers", who="office", query={"name": asked}).body["items"]
        assert found["name"] == "Li de Byron"
    assert handler.handler(SINCE, None)["named"] == 0
    assert erase(world, customer_id).status == 200
    assert "byron" not in str(stored_rows(world))
