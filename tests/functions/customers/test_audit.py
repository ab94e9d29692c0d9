"""Find whoever read, searched, exported, merged or erased a person: by their own id, by the order and by the customer."""

from typing import Any

import pytest

from tests.functions.customers.test_customer_merges import ADA, customer_of, merge, ordered, people, read
from tests.functions.erase.test_erase import closed, erase
from tests.functions.world import Reply, World


def audit(world: World, who: str = "office", **query: str) -> Reply:
    return world.call("GET", "/v1/audit", who=who, query=query)


def acts(reply: Reply) -> list[tuple[str, str]]:
    assert reply.status == 200, reply.body
    return [(row["person_id"], row["act"]) for row in reply.body["items"]]


def look_in_every_way(world: World, order_id: str) -> None:
    """Look at a person in every way, a second after each other."""
    customer_id = customer_of(order_id)
    slip = f"/v1/fulfillments/ful_{order_id[4:]}-001/documents/packing-slip"
    for path, query in (
        ("/v1/customers", {"email": "ada@example.org"}),
        ("/v1/customers", {"phone": "+1 312 555 0100"}),
        ("/v1/customers", {"name": "ada"}),
        (f"/v1/customers/{customer_id}", {}),
        (f"/v1/orders/{order_id}/contact", {}),
        (slip, {}),
        (f"/v1/customers/{customer_id}/export", {}),
    ):
        assert world.call("GET", path, who="sales", query=query).status in (200, 303), path
        world.pass_time(1)
    assert world.call("POST", f"/v1/orders/{order_id}/links", {}, who="sales").status == 201


OF_AN_ORDER = ["link", "slip", "read"]
OF_A_CUSTOMER = ["export", "read", "read"]
ALL = ["link", "export", "slip", "read", "read", "search-name", "search-phone", "search-email"]


def test_every_act_is_found_by_its_person_its_order_and_its_customer(world: World):
    order_id = closed(world)
    look_in_every_way(world, order_id)

    assert acts(audit(world, person="sales")) == [("sales", act) for act in ALL]
    assert acts(audit(world, order=order_id)) == [("sales", act) for act in OF_AN_ORDER]
    assert acts(audit(world, customer=customer_of(order_id))) == [("sales", act) for act in OF_A_CUSTOMER]
    (newest, *_) = audit(world, customer=customer_of(order_id)).body["items"]
    assert (newest["order_ids"], newest["customer_ids"], newest["person_id"]) == (
        [],
        [customer_of(order_id)],
        "sales",
    )


def test_what_applications_read_all_day_is_not_noted_and_a_link_is(world: World):
    order_id = closed(world)
    world.call("GET", f"/v1/orders/{order_id}/contact", who="shop")
    world.call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001/documents/packing-slip", who="dc-1-system")
    world.call("POST", f"/v1/orders/{order_id}/links", {}, who="shop")

    assert acts(audit(world, order=order_id)) == [("shop", "link")]


def test_a_picker_who_opens_a_slip_is_noted(world: World):
    world.stocked("TEA-001", dc_1=1)
    order_id = world.placed(("TEA-001", 1))
    world.settle()

    assert (
        world.call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001/documents/packing-slip", who="picker").status == 303
    )
    assert acts(audit(world, order=order_id)) == [("picker", "slip")]


def test_an_erasure_and_a_merge_stay_noted_and_name_nobody(world: World):
    ada, work = customer_of(closed(world)), people(world, 1)[0]
    merge(world, work, ada)
    world.call("POST", f"/v1/customers/{work}/unmerge", {}, who="sales")
    world.pass_time(1)
    assert erase(world, ada).status == 200

    assert acts(audit(world, customer=ada))[0] == ("office", "erase")
    assert {act for _, act in acts(audit(world, customer=work))} == {"merge", "unmerge"}
    rows = [row for row in world.tables()["Customers"] if row["pk"][:3] in ("AU#", "AS#")]
    assert not [row for row in rows if "ada" in str(row).lower()]


def test_merged_customers_have_the_acts_of_both(world: World):
    one, two = people(world, 2)
    read(world, one)
    world.pass_time(1)
    read(world, two)
    world.pass_time(1)
    merge(world, one, two)

    for customer_id in (one, two):
        assert [act for _, act in acts(audit(world, customer=customer_id))] == ["merge", "read", "read"]


@pytest.mark.parametrize("by", ["person", "order"])
def test_the_acts_come_in_pages_each_once_over_months(world: World, by: str):
    order_id = ordered(world, ADA)
    for _ in range(5):
        world.call("GET", f"/v1/orders/{order_id}/contact", who="sales")
        world.pass_time(20 * 86_400)

    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = audit(world, **{by: "sales" if by == "person" else order_id}, limit="2", **cursor)
        seen += [row["at"] for row in page.body["items"]]
        if page.body["next"] is None:
            break
        cursor = {"cursor": page.body["next"]}

    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize("query", [{}, {"person": "a", "order": "b"}])
def test_an_audit_asks_for_exactly_one_thing(world: World, query: dict[str, str]):
    reply = audit(world, **query)

    assert (reply.status, reply.errors) == (422, [("/", "one-filter")])


@pytest.mark.parametrize("name", ["nobody", "cus_#", "\u0639\u0644\u064a", "{{7*7}}", "a" * 128])
def test_what_nobody_touched_has_no_acts(world: World, name: str):
    for by in ("person", "order", "customer"):
        assert audit(world, **{by: name}).body["items"] == []


@pytest.mark.parametrize("who", ["sales", "shop", "picker", "acme", "dc-1-system", "form", "ups"])
def test_an_admin_alone_reads_the_audit(world: World, who: str):
    assert audit(world, who, person=who).status == 403
