"""A shipment file ships the units of its rows as lines, packages and fulfillments of the order."""

from dataclasses import replace

from comanda.aws.orders import invoices, orders
from comanda.aws.orders.orders import Saving
from comanda.aws.stock import ledger, position_reads
from comanda.domain.billing import ahead
from comanda.domain.billing.ahead import Issuing
from comanda.domain.lifecycle.holds.review import hold
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.status import Status
from functions.inbox import handler as room
from tests.builders import NOW, a_bundle, a_hold_type, a_line, a_step, later
from tests.functions.inbox import shipment_files
from tests.functions.inbox.shipment_files import PartnerFiles, a_row, as_csv, as_json, shipped, statuses

world = shipment_files.world


def test_a_held_line_does_not_leave_by_file_and_the_other_lines_do(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2), a_line("POT", 1))
    kind = a_hold_type("ENGRAVING", "ship", level="line")
    orders.decide(order.order_id, lambda order: hold(order, kind, "engraved", "desk", NOW, ("2",)))

    receipt = world.send(as_json(a_row(order, quantity="2"), a_row(order, sku="POT")))

    assert statuses(receipt) == ["APPLIED", "REJECTED"]
    assert (receipt[1]["code"], receipt[1]["reason"]) == ("held", "sku: is on hold")
    assert shipped(order) == 2


def test_half_a_kit_does_not_leave_by_file_and_the_other_units_do(world: PartnerFiles) -> None:
    order = world.order(a_line("POT", 2, group="set"), a_line("CUP", 4, group="set"), a_line("TEA-001", 1))
    tea = a_row(order)

    half = world.send(as_json(tea, a_row(order, sku="POT", quantity="2"), a_row(order, sku="CUP", quantity="3")))

    assert statuses(half) == ["APPLIED", "REJECTED", "REJECTED"]
    assert [(row["code"], row["reason"]) for row in half[1:3]] == [
        ("kit-incomplete", "quantity: a kit leaves in whole sets: a set is 1 of POT and 2 of CUP")
    ] * 2
    assert shipped(order) == 1
    one_set = as_json(*(a_row(order, shipment_id="S2", sku=sku, quantity=n) for sku, n in (("POT", "1"), ("CUP", "2"))))
    assert statuses(world.send(one_set)) == ["APPLIED", "APPLIED"]
    assert shipped(order) == 4


def test_a_bundle_leaves_by_file_in_whole_sets_of_its_components(world: PartnerFiles) -> None:
    order = world.order(*a_bundle("SET", 2, 1000, ("POT", 1, 600_000), ("CUP", 2, 400_000)))
    pot, cup = a_row(order, sku="POT", quantity="1"), a_row(order, sku="CUP", quantity="1")

    named = world.send(
        as_json(a_row(order, shipment_id="S2", sku="SET"), a_row(order, shipment_id="S2", sku="", line_id="b"))
    )
    half = world.send(as_json(pot, cup))
    whole = world.send(as_json(pot, cup | {"quantity": "2"}))

    assert [(row["code"], row["reason"]) for row in named[:2]] == [
        ("unknown-line", f"{name}: is a bundle: name its components, which have the units")
        for name in ("sku", "line_id")
    ]
    assert statuses(half) == ["REJECTED", "REJECTED"]
    assert half[0]["reason"] == "quantity: a kit leaves in whole sets: a set is 1 of POT and 2 of CUP"
    assert statuses(whole) == ["APPLIED", "APPLIED"]
    assert shipped(order) == 3


def test_a_partners_row_ships_the_units_and_the_receipt_says_so(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2))

    receipt = world.send(
        as_csv(a_row(order, quantity="2", carrier="UPS", service="GROUND", tracking_number="1Z999", package_id="P1"))
    )

    now = orders.load(order.order_id)
    assert now.status == "SHIPPED"
    (package,) = now.fulfillments[0].packages
    assert (package.package_id, package.carrier, package.service, package.tracking_number) == (
        "P1",
        "UPS",
        "GROUND",
        "1Z999",
    )
    assert package.contents == (("1", 2),)
    assert now.fulfillments[0].shipment_id == "S1"
    assert now.fulfillments[0].shipped_at == later(hours=6)
    assert receipt == [
        {"line": 2, "status": "APPLIED", "fulfillment_id": f"ful{order.order_id[3:]}-001"},
        {
            "totals": {"lines": 1, "APPLIED": 1, "DUPLICATE": 0, "CONFLICT": 0, "REJECTED": 0},
            "file": "inbox/acme/shipments/today.csv",
            "version": receipt[-1]["version"],
        },
    ]


def test_shipped_units_leave_the_shelf_and_its_demand_once(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2))

    world.send(as_csv(a_row(order, quantity="2")))

    there = position_reads.get("TEA-001", "dc-1")
    assert there is not None
    assert (there.bucket("sellable"), there.demand, there.free) == (0, 0, 0)


def test_the_event_of_a_shipment_says_which_partner_did_it(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1))

    world.send(as_csv(a_row(order)))

    event = world.aws.items("Orders", f"O#{order.order_id}", "E#")[-1]
    assert (event["type"], event["actor"]) == ("shipped", "partner:acme")


def test_a_row_may_name_the_fulfillment_instead_of_the_order(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1))

    receipt = world.send(as_csv(a_row(order, order_id=None, fulfillment_id=f"ful{order.order_id[3:]}-001")))

    assert statuses(receipt) == ["APPLIED"]


