"""Test who finds which customers, what of them is shown to whom, and that each look at a person is noted."""

from typing import Any

import pytest

from comanda.aws.customers import customer_lookup
from comanda.aws.dynamodb import keys
from tests.functions.world import Reply, World, a_body

ADA: dict[str, Any] = {"name": "Ada Byron", "email": "ada@example.org", "phone": "+1 312 555 0100"}


def ordered(world: World, customer: dict[str, Any], **changes: Any) -> str:
    """Place an order of this customer and return its id."""
    who = "shop" if changes.get("channel", "web") == "web" else "other-shop"
    reply = world.call("POST", "/v1/orders", a_body(customer=customer, **changes), who=who)
    assert reply.status == 201, reply.body
    return str(reply.body["order_id"])


def customer_of(world: World, order_id: str) -> str:
    return str(world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body["customer_id"])


def search(world: World, who: str = "sales", **query: str) -> Reply:
    return world.call("GET", "/v1/customers", who=who, query=query)


def read(world: World, customer_id: str, who: str = "sales", **query: str) -> Reply:
    return world.call("GET", f"/v1/customers/{customer_id}", who=who, query=query)


def notes(world: World) -> list[dict[str, Any]]:
    return [row for row in world.tables()["Customers"] if row["pk"].startswith("AU#")]


@pytest.mark.parametrize(
    "query",
    [
        {"email": "ada@example.org"},
        {"email": " ADA@Example.org"},
        {"phone": "+1 312 555 0100"},
        {"phone": "(312) 555-0100"},
        {"name": "ada"},
        {"name": "Ada By"},
        {"name": "BYR"},
        {"name": "byron ada"},
    ],
)
def test_a_customer_is_found_by_e_mail_phone_and_the_beginning_of_a_name(world: World, query: dict[str, str]):
    order_id = ordered(world, ADA, external_id="WEB-1")
    ordered(world, {"name": "Grace Hopper", "email": "grace@example.org", "phone": "+1 212 555 0199"})

    reply = search(world, **query)

    assert reply.status == 200, reply.body
    (found,) = reply.body["items"]
    assert (found["name"], found["email"]) == ("Ada Byron", "ada@example.org")
    assert (found["last_order"]["order_id"], found["last_order"]["external_id"]) == (order_id, "WEB-1")
    assert reply.body["more"] is False
    assert read(world, found["customer_id"]).body["items"][0]["order_id"] == order_id


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Li Wei", "li"),
        ("María José de la Cruz", "José"),
        ("María José de la Cruz", "de la cruz"),
        ("María José de la Cruz", "maria cruz"),
        ("María José de la Cruz", "jose cruz"),
        ("José Maria da Cruz", "jose cruz"),
        ("José Maria da Cruz", "maria cruz"),
        ("José Maria da Cruz", "cruz da maria"),
        ("José Maria da Cruz Souza", "mar cru"),
        ("محمد بن علي الحسن", "محمد علي"),
        ("Pat O'Neil", "oneil"),
        ("محمد بن علي", "محمد علي"),
        ("李明", "李"),
        ("김민수", "민수"),
    ],
)
def test_short_middle_and_compound_names_are_found_of_customers_and_drafts(world: World, name: str, asked: str):
    ordered(world, {"name": name})
    ordered(world, {"name": "Grace Hopper"})
    draft = {"channel": "web", "currency": "USD", "locale": "en-US", "customer": {"name": name}}
    assert world.call("POST", "/v1/drafts", draft).status == 201

    assert [found["name"] for found in search(world, name=asked).body["items"]] == [name]
    drafts = world.call("GET", "/v1/drafts", who="sales", query={"name": asked}).body["items"]
    assert [found["customer"]["name"] for found in drafts] == [name]


