"""Test the rows of a new order's customer: who it is, and what they are found by."""

from typing import Any

import pytest

from comanda.aws.customers import customers
from tests.functions.world import World, a_body

ADA: dict[str, Any] = {"name": "Ada Byron", "email": "ada@example.org", "phone": "+1 312 555 0100"}


def customer_of(world: World, customer: dict[str, Any], channel: str = "web") -> str:
    who = "shop" if channel == "web" else "other-shop"
    reply = world.call("POST", "/v1/orders", a_body(channel=channel, customer=customer), who=who)
    assert reply.status == 201, reply.body
    found = customers.customer_of(reply.body["order_id"])
    assert found is not None
    return found


def customer_rows(world: World, prefix: str) -> list[dict[str, Any]]:
    return [row for row in world.tables()["Customers"] if row["pk"].startswith(prefix)]


def test_an_order_has_its_place_among_those_of_its_customer_and_is_found_by_its_e_mail_phone_and_name(world: World):
    ada = customer_of(world, ADA)

    assert [row["channel"] for row in customer_rows(world, f"C#{ada}")] == ["web"]
    assert [len(customer_rows(world, prefix)) for prefix in ("E#", "P#", "N#ada", "N#byr")] == [1, 1, 1, 1]
    assert not any(
        "ada" in row["pk"] + row["sk"] for prefix in ("E#", "P#", "C#") for row in customer_rows(world, prefix)
    )
    assert not any("3125550100"[-9:] in row["pk"] for row in customer_rows(world, "P#"))


def test_one_id_in_two_channels_is_two_customers_and_in_one_channel_it_is_one(world: World):
    assert customer_of(world, ADA | {"id": "42"}) == customer_of(world, {"name": "A", "id": "42"})
    assert customer_of(world, ADA | {"id": "42"}, "outlet") != customer_of(world, ADA | {"id": "42"})


def test_a_guest_with_one_e_mail_is_one_customer_in_all_channels(world: World):
    assert customer_of(world, ADA) == customer_of(world, {"name": "A.", "email": " ADA@example.org"}, "outlet")
    assert customer_of(world, ADA) != customer_of(world, ADA | {"id": "42"})


def test_guests_without_an_e_mail_are_never_the_same_customer(world: World):
    assert customer_of(world, {"name": "Ada"}) != customer_of(world, {"name": "Ada"})


def test_an_order_that_calls_its_customer_as_we_call_a_guest_is_not_the_guests(world: World):
    guest = world.place_order(("TEA-001", 1), customer=ADA).body["customer_id"]

    assert guest.startswith("g_")
    assert customer_of(world, {"name": "Eve", "id": guest}, "outlet") != customer_of(world, ADA)


def test_a_name_without_letters_is_placed_and_not_found_by_name(world: World):
    customer_of(world, {"name": "\U0001f600"})

    assert customer_rows(world, "N#") == []


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("Cher", 1),
        ("Ada Byron", 2),
        ("María José de la Cruz", 5),
        ("O'Neil", 3),
        ("王小明", 3),
        ("a b c d e f g h i j k", 8),
    ],
)
def test_an_order_has_a_row_for_each_word_of_a_name_and_eight_at_most(world: World, name: str, rows: int):
    customer_of(world, {"name": name})

    assert len(customer_rows(world, "N#")) == rows
