"""A stored document reads back as it was written, leaves defaults out, stays small, and a newer version is refused."""

import json
import zlib
from dataclasses import MISSING, fields, is_dataclass, replace

import pytest

from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds.review import hold, resolve
from comanda.domain.lifecycle.node_work.decline import decline
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.parcels.deliver import deliver, lose
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders import document
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.cancel_reasons import FIXED
from comanda.domain.orders.component import SetAmount
from comanda.domain.orders.credit import Credit
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.hold_rules import Condition, Score, ScoreRule
from comanda.domain.orders.line import Added, Allocation, Discount, HeaderPart, Line
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.nfe_result import NfeResult
from comanda.domain.orders.order import REPLACEMENT, Charge, Hold, Order, Promised, Question, Replaced
from comanda.domain.orders.pending_change import PendingChange
from comanda.domain.orders.provision import Provision
from comanda.domain.orders.tender import Tender
from tests.builders import (
    NOW,
    a_bundle,
    a_hold_type,
    a_line,
    a_node,
    a_package,
    a_shipment,
    a_step,
    a_tender,
    an_order,
    later,
    offered,
    placed,
    saved,
)
from tests.domain.declines import CLOSED

ADDED = (Added(quantity=1, tax=1, set_tax=SetAmount(total=3, low=1, high=2), usual=7),)
LABELLED = {"carton": "S", "dims_mm": (300, 200, 100), "sscc": "140123450000000013", "parent": "PAL"}
A_SCORE = Score(at_least=1, rules=(ScoreRule(id="dear", points=2, when=Condition(total_at_least=(0, "USD"))),))


def a_life():
    """An order with something in every field."""
    bundle, *components = a_bundle("SET", 3, 1000, discount=7, tax=8)
    made = placed(
        an_order(
            a_line(
                "TEA",
                5,
                1299,
                tax=214,
                tax_table="us@3",
                tax_name="Sales tax",
                tax_estimated=True,
                tax_parts=((1, 40),),
                tax_share=(214, 6495),
                discount=98,
                weight_g=250,
                title="Tea, green: 'sencha'",
                group="set",
                usual=7000,
            ),
            a_line(
                "POT",
                1,
                4000,
                method=PICKUP,
                node="store-7",
                service="EXPRESS",
                kind="PRODUCT",
                tax_rate="0.0825",
                zero_rate_reason="EXEMPT",
            ),
            replace(
                bundle,
                tax_rate="0.0825",
                tax_table="us@3",
                tax_name="Sales tax",
                tax_estimated=True,
                tax_share=(8, 3000),
                gtin="4006381333931",
                usual=3500,
                added=ADDED,
            ),
            *components,
            shipping=500,
            shipping_tax=41,
            discount=100,
            discounts=(Discount(code="LATE", amount=100, by="sales", appeasement=True, of_application=True),),
            payments=(a_tender(99_999, expires_at=later(days=7), last4="4242"),),
            requested=(("deliver_by", "2026-12-01"),),
            tags=("gift", "vip"),
            sourcing_class="gold",
            kind=REPLACEMENT,
            replaces=(Replaced(order_id="ord_1", line_id="1", quantity=1),),
            reservation_id="rsv-1",
            change_version=2,
            given_before=True,
            invoiced_tax=5,
            invoiced_charges=3,
            pending=PendingChange(
                modifications=("add_line",),
                reason="one more",
                to_pay=100,
                until=later(days=1),
                by="sales",
                at=NOW,
                given=50,
                limits=(10, 150),
                surplus=-20,
                office=True,
                first_payment=1,
                cancels=2,
            ),
            promised=Promised(
                promise_id="prm-1", option_id="STANDARD", deliver_on="2026-12-01", zone="UTC", nodes=("dc-1",)
            ),
            priority=0,
            contact=3,
            prices_include_tax=True,
            destination=Destination(
                country="US", region="IL", postal_prefix="606", latitude=41.9, longitude=-87.6, precision="POSTAL_CODE"
            ),
        ),
        a_hold_type("VALUE_LIMIT", "cancel", score=A_SCORE, expires_minutes=24 * 60),
    )
    asked_since = replace(made.holds[0], expired_at=NOW)
    by_table = {"tax_rate": "0.0825", "tax_table": "us@3", "tax_name": "Sales tax", "tax_estimated": True}
    made = replace(made, holds=(asked_since,), charges=tuple(replace(one, **by_table) for one in made.charges))
    made = saved(resolve(made, "h1", "holds", "fine", "care-1", NOW))
    made = offered(
        made, (a_node("dc-1", partner="acme", units_per_day=3), {"1": 4}), (a_node("store-7", type="STORE"), {"2": 1})
    )
    made = saved(
        ship(
            made,
            a_step(l1=1),
            a_shipment(
                "S1",
                a_package("P1", ("1", 1), weight_g=250, label_cost=735, service="GROUND", **LABELLED),
                a_package("PAL"),
            ),
        )
    )
    made = saved(lose(made, a_step(), "NOT_ARRIVED"))
    made = saved(
        resume(made, "lost", made.fulfillment(1).losses[0].item, "resend", "care", NOW, {"replacement": "ord_9"})
    )
    made = saved(deliver(made, a_step(), NOW))  # it is found too late
    made = saved(decline(made, a_step(2), CLOSED))
    made = saved(cancel(made, {"1": 1}, "less", "shop", NOW, why=FIXED["customer-request"]))
    made = saved(hold(made, a_hold_type(), "odd", "risk", NOW))
    asked = Question(item_id="q-1", queue="exceptions", reason="NotAllowed", wait="003", at=NOW)
    given = Provision(number=1, line_id="1", quantity=1, proof="CODE", by="shop", at=NOW, invoice=1)
    return replace(
        made,
        questions=(asked,),
        provisions=(given,),
        lines=tuple(
            replace(
                line,
                destination=1,
                gift=True,
                wrap=True,
                chosen="dc-1",
                chosen_by="sales",
                replaces_line="9",
                added=ADDED,
            )
            for line in made.lines
        ),
        fulfillments=tuple(replace(f, destination=1, recall_refused=True) for f in made.fulfillments),
        destinations=(made.destination,),
        invoices=("inv-1",),
        invoiced_total=1299,
        invoiced_charges=500,
        invoiced_tax=99,
        credits=(Credit(invoice=1, total=5, tax=1, refunded=5, by_person=True),),
        nfes=(NfeResult(invoice=1, credit_note=1, result="AUTHORIZED", key="35", at=NOW, protocol="1", code="2"),),
        papers="NFE",
        closed=True,
        draft=True,
    )