def test_a_search_reads_few_pages_however_many_orders_the_customers_have(world: World, monkeypatch: pytest.MonkeyPatch):
    def stored(name: str, *orders_of: int) -> dict[str, str]:
        """Store so many orders of each customer, and return the newest of each."""
        for n, orders in enumerate(orders_of):
            for order in range(orders):
                key = keys.by_name(name, f"cus_{n:032d}", f"ord_us1_{order:026d}")
                world.aws.put("Customers", **key)
        return {f"cus_{n:032d}": f"ord_us1_{orders - 1:026d}" for n, orders in enumerate(orders_of)}

    many, few = stored("ada byron", *[1] * 30), stored("bob ray", 250, 130, 2)
    real, asked = customer_lookup.reads.query, list[str]()

    def counted(*args: Any, **named: Any) -> Any:
        asked.append(named["pk"])
        return real(*args, **named)

    monkeypatch.setattr(customer_lookup.reads, "query", counted)

    found = customer_lookup.by_name("ada")
    assert (len(found), found.items() <= many.items(), len(asked)) == (customer_lookup.MOST + 1, True, 1)
    asked.clear()
    assert customer_lookup.by_name("bob") == few
    assert len(asked) == 3  # another one for each customer with very many orders
    asked.clear()
    assert customer_lookup.by_name("bob hope") == {}
    assert (
        len(asked) == 6
    )  # the words as typed, with the last first, and apart: beginning with the last, and with the first


@pytest.mark.parametrize(
    "query",
    [{"email": "ad@example.org"}, {"phone": "312 555 0101"}, {"name": "adab"}, {"name": "yron"}, {"name": "zoe"}],
)
def test_a_search_that_fits_nobody_is_an_empty_list(world: World, query: dict[str, str]):
    ordered(world, ADA)

    assert (search(world, **query).status, search(world, **query).body["items"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ({"name": "a"}, "/name"),
        ({"name": " a ."}, "/name"),
        ({"name": "\U0001f600\U0001f600\U0001f600"}, "/name"),
        ({"name": "{{"}, "/name"),
        ({"phone": "12345"}, "/phone"),
        ({"phone": "ring me"}, "/phone"),
        ({"email": "ada"}, "/email"),
        ({"name": "\ud800ada"}, "/name"),
        ({"name": "a" * 129}, "/name"),
        ({"name": "ada", "email": "ada@example.org"}, "/"),
        ({}, "/"),
    ],
)
def test_a_search_by_too_little_or_by_two_things_is_refused_at_its_field(world: World, query: dict[str, str], at: str):
    reply = search(world, **query)

    assert (reply.status, [error["pointer"] for error in reply.body["errors"]]) == (422, [at])
    assert notes(world) == []


@pytest.mark.parametrize("who", ["shop", "form", "dc-1-system", "acme", "picker", "ups"])
def test_a_search_is_for_the_office_alone(world: World, who: str):
    ordered(world, ADA)

    assert search(world, who, email="ada@example.org").status == 403
    assert notes(world) == []


def test_twenty_customers_are_answered_and_the_newest_order_of_each(world: World):
    for n in range(22):
        ordered(world, {"name": f"Ada {n}", "email": f"ada{n}@example.org"})
    world.pass_time(1)
    again = ordered(world, {"name": "Ada 3", "email": "ada3@example.org"})
    ordered(world, {"name": "Adb", "email": "adb@example.org"})

    reply = search(world, name="ada")

    names = [item["name"] for item in reply.body["items"]]
    assert (len(names), len(set(names)), reply.body["more"]) == (20, 20, True)
    assert search(world, name="ada 3").body["items"][0]["last_order"]["order_id"] == again


def test_a_customer_has_the_orders_of_every_channel_and_a_channel_sees_its_own(world: World):
    first = ordered(world, ADA)
    world.pass_time(60)
    second = ordered(world, ADA | {"name": "Ada B."}, channel="outlet")
    customer = customer_of(world, first)

    seen = read(world, customer).body
    assert [order["order_id"] for order in seen["items"]] == [second, first]
    assert [person["name"] for person in seen["people"]] == ["Ada B.", "Ada Byron"]
    assert len(seen["addresses"]) == 1
    assert [order["order_id"] for order in read(world, customer, "shop").body["items"]] == [first]
    assert [person["name"] for person in read(world, customer, "other-shop").body["people"]] == ["Ada B."]


