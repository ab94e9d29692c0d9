"""A packing slip says what is in the parcel, from where and to whom, without prices."""

from dataclasses import replace
from typing import Any

import pytest

from comanda.domain.documents.address_lines import address_lines
from comanda.domain.documents.packing_slip import content, digest, facts
from comanda.domain.labels import labels
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status
from tests.builders import NOW, TODAY, a_bundle, a_line, a_line_in, a_node, an_allocation, an_order, offered, placed

NODE = {"name": "DC 1", "country": "US"}
COUNTRIES = {"US": "United States", "BR": "Brazil"}
CONTACT = {
    "customer": {"name": "Ada Byron", "email": "ada@example.org", "phone": "+1 555 0100", "tax_id": "123"},
    "ship_to": {"name": "Ada Byron", "line1": "12 Main St", "line2": "Flat 3", "city": "Chicago", "region": "IL", "postal_code": "60601", "country": "US"},
    "bill_to": {"name": "The bank", "line1": "1 Money St", "city": "Chicago", "country": "US"},
    "note": "the bell is broken",
    "attributes": {"cart": "c-1"},
}  # fmt: skip


def a_fulfillment(number: int = 1) -> Fulfillment:
    return Fulfillment(
        number=number,
        node="dc-1",
        method=SHIP,
        service="STANDARD",
        due=TODAY,
        offered_at=NOW,
        accept_by=NOW,
        ship_by=NOW,
    )


def an_order_at_work(*quantities: int, **changes: Any) -> Order:
    """Return an order with a line of each quantity, all units at the node."""
    lines = [
        a_line_in(
            an_allocation(n, Status.PICKED, node="dc-1", fulfillment=1),
            sku=f"SKU-{i}",
            line_id=str(i),
            title=f"Tea {i}",
        )
        for i, n in enumerate(quantities, 1)
    ]
    return an_order(*lines, fulfillments=(a_fulfillment(),), **changes)


def made(order: Order, node: dict[str, Any] = NODE) -> dict[str, Any]:
    found = facts(order, order.fulfillments[0], node)
    assert found is not None
    return found


def test_a_slip_has_the_order_its_lines_and_its_units():
    slip = made(an_order_at_work(2, 3, external_id="WEB-1"))

    assert slip["number"] == "WEB-1"
    assert slip["lines"] == [
        {"title": "Tea 1", "sku": "SKU-1", "units": 2},
        {"title": "Tea 2", "sku": "SKU-2", "units": 3},
    ]
    assert slip["units"] == 5
    assert slip["from"] == ["DC 1"]


def test_a_slip_has_the_units_of_its_own_fulfillment_without_cancelled_ones():
    line = a_line_in(
        an_allocation(2, Status.PACKED, node="dc-1", fulfillment=1),
        an_allocation(1, Status.PICKED, node="dc-1", fulfillment=1),
        an_allocation(4, Status.CANCELLED, node="dc-1", fulfillment=1),
        an_allocation(8, Status.PICKED, node="dc-2", fulfillment=2),
    )
    order = an_order(line, fulfillments=(a_fulfillment(), a_fulfillment(2)))

    assert made(order)["lines"] == [{"title": "TEA-001", "sku": "TEA-001", "units": 3}]


def test_work_without_a_unit_has_no_slip():
    line = a_line_in(an_allocation(4, Status.CANCELLED, node="dc-1", fulfillment=1))
    order = an_order(line, fulfillments=(a_fulfillment(),))

    assert facts(order, order.fulfillments[0], NODE) is None


def test_a_slip_has_no_price_and_of_a_person_only_the_address_and_the_gift_message():
    slip = content(made(an_order_at_work(2)), {**CONTACT, "gift": "With love"}, COUNTRIES)

    assert slip["to"] == ["Ada Byron", "12 Main St", "Flat 3", "Chicago, IL 60601", "United States"]
    assert slip["gift"] == "With love"
    for secret in ("1000", "2000", "ada@example.org", "555", "123", "The bank", "bell", "c-1"):
        assert secret not in str(slip)


def test_facts_have_nothing_of_a_person():
    assert "to" not in made(an_order_at_work(2))
    assert "gift" not in made(an_order_at_work(2))


@pytest.mark.parametrize(
    ("contact", "to"),
    [
        ({}, []),
        ({"customer": {"name": "Ada"}}, ["Ada"]),
        ({"ship_to": {"name": "Ada", "city": "Recife", "country": "BR"}}, ["Ada", "Recife", "Brazil"]),
        ({"ship_to": {"name": "Ada", "city": "Recife", "country": "ZZ"}}, ["Ada", "Recife", "ZZ"]),
        ({"ship_to": {"name": "Ada", "region": "", "line2": None}}, ["Ada"]),
    ],
)
def test_the_parts_of_an_address_that_are_not_there_leave_no_line(contact: dict[str, Any], to: list[str]):
    assert content(made(an_order_at_work(1)), contact, COUNTRIES)["to"] == to