def stored(value):
    return json.loads(json.dumps(document.from_order(value)))


def test_an_order_reads_back_as_it_was_written():
    life = a_life()

    assert document.to_order(stored(life)) == life
    assert document.to_order(stored(an_order())) == an_order()


def test_the_example_has_something_in_every_field_that_can_be_stored():
    """The test above proves little if a field of the example has no value."""
    seen: dict[type, set[str]] = {}

    def visit(value):
        if isinstance(value, tuple):
            for one in value:
                visit(one)
        elif is_dataclass(value):
            for field in fields(value):
                content = getattr(value, field.name)
                if content != field.default:
                    seen.setdefault(type(value), set()).add(field.name)
                visit(content)

    visit(a_life())

    stays_default = {
        (Order, "reservation_id"),  # taken by its route
        (Line, "called"),
        (Line, "replaces_line"),  # tests/domain/lifecycle/changes/test_further_units.py
        (Line, "cancel_on"),
        (Line, "dims_mm"),
        (Line, "gtin"),
        (Line, "gift_card"),  # tests/functions/intake/test_bought_cards.py
        (Provision, "cards"),  # as above
        (Line, "held"),  # tests/domain/lifecycle/holds/test_line_holds.py
        (Hold, "lines"),
        *((one, "zero_rate_reason") for one in (Bundle, Charge)),  # tests/domain/documents/test_invoice_document.py
        *(
            (Tender, name) for name in ("requested", "pay_with", "pay_until")
        ),  # tests/functions/pay/test_payment_links.py
        (Tender, "payment_days"),  # tests/domain/credit_accounts/test_movements.py
        (Fulfillment, "ship_on"),
        (Fulfillment, "deliver_on"),
        (Fulfillment, "zone"),
        (Allocation, "due"),
        (Allocation, "lane"),
        (Allocation, "ready"),
        (Allocation, "release_on"),  # wanted later: tests/domain/lifecycle/test_wanted_later.py
        (Allocation, "wave"),  # waits for one: tests/domain/orders/test_wave_wait.py
        (Allocation, "promise"),  # waits for a supply: tests/domain/lifecycle/backorders/test_preorders.py
        (Destination, "address"),  # a life that is shipped
        (Fulfillment, "recall"),  # tests/domain/lifecycle/node_work/test_recall_requests.py
        (Fulfillment, "delivered_at"),  # tests/domain/lifecycle/parcels/test_deliver.py
        (Package, "lost_at"),  # it was found
        (Fulfillment, "late"),
        (Fulfillment, "misses"),
        (Fulfillment, "reminded"),
        (Fulfillment, "invoice"),
        (Line, "kind"),
        (Line, "invoiced"),
        (Line, "header_base"),
        (Line, "header_billed"),
        (Tender, "captured"),
        (Tender, "captured_before"),
        (Tender, "refunded"),
        (Tender, "released"),
        (Tender, "mailed_again"),  # tests/functions/pay/test_asking.py
        (HeaderPart, "charges"),
        (HeaderPart, "discounts"),  # of a channel that keeps them whole
        (HeaderPart, "goods_tax"),  # tests/domain/lifecycle/changes/test_discount_taxes.py
        (HeaderPart, "goods_tax_off"),  # as above
        (HeaderPart, "charges_tax_off"),  # as above
        (Line, "standing"),  # tests/domain/billing/test_voids.py
        (Fulfillment, "to_capture"),  # tests/domain/billing/test_ahead.py
        (NfeResult, "cancel_until"),  # tests/domain/billing/test_nfe_results.py
        (Order, "operations"),
        (Order, "failed_money"),  # tests/domain/billing/test_failed_money.py
        (Order, "collected"),  # tests/domain/billing/test_collecting.py
        (Order, "disputes"),  # tests/domain/billing/test_disputes.py
        *(
            (Tender, name)
            for name in (
                "provider",
                "checked",
                "disputed",
                "uncaptured",
                "unrefunded",
                "unreleased",
                "repaid",
                "written_off",
                "renews",  # tests/domain/lifecycle/holds/test_renewals.py
                "asked",
            )
        ),
    }
    for kind, names in seen.items():
        missing = {(kind, f.name) for f in fields(kind)} - {(kind, name) for name in names}
        assert missing <= stays_default


