"""The receipt answers each row of a shipment file: wrong fields, refusals, repetitions and conflicts."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.aws.orders import orders
from comanda.domain.lifecycle.place import place_order
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.rule_holds import HoldType
from tests.builders import CELL, NOW, a_hold_type, a_line, an_order, an_order_id
from tests.functions.inbox import shipment_files
from tests.functions.inbox.shipment_files import (
    RECEIVED,
    PartnerFiles,
    Row,
    a_row,
    as_csv,
    as_json,
    outcomes,
    shipped,
    statuses,
)

world = shipment_files.world


def test_a_bad_line_is_reported_and_the_good_ones_are_applied(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1), a_line("MUG-001", 1))

    receipt = world.send(as_csv(a_row(order), a_row(order, sku="MUG-001", quantity="many"), a_row(order, sku="NO-1")))

    assert outcomes(receipt) == [
        (2, "APPLIED", ""),
        (3, "REJECTED", "out-of-range"),
        (4, "REJECTED", "unknown-line"),
    ]
    assert receipt[1]["reason"].startswith("quantity: ")
    assert receipt[-1]["totals"] == {"lines": 3, "APPLIED": 1, "DUPLICATE": 0, "CONFLICT": 0, "REJECTED": 2}
    assert orders.load(order.order_id).status == "PARTIALLY_SHIPPED"


BAD_FIELDS = [
    ("quantity", "0", "out-of-range"),
    ("quantity", "-1", "out-of-range"),
    ("quantity", "1.5", "out-of-range"),
    ("quantity", "1e9", "out-of-range"),
    ("quantity", "1000000000", "out-of-range"),
    ("quantity", "1000001", "out-of-range"),
    ("quantity", "٣", "out-of-range"),
    ("quantity", "", "missing"),
    ("quantity", "2", "more-than-there-is"),
    ("shipment_id", "", "missing"),
    ("shipment_id", "S 1", "malformed"),
    ("shipment_id", "S" * 65, "malformed"),
    ("shipment_id", "S#1", "malformed"),
    ("package_id", "../P1", "malformed"),
    ("line_id", "9", "unknown-line"),
    ("sku", "T" * 129, "too-long"),
    ("sku", "TEA\x07", "unseen-character"),
    ("sku", "NO-SUCH", "unknown-line"),
    ("order_id", "ord_1", "unknown-order"),
    ("order_id", an_order_id(99), "unknown-order"),
    ("order_id", an_order_id(7).replace(CELL, "eu9"), "unknown-order"),
    ("order_id", "'; DROP TABLE orders; --", "unknown-order"),
    ("fulfillment_id", f"ful{an_order_id(7)[3:]}-002", "unknown-order"),
    ("fulfillment_id", f"ful{an_order_id(7)[3:]}-000", "unknown-order"),
    ("fulfillment_id", f"ful{an_order_id(8)[3:]}-001", "another-order"),
    ("shipped_at", "yesterday", "malformed"),
    ("shipped_at", "2026-11-19", "malformed"),
    ("shipped_at", "2026-11-19T18:00:00", "malformed"),
    ("shipped_at", "2026-02-30T18:00:00Z", "malformed"),
    ("shipped_at", "0001-01-01T00:00:00+14:00", "malformed"),
    ("shipped_at", "2026-11-20T08:06:00Z", "in-the-future"),
    ("shipped_at", "2026-11-18T12:00:00Z", "before-the-order"),
    ("carrier", "=HYPERLINK(1)", "malformed"),
    ("carrier", "U\x0bPS", "unseen-character"),
    ("carrier", "4111 1111 1111 1111", "card-number"),
    ("service", "U" * 101, "too-long"),
    ("tracking_number", "=1+1", "malformed"),
    ("tracking_number", "+1Z999", "malformed"),
    ("tracking_number", "@1Z999", "malformed"),
    ("tracking_number", "1Z\x1b[31m", "malformed"),
    ("weight_g", "-5", "out-of-range"),
    ("weight_g", "1.5", "out-of-range"),
    ("label_cost", "7.35", "out-of-range"),
    ("label_currency", "usd", "malformed"),
]


@pytest.mark.parametrize(("field", "value", "code"), BAD_FIELDS, ids=[f"{f}={v[:20]!r}" for f, v, _ in BAD_FIELDS])
def test_a_bad_field_rejects_its_line_and_is_named(world: PartnerFiles, field: str, value: str, code: str) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_csv(a_row(order) | {field: value}))

    assert outcomes(receipt) == [(2, "REJECTED", code)]
    assert receipt[0]["reason"].startswith(f"{field}: ")
    assert orders.load(order.order_id) == order
    assert world.applied_rows() == []


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        ({"order_id": ""}, "missing", "order_id: is missing, and so is fulfillment_id"),
        ({"sku": ""}, "missing", "line_id: is missing, and so is sku"),
        ({"sku": ["TEA-001"]}, "wrong-type", "sku: is neither text nor a number"),
        ({"sku": {"a": 1}}, "wrong-type", "sku: is neither text nor a number"),
        ({"quantity": True}, "wrong-type", "quantity: is neither text nor a number"),
        ({"quantity": 1.0}, "out-of-range", "quantity: takes a whole number from 1 to 1000000"),
        ({"carrier": "\ud800"}, "not-text", "carrier: holds half of a surrogate pair, which is no text"),
    ],
)
def test_a_bad_value_in_json_rejects_its_line(world: PartnerFiles, change: Row, code: str, reason: str) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_json(a_row(order) | change))

    assert outcomes(receipt) == [(1, "REJECTED", code)]
    assert receipt[0]["reason"] == reason


def test_every_wrong_field_of_a_line_is_named_and_no_value_repeated(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_csv(a_row(order, quantity="Maria", shipped_at="da Silva", carrier="=mail(maria@x)")))

    reason = receipt[0]["reason"]
    assert [part.partition(":")[0] for part in reason.split("; ")] == ["quantity", "carrier", "shipped_at"]
    assert "aria" not in json.dumps(receipt)


def test_a_tracking_number_may_look_like_a_card_number(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1))

    assert statuses(world.send(as_csv(a_row(order, tracking_number="4111111111111111")))) == ["APPLIED"]


def test_clocks_may_differ_by_five_minutes(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2))

    receipt = world.send(
        as_csv(
            a_row(order, shipment_id="S1", shipped_at="2026-11-20T08:05:00Z"),
            a_row(order, shipment_id="S2", shipped_at="2026-11-19T11:55:00+00:00"),
        )
    )

    assert statuses(receipt) == ["APPLIED", "APPLIED"]


def test_another_partners_order_is_answered_like_one_that_does_not_exist(world: PartnerFiles) -> None:
    theirs = world.order(a_line("TEA-001", 1), at={"dc-9": {"1": 1}}, partner="rival")
    nowhere = replace(theirs, order_id=an_order_id(99))

    receipt = world.send(as_csv(a_row(theirs, shipment_id="S1"), a_row(nowhere, shipment_id="S1", sku="X")))

    assert outcomes(receipt) == [(2, "REJECTED", "unknown-order"), (3, "REJECTED", "unknown-order")]
    assert receipt[0]["reason"] == receipt[1]["reason"]
    assert orders.load(theirs.order_id) == theirs


def test_a_partner_cannot_ship_the_part_of_an_order_that_another_has(world: PartnerFiles) -> None:
    order = world.order(
        a_line("TEA-001", 1), a_line("MUG-001", 1), at={"dc-1": {"1": 1}, "dc-9": {"2": 1}}, partner=None
    )

    receipt = world.send(
        as_csv(
            a_row(order, sku="MUG-001"),
            a_row(order, shipment_id="S2", order_id="", fulfillment_id=f"ful{order.order_id[3:]}-002", sku="MUG-001"),
        )
    )

    assert outcomes(receipt) == [(2, "REJECTED", "unknown-line"), (3, "REJECTED", "unknown-order")]


def test_more_than_there_is_is_rejected_and_the_other_rows_of_the_shipment_leave(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2), a_line("MUG-001", 1))

    receipt = world.send(as_csv(a_row(order, quantity="3"), a_row(order, sku="MUG-001")))

    assert outcomes(receipt) == [(2, "REJECTED", "more-than-there-is"), (3, "APPLIED", "")]
    assert receipt[0]["reason"] == "quantity: 3 named, 2 can be shipped"
    assert shipped(order) == 1


def test_a_fulfillment_that_is_shipped_takes_no_more_and_says_where_the_rest_is(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2))
    named = f"ful{order.order_id[3:]}-001"
    world.send(as_csv(a_row(order, order_id=None, fulfillment_id=named)))

    receipt = world.send(as_csv(a_row(order, order_id=None, fulfillment_id=named, shipment_id="S2")))

    assert outcomes(receipt) == [(2, "REJECTED", "not-open")]
    assert receipt[0]["reason"] == f"fulfillment_id: is SHIPPED; what was left of it is in {named[:-1]}2"


def to_two_addresses(world: PartnerFiles) -> Order:
    """An order of which line 1 is in fulfillment 1, and line 2, of the same sku, in fulfillment 2 to another address."""
    order = world.order(a_line("TEA-001", 1), a_line("TEA-001", 1, destination=1))
    first = order.fulfillment(1)
    second = replace(order.line("2").allocations[0], fulfillment=2)
    apart = replace(
        order.with_lines([replace(order.line("2"), allocations=(second,))]),
        fulfillments=(first, replace(first, number=2, destination=1)),
        destinations=(order.destination,),
    )
    event = Event(type=EventType.ROUTED, actor="router", at=NOW, data={})
    return orders.save(order, Decision(order=apart, event=event))


def test_a_sku_that_goes_to_several_addresses_needs_its_line_or_its_fulfillment(world: PartnerFiles) -> None:
    order = to_two_addresses(world)
    named = f"ful{order.order_id[3:]}-001"

    receipt = world.send(
        as_csv(
            a_row(order, line_id=None, fulfillment_id=""),
            a_row(order, shipment_id="S2", line_id="2", fulfillment_id=""),
            a_row(order, shipment_id="S3", line_id="", fulfillment_id=named),
        )
    )

    assert outcomes(receipt) == [(2, "REJECTED", "several-destinations"), (3, "APPLIED", ""), (4, "APPLIED", "")]
    assert [row["fulfillment_id"][-3:] for row in receipt[1:3]] == ["002", "001"]


def test_a_pickup_is_not_shipped(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1, method=PICKUP, node="dc-1"))

    receipt = world.send(
        as_csv(
            a_row(order, fulfillment_id=f"ful{order.order_id[3:]}-001"),
            a_row(order, shipment_id="S2", fulfillment_id=""),
        )
    )

    assert outcomes(receipt) == [(2, "REJECTED", "pickup"), (3, "REJECTED", "more-than-there-is")]


def test_a_held_order_does_not_ship_and_the_reason_stays_in_the_house(world: PartnerFiles) -> None:
    fraud: HoldType = a_hold_type("FRAUD", "ship", total_at_least=(1, "USD"))
    order = an_order(a_line("TEA-001", 2))
    order = world.offered(orders.save(None, place_order(order, (fraud,), "shop", NOW)), None, "acme")

    receipt = world.send(as_csv(a_row(order), a_row(order), a_row(order, quantity="2")))

    assert outcomes(receipt) == [(n, "REJECTED", "held") for n in (2, 3, 4)]
    assert receipt[0]["reason"] == "order_id: is on hold"


def test_a_label_is_kept_with_its_package_in_the_currency_of_the_order_only(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 3))
    paid = {"quantity": "1", "label_cost": "735"}

    receipt = world.send(
        as_csv(
            a_row(order, shipment_id="S1", package_id="P1", **paid, label_currency="EUR"),
            a_row(order, shipment_id="S2", package_id="P2", **paid, label_currency=""),
            a_row(order, shipment_id="S3", package_id="P3", **paid, label_currency="USD"),
        )
    )

    assert outcomes(receipt) == [(2, "REJECTED", "mixed-currencies"), (3, "REJECTED", "missing"), (4, "APPLIED", "")]
    assert [p.label_cost for p in orders.load(order.order_id).fulfillments[0].packages] == [735]


def test_rows_that_contradict_each_other_about_a_package_do_not_both_leave(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1), a_line("MUG-001", 1))

    receipt = world.send(
        as_csv(
            a_row(order, package_id="P1", tracking_number="A1"),
            a_row(order, sku="MUG-001", package_id="P1", tracking_number="B2"),
        )
    )

    assert outcomes(receipt) == [(2, "APPLIED", ""), (3, "REJECTED", "another-package")]
    assert receipt[1]["reason"].startswith("tracking_number: ")


def test_the_same_file_again_does_nothing_and_says_duplicate(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))
    content = as_csv(a_row(order, quantity="2"))
    world.send(content)
    before = world.aws.items("Stock")

    receipt = world.send(content)

    assert outcomes(receipt) == [(2, "DUPLICATE", "applied-before")]
    assert world.aws.items("Stock") == before
    assert shipped(order) == 2


def test_the_same_row_in_another_format_is_still_the_same(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))
    world.send(as_csv(a_row(order, quantity="2")))

    receipt = world.send(as_json(a_row(order, quantity=2, shipped_at="2026-11-19T19:00:00+01:00")))

    assert statuses(receipt) == ["DUPLICATE"]


def test_the_same_row_changed_is_a_conflict_and_nothing_is_applied(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))
    world.send(as_csv(a_row(order, quantity="2")))

    receipt = world.send(as_csv(a_row(order, quantity="3")))

    assert outcomes(receipt) == [(2, "CONFLICT", "other-content")]
    assert shipped(order) == 2


def test_a_row_twice_in_one_file_is_applied_once(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))

    receipt = world.send(as_csv(a_row(order), a_row(order), a_row(order, quantity="2")))

    assert statuses(receipt) == ["APPLIED", "DUPLICATE", "CONFLICT"]
    assert shipped(order) == 1


def test_a_row_twice_in_one_file_that_cannot_be_applied_is_rejected_twice(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_csv(a_row(order, quantity="9"), a_row(order, quantity="9")))

    assert statuses(receipt) == ["REJECTED", "REJECTED"]


def test_a_correction_below_a_refused_row_is_applied_and_no_conflict(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))

    rows = [a_row(order, quantity=quantity) for quantity in ("9", "9", "7", "2", "2", "9", "3")]
    content = as_csv(*rows)
    receipt = world.send(content)

    assert statuses(receipt) == ["REJECTED"] * 3 + ["APPLIED", "DUPLICATE", "CONFLICT", "CONFLICT"]
    assert [line["code"] for line in receipt[:3]] == ["more-than-there-is"] * 3
    assert shipped(order) == 2
    assert statuses(world.send(content)) == ["CONFLICT"] * 3 + ["DUPLICATE"] * 2 + ["CONFLICT"] * 2
    assert shipped(order) == 2


def test_a_row_that_names_a_line_and_another_sku_gets_an_answer_about_the_sku(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5), a_line("MUG-001", 5))

    receipt = world.send(as_csv(a_row(order, line_id="1", sku="MUG-001"), a_row(order, line_id="9", sku="MUG-001")))

    assert [(line["code"], line["reason"]) for line in receipt[:2]] == [
        ("unknown-line", "sku: is not the sku of this line_id"),
        ("unknown-line", "line_id: is not in what you have of this order"),
    ]


def test_rows_of_an_order_that_is_not_there_are_refused_however_they_differ(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))
    unknown = {"order_id": f"{order.order_id[:-1]}{'1' if order.order_id[-1] == '0' else '0'}"}

    receipt = world.send(as_csv(a_row(order, **unknown), a_row(order, quantity="2", **unknown)))

    assert outcomes(receipt) == [(2, "REJECTED", "unknown-order"), (3, "REJECTED", "unknown-order")]


def test_one_parcel_for_two_orders_ships_both_and_again_neither(world: PartnerFiles) -> None:
    one, other = world.order(a_line("TEA-001", 1)), world.order(a_line("TEA-001", 1), n=8)
    parcel = {"package_id": "P1", "tracking_number": "1Z999"}
    content = as_csv(a_row(one, **parcel), a_row(other, **parcel))

    receipt = world.send(content)

    assert statuses(receipt) == ["APPLIED", "APPLIED"]
    assert [shipped(order) for order in (one, other)] == [1, 1]
    assert [orders.load(o.order_id).fulfillments[0].packages[0].tracking_number for o in (one, other)] == 2 * ["1Z999"]
    assert statuses(world.send(content)) == ["DUPLICATE", "DUPLICATE"]


def test_two_cartons_of_one_sku_are_told_apart_by_their_tracking_numbers(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 3))
    content = as_csv(a_row(order, tracking_number="1Z001", quantity="2"), a_row(order, tracking_number="1Z002"))

    receipt = world.send(content)

    (fulfillment,) = orders.load(order.order_id).fulfillments
    assert statuses(receipt) == ["APPLIED", "APPLIED"]
    assert [(p.tracking_number, p.contents) for p in fulfillment.packages] == [
        ("1Z001", (("1", 2),)),
        ("1Z002", (("1", 1),)),
    ]
    assert statuses(world.send(content)) == ["DUPLICATE", "DUPLICATE"]


def test_the_answer_to_equal_rows_explains_how_to_distinguish_their_units(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 3))

    receipt = world.send(as_csv(a_row(order), a_row(order), a_row(order)))

    assert statuses(receipt) == ["APPLIED", "DUPLICATE", "DUPLICATE"]
    assert "line 2" in receipt[1]["reason"]
    assert "package_id or tracking_number" in receipt[1]["reason"]


def test_a_rejected_row_may_come_again_corrected(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2))
    world.send(as_csv(a_row(order, quantity="3")))

    assert statuses(world.send(as_csv(a_row(order, quantity="2")))) == ["APPLIED"]


def test_two_partners_may_use_the_same_shipment_ids(world: PartnerFiles) -> None:
    ours = world.order(a_line("TEA-001", 1))
    theirs = world.order(a_line("TEA-001", 1), n=8, at={"dc-9": {"1": 1}}, partner="rival")

    first = world.send(as_csv(a_row(ours)))
    second = world.send(as_csv(a_row(theirs)), "inbox/rival/shipments/today.csv")

    assert statuses(first) == statuses(second) == ["APPLIED"]


def test_a_row_of_stock_units_is_remembered_for_400_days(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1))

    world.send(as_csv(a_row(order)))

    (row,) = world.applied_rows()
    assert row["ttl"] == int((RECEIVED + timedelta(days=400)).timestamp())


BLANK = ["", " ", "\t", "\u00a0", "\u200b", "\ufeff", " \u2060\u00a0\t", "\u3000", "\u00ad", "\u2800"]


@pytest.mark.parametrize("written", [as_csv, as_json])
def test_a_cell_without_visible_characters_is_missing_and_ships_nothing(
    world: PartnerFiles, written: Callable[..., str]
) -> None:
    order = world.order(a_line("TEA-001", 5))
    whole = a_row(order) | {"line_id": "", "fulfillment_id": ""}
    needed = [("line_id", "sku"), ("order_id", "fulfillment_id"), ("shipment_id",), ("quantity",), ("shipped_at",)]
    rows = [(columns, whole | dict.fromkeys(columns, blank)) for columns in needed for blank in BLANK]

    receipt = world.send(written(*(row for _, row in rows)))

    for answer, (columns, _) in zip(receipt, rows, strict=False):
        assert (answer["status"], answer["code"]) == ("REJECTED", "missing"), answer
        assert answer["reason"].startswith(f"{columns[0]}: is missing")
    assert len(receipt) == len(rows) + 1
    assert orders.load(order.order_id) == order


def test_blanks_around_a_value_are_no_part_of_it(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1))
    padded = {name: f" \u00a0{value}\u2003 " for name, value in a_row(order, carrier="UPS").items()}

    receipt = world.send(as_csv(padded))

    assert statuses(receipt) == ["APPLIED"]
    assert statuses(world.send(as_csv(a_row(order, carrier="UPS")))) == ["DUPLICATE"]


STRANGE_CELLS = [
    ("quantity", "1,000", "without separators"),
    ("quantity", "1 000", "without separators"),
    ("quantity", "1'000", "without separators"),
    ("quantity", "+5", "without separators or a sign"),
    ("quantity", "\uff15", "in the digits 0 to 9"),
    ("quantity", "\u00b2", "takes a whole number"),
    ("quantity", "1.0", "takes a whole number"),
    ("quantity", "#N/A", "error of a formula"),
    ("quantity", "=1+1", "takes a whole number"),
    ("quantity", "NaN", "takes a whole number"),
    ("sku", "#REF!", "error of a formula"),
    ("sku", '="TEA-001"', "the formula of a spreadsheet"),
    ("sku", "\ud800", "surrogate"),
    ("sku", "TEA\u202e-001", "U+202E"),
    ("carrier", "#NAME?", "error of a formula"),
    ("carrier", "NaN", "leave it blank"),
    ("tracking_number", "1.23457E11", "format the column as text"),
    ("tracking_number", "1.23457E+11", "format the column as text"),
    ("tracking_number", "1,23457e+11", "format the column as text"),
    ("tracking_number", "1.2E 11", "format the column as text"),
    ("tracking_number", "=1+1", "formula of a spreadsheet"),
    ("tracking_number", "1E11", "format the column as text"),
    ("tracking_number", "1E+11", "format the column as text"),
    ("tracking_number", "123456789012.0", "write the digits alone"),
    ("tracking_number", "N/A", "leave it blank"),
    ("package_id", "3.40123E+17", "format the column as text"),
    ("package_id", "3.40123E17", "format the column as text"),
    ("shipment_id", "1.0E5", "format the column as text"),
    ("shipped_at", "19.11.2026 18:00", "written as in 2026-11-19T18:00:00Z"),
    ("shipped_at", "11/19/2026", "written as in 2026-11-19T18:00:00Z"),
    ("shipped_at", "46345.75", "written as in 2026-11-19T18:00:00Z"),
    ("shipped_at", "2026-11-19T18:00:60Z", "written as in 2026-11-19T18:00:00Z"),
    ("weight_g", "1.5", "takes grams, a whole number"),
]


def test_a_cell_that_a_spreadsheet_has_spoilt_is_refused_in_words_that_help(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))
    rows = [a_row(order) | {field: value} for field, value, _ in STRANGE_CELLS]

    receipt = world.send(as_json(*rows, a_row(order, shipment_id="S2")))

    assert receipt[-2]["status"] == "APPLIED"
    for answer, (field, value, words) in zip(receipt, STRANGE_CELLS, strict=False):
        assert answer["status"] == "REJECTED", (field, value)
        assert answer["reason"].startswith(f"{field}: ")
        assert words in answer["reason"], (field, value)
    assert shipped(order) == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"sku": ""}, "missing"),
        ({"sku": "NO-1"}, "unknown-line"),
        ({"order_id": ""}, "missing"),
        ({"order_id": an_order_id(99)}, "unknown-order"),
        ({"label_cost": "5"}, "missing"),
        ({"label_currency": "USD"}, "missing"),
        ({"quantity": "9"}, "more-than-there-is"),
    ],
)
def test_a_files_messages_name_only_columns_that_it_has(world: PartnerFiles, row: Row, code: str) -> None:
    order = world.order(a_line("TEA-001", 1))
    columns = a_row(order) | row

    receipt = world.send(as_csv(columns))

    assert outcomes(receipt) == [(2, "REJECTED", code)]
    absent = {"line_id", "fulfillment_id", "package_id", "tracking_number"} - columns.keys()
    assert not any(name in receipt[0]["reason"] for name in absent), receipt[0]["reason"]


def test_a_conflict_names_the_columns_that_made_the_identity(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))
    world.send(as_csv(a_row(order, tracking_number="T1")))

    receipt = world.send(as_csv(a_row(order, tracking_number="T1", quantity="2")))

    reason = "shipment_id, order_id, tracking_number and sku were used before, with other content"
    assert receipt[0]["reason"] == reason
