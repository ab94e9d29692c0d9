"""Test that an order, a fulfillment or an invoice is found by exactly one of its keys, and only by who may read it."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.credit.test_credit import credit
from tests.functions.world import Reply, World, a_body


def found(world: World, text: str, who: str = "sales") -> list[tuple[str, str, str]]:
    """Return kind, id and way of everything that is found."""
    reply = search(world, text, who)
    assert reply.status == 200, reply.body
    return [(item["kind"], item["id"], item["found_by"]) for item in reply.body["items"]]


def search(world: World, text: str, who: str = "sales") -> Reply:
    return world.call("GET", "/v1/find", who=who, query={"q": text})


def shipped(world: World, *numbers: str, carrier: str = "UPS", **changes: Any) -> str:
    """Ship an order from dc-1 in parcels with these tracking numbers, and return its id."""
    world.stocked("TEA-001", dc_1=1)
    order_id = world.placed(("TEA-001", 1), **changes)
    world.settle()
    packages = [{"package_id": f"P-{n}", "carrier": carrier, "tracking_number": t} for n, t in enumerate(numbers)]
    assert world.step(order_id, "ship", body={"packages": packages}).status == 200
    world.settle()
    return order_id


def test_each_key_finds_its_thing_with_the_way_to_it(world: World):
    order_id = shipped(world, "1Z999AA10123456784", external_id="WEB-7")
    work, invoice = f"ful_{order_id[4:]}-001", f"inv_{order_id[4:]}-001"
    number = world.call("GET", f"/v1/invoices/{invoice}", who="sales").body["number"]

    assert found(world, order_id) == [("order", order_id, "id")]
    assert found(world, "WEB-7") == [("order", order_id, "external_id")]
    assert found(world, work) == [("fulfillment", work, "id")]
    assert found(world, invoice) == [("invoice", invoice, "id")]
    assert found(world, number) == [("invoice", invoice, "number")]
    assert found(world, "1Z999AA10123456784") == [("fulfillment", work, "tracking_number")]
    (item,) = search(world, work).body["items"]
    assert (item["order_id"], item["links"]) == (
        order_id,
        {"self": f"/v1/fulfillments/{work}", "order": f"/v1/orders/{order_id}"},
    )


@pytest.mark.parametrize("prefix", [None, "AcMe"])
def test_the_numbers_of_papers_are_found_in_small_and_large_letters(world: World, prefix: str | None):
    seller = directory.find(directory.LEGAL_ENTITY, "tea-co") or {}
    world.entry(directory.LEGAL_ENTITY, "tea-co", {**seller, **({"number_prefix": prefix} if prefix else {})})
    directory.forget()
    order_id = shipped(world, "T-1")
    invoice, note = f"inv_{order_id[4:]}-001", f"crn_{order_id[4:]}-001"
    assert credit(world, order_id).status == 201
    world.settle()
    number = world.call("GET", f"/v1/invoices/{invoice}", who="sales").body["number"]
    credited = world.call("GET", f"/v1/credit-notes/{note}", who="sales").body["number"]
    assert (number, credited) == (
        ("AcMe~dc-1-000001", "AcMe~dc-1-C000001") if prefix else ("dc-1-000001", "dc-1-C000001")
    )

    for text in (number, number.upper(), number.lower()):
        assert found(world, text) == [("invoice", invoice, "number")]
        assert found(world, text, "shop") == [("invoice", invoice, "number")]
        assert found(world, text, "other-shop") == []
    for text in (credited, credited.upper(), credited.lower()):
        assert found(world, text) == [("credit_note", note, "number")]


@pytest.mark.parametrize("written", ["1z999aa1", " 1Z 999-AA1 ", "1Z.999/AA1"])
def test_a_tracking_number_is_found_however_it_is_written(world: World, written: str):
    order_id = shipped(world, "1Z 999 AA1", carrier="Any carrier of a label")

    assert found(world, written) == [("fulfillment", f"ful_{order_id[4:]}-001", "tracking_number")]


def test_one_parcel_of_two_orders_is_found_in_both_and_one_number_of_two_parcels_once(world: World):
    first, second = shipped(world, "A1", "A1", "A2"), shipped(world, "A1", carrier="DHL")
    works = {f"ful_{order_id[4:]}-001" for order_id in (first, second)}

    assert {id_ for _, id_, _ in found(world, "A1")} == works
    assert len(found(world, "A1")) == 2
    assert len(found(world, "A2")) == 1


def test_an_external_id_of_two_channels_is_two_orders_and_each_shop_finds_its_own(world: World):
    web = world.placed(external_id="7")
    outlet = world.call("POST", "/v1/orders", a_body(channel="outlet", external_id="7"), who="other-shop").body[
        "order_id"
    ]

    assert {id_ for _, id_, _ in found(world, "7")} == {web, outlet}
    assert found(world, "7", "shop") == [("order", web, "external_id")]
    assert found(world, "7", "other-shop") == [("order", outlet, "external_id")]
    assert found(world, "7", "picker") == []


def test_a_caller_finds_what_it_may_read_and_nothing_else(world: World):
    order_id = shipped(world, "T-1")
    work, invoice = f"ful_{order_id[4:]}-001", f"inv_{order_id[4:]}-001"
    texts = (order_id, work, invoice, "T-1")

    seen = {
        who: [found(world, text, who) for text in texts]
        for who in ("shop", "other-shop", "picker", "dc-1-system", "other-picker", "acme")
    }

    of_node = [("fulfillment", work, "id")]
    assert seen["shop"] == [
        [("order", order_id, "id")],
        [],
        [("invoice", invoice, "id")],
        [("order", order_id, "tracking_number")],
    ]
    assert seen["picker"] == seen["dc-1-system"] == [[], of_node, [], [("fulfillment", work, "tracking_number")]]
    assert seen["other-shop"] == seen["other-picker"] == seen["acme"] == [[], [], [], []]
    (item,) = search(world, work, "picker").body["items"]
    assert item["links"]["order"] is None


def test_an_application_finds_only_what_its_token_may_read(world: World):
    order_id = shipped(world, "T-1")
    world.aws.put("Directory", **keys.client("reader"), kind="admin", scopes=["orders/read"])

    assert found(world, f"ful_{order_id[4:]}-001", "reader") == []
    assert found(world, f"inv_{order_id[4:]}-001", "reader") == []
    assert found(world, "T-1", "reader") == [("order", order_id, "tracking_number")]


@pytest.mark.parametrize(
    "text",
    [
        "ord_us1_01J0000000000000000000000A",
        "ful_us1_01J0000000000000000000000A-001",
        "inv_us1_01J0000000000000000000000A-001",
        "dc-1-000099",
        "dc-1-999999999999",
        "WEB",
        "-",
        "#",
        "TRK#UPS",
        "X#web#7",
        "ada@example.org",
        "+55 11 91234-5678",
        "{{7*7}}",
        "مرحبا",
        "🙂",
        "x" * 128,
    ],
)
def test_a_text_that_nothing_has_finds_nothing(world: World, text: str):
    world.placed(external_id="WEB-7")

    assert found(world, text) == []


def test_a_text_that_is_missing_blank_too_long_or_of_another_cell_is_answered_so(world: World):
    missing = world.call("GET", "/v1/find", who="sales")
    blank, long = search(world, "  "), search(world, "x" * 129)
    half, elsewhere = search(world, "\ud800"), search(world, "ord_br1_01J0000000000000000000000A")

    assert (missing.status, missing.errors) == (422, [("/q", "missing")])
    assert (blank.status, blank.problem) == (400, "bad-query")
    assert (long.status, long.errors) == (422, [("/q", "string-too-long")])
    assert (half.status, half.errors) == (422, [("/q", "not-text")])
    assert (elsewhere.status, elsewhere.problem, elsewhere.body["cell"]) == (404, "wrong-region", "br1")


def test_two_hundred_parcels_of_one_shipment_are_all_found(world: World):
    order_id = shipped(world, *(f"P{n:03d}" for n in range(200)))

    for number in ("P000", "P098", "P099", "P199"):
        assert found(world, number) == [("fulfillment", f"ful_{order_id[4:]}-001", "tracking_number")]


def test_a_number_of_a_step_that_was_not_saved_finds_nothing(world: World):
    order_id = shipped(world, "T-1")
    work = f"ful_{order_id[4:]}-001"
    world.aws.put("Orders", **keys.tracking("UPS", "T-2", work), **keys.by_tracking_number("T2", work))

    assert found(world, "T-2") == []