def test_a_row_may_name_the_line_instead_of_the_sku(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1), a_line("TEA-001", 1))

    world.send(as_csv(a_row(order, sku=None, line_id="2")))

    first, second = orders.load(order.order_id).lines
    assert [a.status for a in first.allocations] == [Status.RELEASED]
    assert [a.status for a in second.allocations] == [Status.SHIPPED]


def test_two_rows_of_one_sku_at_one_node_leave_in_one_transaction(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2), a_line("TEA-001", 3))

    receipt = world.send(
        as_csv(a_row(order, sku="", line_id="1", quantity="2"), a_row(order, sku="", line_id="2", quantity="3"))
    )

    assert statuses(receipt) == ["APPLIED", "APPLIED"]
    assert orders.load(order.order_id).status == "SHIPPED"
    assert len(world.aws.items("Orders", f"O#{order.order_id}", "E#")) == 3
    assert [row["kind"] for row in ledger.movements("TEA-001", "dc-1")].count("ship") == 1


def test_a_sku_in_two_packages_leaves_as_one_shipment_of_two_packages(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 3))

    world.send(as_csv(a_row(order, package_id="P1", quantity="2"), a_row(order, package_id="P2")))

    (fulfillment,) = orders.load(order.order_id).fulfillments
    assert [(p.package_id, p.contents) for p in fulfillment.packages] == [("P1", (("1", 2),)), ("P2", (("1", 1),))]


def test_a_sku_that_two_lines_have_is_shared_between_them(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2), a_line("TEA-001", 3))

    world.send(as_csv(a_row(order, quantity="4")))

    first, second = orders.load(order.order_id).lines
    assert first.units(lambda a: a.status is Status.SHIPPED) == 2
    assert second.units(lambda a: a.status is Status.SHIPPED) == 2


def test_shipping_less_than_all_leaves_the_rest_in_the_next_fulfillment(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))

    world.send(as_csv(a_row(order, quantity="3")))

    now = orders.load(order.order_id)
    assert [now.fulfillment_status(f.number) for f in now.fulfillments] == ["SHIPPED", "OFFERED"]
    assert now.status == "PARTIALLY_SHIPPED"


def test_a_later_file_ships_the_rest_by_the_orders_id(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 5))
    world.send(as_csv(a_row(order, quantity="3")))

    receipt = world.send(as_csv(a_row(order, shipment_id="S2", quantity="2")))

    assert receipt[0]["fulfillment_id"].endswith("-002")
    assert orders.load(order.order_id).status == "SHIPPED"


def test_rows_of_one_order_at_two_nodes_of_the_partner_become_two_shipments(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1), a_line("MUG-001", 1), at={"dc-1": {"1": 1}, "dc-2": {"2": 1}})

    receipt = world.send(as_csv(a_row(order), a_row(order, sku="MUG-001")))

    assert [row["fulfillment_id"][-3:] for row in receipt[:-1]] == ["001", "002"]
    assert orders.load(order.order_id).status == "SHIPPED"


def test_a_fulfillment_without_a_partner_at_a_partners_node_is_the_partners(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 1), partner=None)

    assert statuses(world.send(as_csv(a_row(order)))) == ["APPLIED"]


def test_rows_of_a_shipment_that_lie_apart_in_the_file_leave_together(world: PartnerFiles) -> None:
    one = world.order(a_line("TEA-001", 2), a_line("MUG-001", 2))
    other = world.order(a_line("TEA-001", 2), n=8)
    blank = [a_row(other, shipment_id=f"X{i}", quantity="99") for i in range(room.CHECKPOINT)]

    receipt = world.send(as_csv(a_row(one, quantity="2"), *blank, a_row(one, sku="MUG-001", quantity="2")))

    assert receipt[0]["fulfillment_id"] == receipt[-2]["fulfillment_id"]
    assert len(orders.load(one.order_id).fulfillments) == 1


def test_a_part_that_leaves_by_file_voids_the_invoice_of_what_was_packed(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2))
    for step in ("accept", "start-pick", "pick", "pack"):
        orders.decide(order.order_id, lambda order, step=step: advance(order, step, a_step()))  # type: ignore[misc]
    order = orders.load(order.order_id)
    issued = ahead.issue(order, 1, Issuing(series="dc-1", at=NOW))
    assert issued is not None
    billed, made = issued
    event = Event(type=EventType.INVOICED, actor="machine", at=NOW, data={"invoice": made.invoice_id})
    orders.save(order, Saving(decision=Decision(order=billed, event=event), also=[invoices.write(made, order.channel)]))

    receipt = world.send(as_json(a_row(order, quantity="1")))

    assert statuses(receipt) == ["APPLIED"]
    after = orders.load(order.order_id)
    assert [(f.shipped_at is not None, f.invoice) for f in after.fulfillments] == [(True, None), (False, None)]
    assert (after.invoices, after.invoiced_total) == ((made.invoice_id,), 0)


def test_goods_that_may_not_leave_without_papers_do_not_leave_by_file(world: PartnerFiles) -> None:
    order = world.order(a_line("TEA-001", 2))
    noted = Event(type=EventType.RECALL_REQUESTED, actor="machine", at=NOW, data={})
    orders.decide(order.order_id, lambda order: Decision(order=replace(order, papers="INVOICE"), event=noted))

    receipt = world.send(as_csv(a_row(order, quantity="2")))

    assert statuses(receipt) == ["REJECTED"]
    assert "pack all of them" in str(receipt[0])
    assert orders.load(order.order_id).fulfillments[0].shipped_at is None