def test_a_customer_of_another_channel_is_as_one_that_does_not_exist(world: World):
    customer = customer_of(world, ordered(world, ADA))

    for reply in (
        read(world, customer, "other-shop"),
        read(world, f"cus_{'0' * 32}"),
        read(world, "cus_%23"),
        read(world, "x"),
    ):
        assert (reply.status, reply.problem) == (404, "not-found")


def test_the_orders_of_a_customer_come_in_pages_each_once(world: World):
    placed = []
    for _ in range(5):
        placed.append(ordered(world, ADA))
        ordered(world, ADA, channel="outlet")
        world.pass_time(1)
    customer = customer_of(world, placed[0])

    seen, cursor = [], {}
    while True:
        page = read(world, customer, "shop", limit="2", **cursor).body
        seen += [order["order_id"] for order in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert seen == placed[::-1]
    stolen = read(world, customer, "office", limit="2", **cursor)
    assert (stolen.status, stolen.problem) == (400, "bad-cursor")


def test_each_search_and_each_contact_that_a_person_reads_is_noted_without_what_was_searched(world: World):
    order_id = ordered(world, ADA)
    customer = customer_of(world, order_id)
    assert notes(world) == []  # an application

    search(world, email="ada@example.org")
    read(world, customer)
    world.call("GET", f"/v1/orders/{order_id}/contact", who="sales")

    found = notes(world)
    assert sorted(row["act"] for row in found) == ["read", "read", "search-email"]
    assert {row["pk"] for row in found} == {"AU#sales#202611"}
    assert {row["sk"].rpartition("#")[2] for row in found if row["act"] == "read"} == {customer, order_id}
    assert all(row["ttl"] > 0 and "ada" not in str(row) for row in found)


def test_the_customer_of_an_order_is_told_to_its_channel_and_not_to_its_node(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = ordered(world, ADA)
    world.settle()

    own = world.call("GET", f"/v1/orders/{order_id}/contact", who="shop").body
    nodes = world.call("GET", f"/v1/orders/{order_id}/contact", who="dc-1-system").body

    assert own["customer_id"].startswith("cus_")
    assert "customer_id" not in nodes


def test_an_export_has_each_order_with_all_versions_of_its_contact_and_its_proofs_and_is_noted(world: World):
    digital = {"sku": "TEA-001", "quantity": 1, "kind": "DIGITAL"}
    reply = world.place_order(digital, customer=ADA, note="ring twice")
    order_id, customer = reply.body["order_id"], customer_of(world, reply.body["order_id"])
    world.settle()
    proof = {"line_id": "1", "quantity": 1, "proof": {"kind": "CODE", "text": "ABCD-1234"}}
    assert world.call("POST", f"/v1/orders/{order_id}/provide", proof, who="office").status == 200
    path = f"/v1/customers/{customer}/export"

    (item,) = world.call("GET", path, who="office").body["items"]

    assert item["order"]["order_id"] == order_id
    assert [(one["version"], one["note"], one["customer"]["email"]) for one in item["contacts"]] == [
        (1, "ring twice", "ada@example.org")
    ]
    assert [one["text"] for one in item["proofs"]] == ["ABCD-1234"]
    assert [row["sk"].rpartition("#")[2] for row in notes(world)] == [customer]
    assert world.call("GET", path, who="shop").status == 403
    assert world.call("GET", f"/v1/customers/cus_{'0' * 32}/export", who="office").status == 404


def test_a_customer_has_the_own_ids_of_the_channels_that_the_caller_sees(world: World):
    guest = ordered(world, ADA)
    assert read(world, customer_of(world, guest)).body["known_as"] == []
    known = {**ADA, "id": "c-17"}
    order_id = ordered(world, known)
    ordered(world, known, external_id="WEB-2")

    shown = read(world, customer_of(world, order_id)).body["known_as"]

    assert shown == [{"channel": "web", "customer_id": "c-17"}]