def test_fields_with_their_default_are_not_stored():
    document_ = stored(placed(an_order()))

    assert document_["v"] == 1
    assert "priority" not in document_
    assert "holds" not in document_
    assert set(document_["lines"][0]) == {
        "line_id",
        "sku",
        "quantity",
        "unit_price",
        "allocations",
        "header_units",
    }
    assert document_["lines"][0]["allocations"] == [{"quantity": 1, "status": "CREATED"}]


NOTHING = (0, "", None, (), False, HeaderPart(charges=0, charges_tax=0, discounts=0), SetAmount(total=0, low=0, high=0))
# What documents mean by fields that they leave out, where that is not nothing.
MEANT = {
    (Bundle, "tax_rate"): "0",
    (Charge, "tax_rate"): "0",
    (Destination, "address"): True,
    (Fulfillment, "version"): 1,
    (Line, "kind"): "PRODUCT",
    (Line, "method"): "SHIP",
    (Line, "service"): "STANDARD",
    (Line, "tax_rate"): "0",
    (Order, "contact"): 1,
    (Order, "kind"): "SALE",
    (Order, "priority"): 5,
    (Tender, "checked"): True,
    (Tender, "provider"): "reference",
}


def test_the_defaults_of_stored_fields_never_change():
    """Changing a default would change every order that is stored: a new meaning needs a new field."""
    kinds = [kind for kind in vars(document).values() if isinstance(kind, type) and is_dataclass(kind)]

    meant = {
        (kind, field.name): field.default
        for kind in kinds
        for field in fields(kind)
        if field.default is not MISSING and field.default not in NOTHING
    }

    assert {Order, Line, Fulfillment, Tender, Credit} <= {*kinds}
    assert meant == MEANT


def test_documents_written_before_a_field_existed_still_read():
    old = stored(placed(an_order()))
    del old["lines"][0]["header_units"]

    assert document.to_order(old).lines[0].header_units == 0


def test_a_document_of_a_newer_shape_is_refused():
    with pytest.raises(ValueError, match="shape 2, this code reads up to 1"):
        document.to_order(stored(an_order()) | {"v": 2})


def test_a_thousand_lines_pack_to_well_under_the_limit_of_an_item():
    lines = [a_line(f"SKU-{i:05d}-{i * 7919 % 997}", 1 + i % 9, 100 + i, tax=i % 90, weight_g=i) for i in range(1000)]
    made = offered(placed(an_order(*lines, shipping=999)))

    packed = zlib.compress(json.dumps(document.from_order(made), separators=(",", ":")).encode())

    assert len(packed) < 200_000