def test_what_is_picked_up_has_the_customers_name_alone():
    order = an_order_at_work(1)
    order = replace(order, fulfillments=(replace(order.fulfillments[0], method=PICKUP),))

    assert content(made(order), CONTACT, COUNTRIES)["to"] == ["Ada Byron"]


def test_parcels_are_listed_with_their_tracking_numbers():
    order = an_order_at_work(1)
    boxed = {"carton": "M", "sscc": "340123450000000017", "parent": "B-2", "contents": (("1", 2), ("gone", 1))}
    packages = (Package(package_id="B-1", carrier="UPS", tracking_number="1Z", **boxed), Package(package_id="B-2"))
    order = replace(order, fulfillments=(replace(order.fulfillments[0], packages=packages),))

    assert made(order)["parcels"] == [
        {
            "parcel": "B-1",
            "carrier": "UPS",
            "tracking": "1Z",
            "carton": "M",
            "on": "B-2",
            "sscc": "340123450000000017",
            "contents": [{"title": made(order)["lines"][0]["title"], "units": 2}],
        },
        {"parcel": "B-2", "carrier": "-", "tracking": "-", "carton": "", "on": "", "sscc": "", "contents": []},
    ]


@pytest.mark.parametrize(
    ("locale", "title"),
    [
        ("en-US", "Packing slip"),
        ("pt-PT", "Romaneio do pacote"),
        ("es-MX", "Nota de entrega"),
        ("fr-FR", "Packing slip"),
    ],
)
def test_the_words_are_in_the_language_of_the_order(locale: str, title: str):
    slip = made(an_order_at_work(1, locale=locale))

    assert slip["title"] == title
    assert set(slip["words"]) == set(labels.KINDS["SlipWord"])


@pytest.mark.parametrize(
    ("country", "paper"), [("US", "us-letter"), ("MX", "us-letter"), ("BR", "a4"), ("DE", "a4"), (None, "a4")]
)
def test_the_paper_is_that_of_the_nodes_country(country: str | None, paper: str):
    assert made(an_order_at_work(1), {"name": "X", "country": country})["paper"] == paper


def test_a_node_without_an_entry_is_named_by_its_id():
    assert made(an_order_at_work(1), {})["from"] == ["dc-1"]


def test_the_digest_changes_with_the_work_the_contact_and_the_template():
    one = digest(made(an_order_at_work(1)), 1, b"t")

    assert one == digest(made(an_order_at_work(1)), 1, b"t")
    assert len({one, digest(made(an_order_at_work(2)), 1, b"t"), digest(made(an_order_at_work(1)), 2, b"t"), digest(made(an_order_at_work(1)), 1, b"u")}) == 4  # fmt: skip


def test_the_parts_of_a_bundle_stand_below_its_sets_and_only_they_are_counted():
    def packed(together: bool, cups: int) -> list[tuple[str, int | None, bool]]:
        order = placed(an_order(a_line("TEA", 1), *a_bundle("TEA-SET", 2, 1000, together=together)))
        order = offered(order, (a_node(), {"1": 1, "b1": 2, "b2": cups}))
        slip = made(order)
        assert slip["units"] == 3 + cups
        return [(row["sku"], row["units"], "part" in row) for row in slip["lines"]]

    tea, pots = ("TEA", 1, False), ("POT", 2, True)
    assert packed(together=True, cups=4) == [tea, ("TEA-SET", 2, False), pots, ("CUP", 4, True)]
    assert packed(together=False, cups=3) == [tea, ("TEA-SET", None, False), pots, ("CUP", 3, True)]


@pytest.mark.parametrize(
    ("country", "town"),
    [
        ("US", "Chicago, IL 60601"),
        ("CA", "Chicago, IL 60601"),
        ("GB", "Chicago, IL 60601"),
        ("BR", "60601 Chicago IL"),
        ("DE", "60601 Chicago IL"),
        ("", "60601 Chicago IL"),
    ],
)
def test_the_town_and_its_postal_code_stand_as_their_country_writes_them(country: str, town: str):
    to = {"city": "Chicago", "region": "IL", "postal_code": "60601", "country": country}

    assert address_lines(to, {})[0] == town


def test_parts_of_a_town_that_are_missing_leave_no_mark():
    assert address_lines({"city": "Chicago", "country": "US"}, {"US": "United States"}) == ["Chicago", "United States"]
    assert address_lines({"postal_code": "60601", "country": "US"}, {}) == ["60601", "US"]
