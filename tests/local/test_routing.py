"""`comanda routing` explains an order's decisions, makes them again, and compares the decisions of a period."""

from datetime import date, timedelta

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from ops import routing, routing_report
from ops.routing import Tables, Unknown
from tests.functions.outages.test_outages import close
from tests.functions.world import START, World, world
from tests.moto_aws import aws

__all__ = ["aws", "world"]

NEAREST = {"name": "Usual", "rules": [{"name": "near", "rank": ["distance"]}]}
FAR = {"name": "Usual", "rules": [{"name": "far", "nodes": {"not_nodes": ["dc-1"]}, "rank": ["distance"]}]}
DAY = START.date()


@pytest.fixture
def tables(world: World) -> Tables:
    """The tables of a world in which version 1 of a rule set is in force and version 2 is its shadow."""
    world.stocked("TEA-001", dc_1=90, dc_2=90)
    for doc in (NEAREST, FAR):
        assert world.call("PUT", "/v1/rule-sets/usual", doc, who="office").status in (200, 201)
    until = (START + timedelta(days=7)).isoformat()
    assert world.call("POST", "/v1/rule-sets/usual/activate", {"version": 1}, who="office").status == 200
    assert world.call("POST", "/v1/rule-sets/usual/shadow", {"version": 2, "until": until}, who="office").status == 200
    packs.rebuild((), directory.RULE_SET)
    directory.forget()
    return Tables(dynamodb=client("dynamodb"), orders="Orders", directory="Directory")


def test_an_orders_decisions_are_explained_and_made_again(world: World, tables: Tables):
    order_id = world.placed(("TEA-001", 2))
    world.settle()

    told = list(routing.explain_order(tables.order(order_id)))
    again, same = routing.replay_order(tables.order(order_id))

    assert told[1].startswith("  2 of TEA-001 (line 1) are sent from dc-1")
    assert (again[1], same) == ('  choice 1, rule "near" of usual@1: 2 TEA-001 from dc-1: the same', True)
    with pytest.raises(Unknown, match="there is no order ord_x"):
        tables.order("ord_x")


def test_a_choice_with_another_result_is_named(world: World, tables: Tables):
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    routed = tables.order(order_id)
    routed.decisions[0]["stages"][0]["assignment"] = [[0, 1, 2]]

    again, same = routing.replay_order(routed)

    assert not same
    assert again[1].endswith("DIFFERS from [[0, 1, 2]]")


def test_a_period_is_compared_by_orders_declines_and_label_costs(world: World, tables: Tables):
    shipped, declined = world.placed(("TEA-001", 1)), world.placed(("TEA-001", 1))
    world.placed(("TEA-001", 1), channel="outlet", who="other-shop")
    world.settle()
    parcel = {"package_id": "P1", "label_cost": {"amount": 900, "currency": "USD"}, "weight_g": 100}
    world.steps(shipped, "accept", "pick", "pack")
    assert world.step(shipped, "ship", 1, {"packages": [parcel]}).status == 200
    assert world.step(declined, "decline", 1, {"reason": "DAMAGED"}).status == 200
    world.settle()

    found = routing_report.compare_days(tables, DAY, DAY, "web")

    assert (found["orders"], found["decisions"]) == (2, 3)
    assert [(n["node"], n["count"], n["of"]) for n in found["gave_back"]["nodes"]] == [("dc-1", 1, 2), ("dc-2", 0, 1)]
    (paid,) = found["realised"]
    assert (paid["name"], paid["n"], paid["realised"]) == ("labels", 1, 9_000_000)
    bill = {"fulfillment": 1, "name": "", "amount": 950, "status": "WITHIN_LIMITS"}
    world.aws.put("Orders", **keys.billed_parcel(shipped, 1, ""), **bill)
    billed = routing_report.compare_days(tables, DAY, DAY, "web")
    (paid,) = billed["realised"]
    assert (paid["name"], paid["n"], paid["realised"]) == ("invoices of carriers", 1, 9_500_000)
    assert any(line.split()[:6:5] == ["invoices", "9.5000"] for line in routing_report.lines(billed))
    (seen,) = found["shadows"]
    by_name = {one["name"]: one for one in seen["measures"]}
    assert (seen["rule_set"], seen["orders"], seen["differ"]) == ("usual@2", 2, 2)
    assert by_name["priced"]["difference"] > 0
    assert (by_name["shipments"]["difference"], by_name["shipments"]["says"]) == (0, "too few")
    assert any("too few to say anything: 30 orders are needed" in line for line in routing_report.lines(found))
    assert routing_report.compare_days(tables, DAY, DAY)["orders"] == 3
    assert world.call("PUT", "/v1/rule-sets/another", NEAREST, who="office").status == 201
    assert routing_report.compare_days(tables, DAY, DAY, rule_set="another")["shadows"] == []
    with pytest.raises(Unknown, match="there is no rule set nope: another, usual"):
        routing_report.compare_days(tables, DAY, DAY, rule_set="nope")
    with pytest.raises(Unknown, match="there is no channel"):
        routing_report.compare_days(tables, DAY, DAY, "nowhere")
    with pytest.raises(Unknown, match="92 at most"):
        routing_report.compare_days(tables, date(2026, 1, 1), DAY)


def test_work_that_a_closure_took_back_does_not_count_as_declined(world: World, tables: Tables):
    for _ in range(2):
        world.placed(("TEA-001", 1))
    world.settle()
    assert close(world).status == 201
    world.settle()

    found = routing_report.compare_days(tables, DAY, DAY, "web")

    assert [(n["node"], n["count"], n["of"]) for n in found["gave_back"]["nodes"]] == [("dc-2", 0, 2)]
