"""Test how the work of a node is sorted for its pages, and how typed and counted units are read."""

from datetime import UTC, datetime

import pytest

from functions.console import node_rules

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)  # eight in the evening in Chicago


def a_work(name="WEB-1", **changes):
    return {
        "fulfillment_id": f"ful_{name}",
        "order_id": f"ord_{name}",
        "external_id": name,
        "node_id": "dc-1",
        "method": "SHIP",
        "status": "PICKING",
        "accept_by": "2026-11-30T01:00:00.000Z",
        "ship_by": "2026-11-30T04:00:00.000Z",
        "packages": [],
        "lines": [
            {"line_id": "1", "sku": "A", "quantity": 5, "quantities": {"PICKING": 3, "PICKED": 1, "CANCELLED": 1}}
        ],
        **changes,
    }


@pytest.mark.parametrize(
    ("status", "method", "part"),
    [
        ("OFFERED", "SHIP", "accept"),
        ("ACCEPTED", "SHIP", "pick"),
        ("PICKING", "PICKUP", "pick"),
        ("PICKED", "SHIP", "pack"),
        ("PACKED", "SHIP", "ship"),
        ("PACKED", "PICKUP", "counter"),
        ("READY_FOR_PICKUP", "PICKUP", "counter"),
        ("SHIPPED", "SHIP", ""),
        ("DECLINED", "SHIP", ""),
    ],
)
def test_work_belongs_to_the_part_of_its_next_step(status, method, part):
    work = a_work(status=status, method=method)

    assert node_rules.part_of(work) == part
    assert bool(node_rules.next_page(work)) == bool(part)


def test_rows_are_in_the_order_in_which_they_are_due_and_know_the_day_of_their_node():
    late = a_work("WEB-2", ship_by="2026-11-30T01:59:00.000Z")
    next_day = a_work("WEB-3", ship_by="2026-11-30T07:00:00.000Z")  # one in the night in Chicago
    waiting = a_work("WEB-4", status="READY_FOR_PICKUP", method="PICKUP", ship_by="2026-11-29T07:00:00.000Z")

    rows = node_rules.sorted_rows([a_work(), late, next_day, waiting], "America/Chicago", NOW)

    assert [row.name for row in rows] == ["WEB-4", "WEB-2", "WEB-1", "WEB-3"]
    assert [row.late for row in rows] == [False, True, False, False]
    assert [row.today for row in rows] == [False, True, True, False]
    assert [row.units for row in rows] == [4, 4, 4, 4]


def test_work_of_an_earlier_version_has_the_id_of_its_order_for_a_name():
    work = a_work()
    del work["external_id"]

    assert node_rules.name_of(work) == "ord_WEB-1"


def test_the_units_of_a_step_are_those_that_it_takes():
    assert node_rules.units_left(a_work(), "pick") == {"1": 3}
    assert node_rules.units_left(a_work(), "pack") == {"1": 1}
    assert node_rules.units_in(a_work(), ("PACKED",)) == {}


def test_counted_units_are_never_more_than_are_left():
    typed = node_rules.typed_units({"line.0": "1", "quantity.0": "9", "line.1": "2", "quantity.1": "two"})

    assert node_rules.counts(typed, {"1": 3, "2": 2, "3": 1}) == {"1": 3, "2": 0, "3": 0}


@pytest.mark.parametrize("text", ["4", "-1", "1.0", "\u0662", "1" * 7, "one"])
def test_a_number_that_does_not_fit_is_refused_by_its_field(text):
    typed = node_rules.typed_units({"line.0": "1", "quantity.0": text})

    with pytest.raises(ValueError, match=r"quantity\.0"):
        node_rules.chosen(typed, {"1": 3})


def test_lines_without_a_number_are_left_out_and_changed_work_is_judged_by_the_api():
    typed = node_rules.typed_units({"line.0": "1", "quantity.0": "4", "line.1": "2", "quantity.1": " ", "line.2": "3"})

    assert node_rules.chosen(typed, None) == [{"line_id": "1", "quantity": 4}]


def test_work_without_a_carrier_comes_last():
    parcels = [{"carrier": "", "package_id": "1"}, {"carrier": "northway", "package_id": "2"}]
    rows = node_rules.sorted_rows([a_work("A"), a_work("B", packages=parcels)], "UTC", NOW)

    assert [(carrier, [row.name for row in group]) for carrier, group in node_rules.by_carrier(rows)] == [
        ("northway", ["B"]),
        ("", ["A"]),
    ]
