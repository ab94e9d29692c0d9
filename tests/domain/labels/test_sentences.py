"""The sentences of a timeline: each event of an order with its facts, in every language."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from comanda.domain.labels import change_sentences
from comanda.domain.labels.change_sentences import CLAUSES
from comanda.domain.labels.event_facts import Names, nodes_of
from comanda.domain.labels.labels import LOCALES, label
from comanda.domain.labels.sentence_words import SENTENCES
from comanda.domain.labels.sentences import FACTS
from comanda.domain.labels.status_words import Words
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.orders.cancel_reasons import BUILT_IN
from comanda.domain.orders.decision import EventType
from tests.domain.told import plain_sentence, untold

LINES = [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 1}]
MADE = {"fulfillment": 1, "node": "dc-east", "method": "SHIP", "lines": LINES}
LATER = {"line_id": "3", "quantity": 4, "node": "dc-west", "due": "2026-12-01", "deliver_on": "2026-12-04"}
BACK = {"line_id": "3", "quantity": 4, "node": "dc-west", "was": "2026-12-01"}
MOVED = {"line_id": "3", "quantity": 4, "node": "dc-west"}
WAITING = MOVED | {"wave": "2026-12-04T13:00:00+00:00"}
TAKEN = {"fulfillment": 1, "node": "dc-east", "lines": LINES}
OVER = {"line_id": "4", "quantity": 1, "queue": "backorder", "reason": "no-stock"}

THREE = "3 units (2 of line 1, 1 of line 2)"
CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"modification": "cancel"}, "units cancelled"),
    ({"modification": "note"}, "another note"),
    ({"modification": "tax_id"}, "another tax id"),
    ({"modification": "priority", "before": 5, "after": 2}, "priority from 5 to 2"),
    ({"modification": "tags", "before": ["vip"], "after": ["gift", "late"]}, "tags from vip to gift, late"),
    ({"modification": "tags", "before": [], "after": ["gift"]}, "tags from none to gift"),
    (
        {"modification": "price", "line_id": "1", "before": 1000, "after": 800},
        "price of line 1 from USD 10.00 to USD 8.00",
    ),
    ({"modification": "discount", "code": "SORRY", "after": 500}, "discount SORRY of USD 5.00"),
    (
        {"modification": "charge", "kind": "SHIPPING", "after": 500, "tax": 50},
        "charge Shipping of USD 5.00 and USD 0.50 of tax",
    ),
    ({"modification": "charge", "kind": "CRANE", "after": 500, "tax": 0}, "charge CRANE of USD 5.00"),
    ({"modification": "appeasement", "after": 500, "why": "LATE"}, "appeasement of USD 5.00: Late"),
    ({"modification": "quantity", "line_id": "1", "before": 3, "after": 2}, "quantity of line 1 from 3 to 2"),
    ({"modification": "ship_to", "before": "US-IL", "after": "US-NY"}, "address from US-IL to US-NY"),
    (
        {"modification": "ship_to", "line_id": "2", "before": "US-IL", "after": "PT"},
        "address of line 2 from US-IL to PT",
    ),
    (
        {"modification": "requested", "before": {}, "after": {"deliver_by": "2026-12-24"}},
        "wanted day from any day to by 2026-12-24",
    ),
    (
        {
            "modification": "requested",
            "before": {"not_before": "2026-12-01"},
            "after": {"not_before": "2026-12-01", "deliver_by": "2026-12-24"},
        },
        "wanted day from not before 2026-12-01 to 2026-12-01 to 2026-12-24",
    ),
    ({"modification": "service", "before": "STANDARD", "after": "EXPRESS"}, "service from Standard to Express"),
    (
        {"modification": "service", "line_id": "1", "before": None, "after": "EXPRESS"},
        "service of line 1 from the usual one to Express",
    ),
    (
        {"modification": "method", "line_id": "1", "before": "SHIP", "after": "PICKUP", "node": "store-7"},
        "method of line 1 from Delivery to Pickup at store-7",
    ),
    (
        {"modification": "store", "line_id": "1", "before": "store-7", "after": "store-8"},
        "store of line 1 from store-7 to store-8",
    ),
    (
        {"modification": "node", "line_id": "1", "before": ["dc-1", "dc-2"], "after": "dc-3"},
        "node of line 1 from dc-1 and dc-2 to dc-3",
    ),
    ({"modification": "node", "line_id": "1", "before": [], "after": "dc-3"}, "node of line 1 from none to dc-3"),
    ({"modification": "add_line", "added": [{"line_id": "9", "quantity": 2}]}, "added 2 units of line 9"),
    (
        {
            "modification": "replace",
            "line_id": "1",
            "before": "TEA-1",
            "after": "TEA-2",
            "quantity": 1,
            "new_line_id": "1-2",
        },
        "1 unit of line 1 from TEA-1 to TEA-2, now line 1-2",
    ),
]

EXAMPLES: list[tuple[str, dict[str, Any], str]] = [
    (
        "placed",
        {"channel": "web", "lines": 2, "units": 3, "total": 123456, "currency": "USD", "holds": []},
        "Order placed in channel web: 3 units in 2 lines, USD 1,234.56",
    ),
    ("confirmed", {"holds": ["h1"]}, "Order confirmed; no longer held: h1"),
    ("rejected", {"reason": "the customer is not reached"}, "Order rejected: the customer is not reached"),
    ("held", {"hold": "h1", "type": "FRAUD"}, "Held: Suspected fraud"),
    ("held", {"hold": "h1", "type": "OWN"}, "Held: OWN"),
    (
        "held",
        {"hold": "h2", "type": "PAYMENT", "unpaid": 500, "currency": "JPY"},
        "Held: Payment not settled, JPY 500 unpaid",
    ),
    ("hold_resolved", {"hold": "h1", "resolution": "expired"}, "Hold resolved: h1. Answer: Expired"),
    (
        "hold_expired",
        {"hold": "h2", "type": "FRAUD", "lines": LINES},
        "The time of the hold is over: Suspected fraud; a person decides; without a node again: 3 units (2 of line 1, 1 of line 2)",
    ),
    (
        "cancelled",
        {"reason": "too late", "lines": LINES, "total": 0},
        "Cancelled: 3 units (2 of line 1, 1 of line 2), too late",
    ),
    (
        "cancelled",
        {"reason": "too late", "lines": LINES, "bundles": [{"line_id": "b", "quantity": 1}], "total": 0},
        "Cancelled: 3 units (2 of line 1, 1 of line 2) in 1 set of line b, too late",
    ),
    (
        "cancelled",
        {
            "reason": "no-stock-in-time",
            "lines": LINES,
            "total": 5,
            "not_cancelled": [{"quantity": 1, "line_id": "9", "status": "PACKED", "reason": "packed"}],
        },
        "Cancelled: 3 units (2 of line 1, 1 of line 2), No stock came in time; not cancelled: 1 unit of line 9 (Packed, Already packed)",
    ),
    (
        "cancelled",
        {
            "reason": "too late",
            "lines": LINES,
            "total": 5,
            "not_cancelled": [
                {
                    "quantity": 1,
                    "line_id": "9",
                    "status": "CREATED",
                    "reason": "held",
                    "hold_id": "h1",
                    "hold_type": "FRAUD",
                }
            ],
        },
        "Cancelled: 3 units (2 of line 1, 1 of line 2), too late; not cancelled: 1 unit of line 9 (Created, A hold forbids it, Suspected fraud)",
    ),
    (
        "changed",
        {
            "changes": [
                {"modification": "price", "line_id": "1", "before": 1000, "after": 800},
                {"modification": "note"},
                {"modification": "appeasement", "after": 500, "why": "LATE"},
            ],
            "reason": "a damaged box",
            "lines": LINES,
            "holds": ["h1"],
            "unscheduled": [BACK],
            "again": LINES,
            "taken": [TAKEN],
            "requested": [TAKEN],
            "was": 1450,
            "total": 1250,
            "currency": "USD",
        },
        "Changed: price of line 1 from USD 10.00 to USD 8.00; another note; appeasement of USD 5.00: Late (a damaged box); cancelled: 3 units (2 of line 1, 1 of line 2); without a node again: 4 units of line 3, from dc-west, which waited for 2026-12-01; tried again: 3 units (2 of line 1, 1 of line 2); taken back: 3 units (2 of line 1, 1 of line 2) from dc-east, fulfillment 1; asked for: 3 units (2 of line 1, 1 of line 2) from dc-east, fulfillment 1; held: h1; total from USD 14.50 to USD 12.50",
    ),
    (
        "change_pending",
        {
            "changes": [{"modification": "add_line", "added": [{"line_id": "2", "quantity": 1}]}],
            "reason": "one more",
            "to_pay": 1250,
            "currency": "USD",
            "until": "2026-12-04T10:00:00.000Z",
        },
        "A change waits until 2026-12-04 10:00 UTC for USD 12.50: added 1 unit of line 2 (one more)",
    ),
    (
        "change_dropped",
        {"changes": [{"modification": "add_line"}], "why": "expired", "to_pay": 1250, "currency": "USD"},
        "A change that waited for USD 12.50 is dropped, it was not paid in time: Further line",
    ),
    (
        "change_dropped",
        {
            "changes": [{"modification": "add_line"}],
            "why": "withdrawn",
            "reason": "no",
            "to_pay": 1250,
            "given_back": 400,
            "currency": "USD",
        },
        "A change that waited for USD 12.50 is dropped, it was withdrawn: Further line (no); USD 4.00 given back",
    ),
    (
        "payment_added",
        {"authorized": 1000, "to_pay": 250, "currency": "USD"},
        "Payment of USD 10.00 added; the pending change still needs USD 2.50",
    ),
    (
        "payment_added",
        {"authorized": 1000, "given_back": 400, "currency": "USD"},
        "Payment of USD 10.00 added; USD 4.00 given back",
    ),
    (
        "payment_added",
        {"authorized": 1000, "payments": [{"method": "CARD", "authorized": 1000, "by": "shop"}], "currency": "USD"},
        "Payment of USD 10.00 added (Card)",
    ),
    (
        "changed",
        {
            "changes": [{"modification": "note"}],
            "reason": "asked",
            "authorized": 1000,
            "payments": [
                {"method": "CARD", "authorized": 700, "by": "shop"},
                {"method": "GIFT_CARD", "authorized": 300, "captured": 300, "by": "shop"},
            ],
            "currency": "USD",
        },
        "Changed: another note (asked); payment of USD 10.00 added (Card USD 7.00 and Gift card USD 3.00, USD 3.00 of it captured)",
    ),
    (
        "cancelled",
        {"reason": "damaged", "lines": LINES, "total": 5, **BUILT_IN["damaged"].facts(3)},
        "Cancelled: 3 units (2 of line 1, 1 of line 2), Damaged at the node; to blame: Node; into quarantine: 3 units",
    ),
    (
        "cancelled",
        {"reason": "she called", "lines": LINES, "total": 5, **BUILT_IN["too-late"].facts()},
        "Cancelled: 3 units (2 of line 1, 1 of line 2), It would come too late: she called; to blame: Retailer",
    ),
    (
        "routed",
        {"fulfillments": [MADE], "promised": [], "leftovers": []},
        "Routed: fulfillment 1, 3 units (2 of line 1, 1 of line 2) from dc-east, Delivery",
    ),
    (
        "routed",
        {"fulfillments": [MADE, MADE | {"node": "store-7"}], "promised": [], "leftovers": [OVER]},
        "Routed: fulfillment 1, 3 units (2 of line 1, 1 of line 2) from dc-east, Delivery; fulfillment 1, 3 units (2 of line 1, 1 of line 2) from store-7, Delivery; without a node: 1 unit of line 4, No node that may send it has any left (Backorders)",
    ),
    (
        "promised_later",
        {"fulfillments": [], "promised": [LATER | {"authorized_until": "2026-11-30"}], "leftovers": []},
        "Promised for a later day: 4 units of line 3, from dc-west, sent on 2026-12-01, at the door on 2026-12-04; paid for until 2026-11-30",
    ),
    (
        "routed",
        {
            "fulfillments": [MADE | {"deliver_on": "2026-12-04", "destination": 2}],
            "wave": [WAITING],
            "to_provide": LINES,
            "promise": {
                "promise_id": "p",
                "option_id": "standard",
                "promised": {"nodes": ["dc-east", "dc-west"], "deliver_on": "2026-12-02"},
                "planned": {"nodes": ["dc-east"], "deliver_on": "2026-12-04"},
            },
        },
        "Routed: fulfillment 1, 3 units (2 of line 1, 1 of line 2) from dc-east, Delivery, at the door on 2026-12-04, to address 2; waiting for the wave: 4 units of line 3, at dc-west, 2026-12-04 13:00 UTC; to provide: 3 units (2 of line 1, 1 of line 2); promised was: dc-east and dc-west, at the door on 2026-12-02",
    ),
    (
        "routed",
        {"fulfillments": [MADE], "promise": {"promised": {"nodes": ["dc-east"], "deliver_on": None}}},
        "Routed: fulfillment 1, 3 units (2 of line 1, 1 of line 2) from dc-east, Delivery; promised was: dc-east",
    ),
    (
        "backordered",
        {"fulfillments": [], "promised": [], "leftovers": [OVER]},
        "Waiting for stock: 1 unit of line 4, No node that may send it has any left (Backorders)",
    ),
    (
        "left_over",
        {"fulfillments": [], "promised": [], "leftovers": [OVER | {"reason": "no-rule-applies"}]},
        "Needs a decision: 1 unit of line 4, No rule is for this order (Backorders)",
    ),
    (
        "rerouted",
        {"from": [MOVED], "to": [MOVED | {"node": "dc-east"}], "saved_micros": 5},
        "Moved before the wave: 4 units of line 3, from dc-west; now 4 units of line 3 at dc-east",
    ),
    ("wave_released", {"lines": [MOVED]}, "Released with the wave: 4 units of line 3 at dc-west"),
    (
        "redated",
        {"redated": [LATER]},
        "Supply has a new date: 4 units of line 3 at dc-west, sent on 2026-12-01, at the door on 2026-12-04",
    ),
    (
        "unscheduled",
        {"unscheduled": [BACK]},
        "Supply is gone, routed anew: 4 units of line 3 from dc-west, which waited for 2026-12-01",
    ),
    (
        "redated",
        {"redated": [LATER], "unscheduled": [BACK], "ready": [BACK | {"deliver_on": "2026-12-04"}]},
        "Supply has a new date: 4 units of line 3 at dc-west, sent on 2026-12-01, at the door on 2026-12-04; supply is gone, routed anew: 4 units of line 3 from dc-west, which waited for 2026-12-01; arrived: 4 units of line 3 at dc-west, expected on 2026-12-01, at the door on 2026-12-04",
    ),
    (
        "unscheduled",
        {"unscheduled": [BACK], "ready": [BACK | {"deliver_on": "2026-12-04"}]},
        "Supply is gone, routed anew: 4 units of line 3 from dc-west, which waited for 2026-12-01; arrived: 4 units of line 3 at dc-west, expected on 2026-12-01, at the door on 2026-12-04",
    ),
    (
        "stock_arrived",
        {"ready": [BACK | {"deliver_on": "2026-12-04"}]},
        "Stock arrived: 4 units of line 3 at dc-west, expected on 2026-12-01, at the door on 2026-12-04",
    ),
    ("resumed", {"queue": "backorder", "item": "backorder", "answer": "retry"}, "Resumed: Try again (Backorders)"),
    (
        "resumed",
        {"queue": "pay-outs", "item": "pay-out-002", "answer": "paid", "amount": 2000, "currency": "USD"},
        "Resumed: Paid another way (Money to pay out): USD 20.00",
    ),
    ("resumed", {"lines": LINES}, "Resumed: 3 units (2 of line 1, 1 of line 2)"),
    ("accepted", {"fulfillment": 1, "lines": LINES}, "Fulfillment 1 accepted: 3 units (2 of line 1, 1 of line 2)"),
    (
        "picking",
        {"fulfillment": 1, "lines": LINES},
        "Picking of fulfillment 1 begun: 3 units (2 of line 1, 1 of line 2)",
    ),
    ("picked", {"fulfillment": 1, "lines": LINES}, "Fulfillment 1 picked: 3 units (2 of line 1, 1 of line 2)"),
    ("packed", {"fulfillment": 1, "lines": LINES}, "Fulfillment 1 packed: 3 units (2 of line 1, 1 of line 2)"),
    (
        "packed",
        {"fulfillment": 1, "lines": LINES, "packages": [{"package": "P1", "carton": "S", "sscc": None}]},
        "Fulfillment 1 packed: 3 units (2 of line 1, 1 of line 2); packages: P1 (S)",
    ),
    (
        "repacked",
        {
            "fulfillment": 1,
            "packages": [{"package": "P1", "carton": None, "sscc": "140123450000000019"}, {"package": "P2"}],
        },
        "Fulfillment 1 packed anew; packages: P1 (140123450000000019), P2",
    ),
    ("ready", {"fulfillment": 1, "lines": LINES}, "Fulfillment 1 ready for pickup: 3 units (2 of line 1, 1 of line 2)"),
    (
        "line_declined",
        {"fulfillment": 1, "node": "dc-east", "reason": "SILENT", "lines": LINES},
        "Given back by dc-east, fulfillment 1: 3 units (2 of line 1, 1 of line 2), The node did not answer",
    ),
    (
        "short_picked",
        {"fulfillment": 1, "node": "dc-east", "reason": "NOT_FOUND", "lines": LINES},
        "Missing at dc-east, fulfillment 1: 3 units (2 of line 1, 1 of line 2), Not found",
    ),
    ("silent", {"fulfillment": 1, "misses": 2}, "Fulfillment 1: no answer in time, missed 2"),
    (
        "reminded",
        {"fulfillment": 1, "node": "dc-east", "misses": 1},
        "Reminded dc-east of fulfillment 1, deadlines missed: 1",
    ),
    ("work_late", {"fulfillment": 1}, "Fulfillment 1 is late"),
    ("work_stopped", {"fulfillment": 1}, "Work on fulfillment 1 stopped: its node closed"),
    (
        "shipped",
        {
            "fulfillment": 1,
            "node": "dc-east",
            "shipment": "S-1",
            "lines": LINES,
            "packages": [{"package": "B-1", "carrier": "UPS", "tracking": "1Z9"}, {"package": "B-2", "tracking": ""}],
            "next": None,
        },
        "Shipped by dc-east, fulfillment 1, shipment S-1: 3 units (2 of line 1, 1 of line 2); packages: B-1 UPS 1Z9, B-2",
    ),
    (
        "handed_over",
        {"fulfillment": 1, "node": "store-7", "shipment": "S-1", "lines": LINES, "packages": [], "next": None},
        "Handed over at store-7, fulfillment 1, number S-1: 3 units (2 of line 1, 1 of line 2)",
    ),
    ("recalled", {"taken": [TAKEN]}, "Taken back: 3 units (2 of line 1, 1 of line 2) from dc-east, fulfillment 1"),
    (
        "recalled",
        {"taken": [TAKEN], "requested": [TAKEN | {"node": "store-7"}], "reason": "fraud"},
        "Taken back: 3 units (2 of line 1, 1 of line 2) from dc-east, fulfillment 1; asked for: 3 units (2 of line 1, 1 of line 2) from store-7, fulfillment 1, fraud",
    ),
    (
        "recall_requested",
        {"requested": [TAKEN], "reason": "the address is wrong"},
        "Asked to give back: 3 units (2 of line 1, 1 of line 2) from dc-east, fulfillment 1, the address is wrong",
    ),
    (
        "recall_refused",
        {"fulfillment": 1, "node": "dc-east", "reason": "LEAVING", "lines": LINES, "taken": [TAKEN]},
        "dc-east keeps, of fulfillment 1: 3 units (2 of line 1, 1 of line 2), Leaves now; taken back: 3 units (2 of line 1, 1 of line 2) from dc-east, fulfillment 1",
    ),
    (
        "recall_unanswered",
        {"fulfillment": 1, "node": "dc-east", "lines": LINES},
        "dc-east did not answer the recall, fulfillment 1: 3 units (2 of line 1, 1 of line 2)",
    ),
    (
        "handed_back",
        {"fulfillment": 1, "node": "store-7", "reason": "CUSTOMER_REFUSED", "lines": LINES, "cancelled": True},
        "Handed back by store-7, fulfillment 1: 3 units (2 of line 1, 1 of line 2), The customer did not want it; they are cancelled",
    ),
    (
        "no_show",
        {"fulfillment": 1, "node": "store-7", "lines": LINES, "total": 0},
        "Not collected at store-7, fulfillment 1, cancelled: 3 units (2 of line 1, 1 of line 2)",
    ),
    (
        "delivered",
        {
            "fulfillment": 1,
            "node": "dc-east",
            "lines": LINES,
            "packages": [{"package": "B-1"}],
            "whole": True,
            "delivered_at": "2026-12-04T10:00:00.000Z",
            "answered": ["lost-001-7"],
        },
        "Delivered on 2026-12-04 10:00 UTC, fulfillment 1 from dc-east: 3 units (2 of line 1, 1 of line 2); packages: B-1; nothing more of it is on its way; a person decides about units that were found after all",
    ),
    (
        "delivered",
        {"fulfillment": 1, "node": "dc-east", "lines": LINES, "packages": []},
        "Delivered, fulfillment 1 from dc-east: 3 units (2 of line 1, 1 of line 2)",
    ),
    (
        "lost",
        {"fulfillment": 1, "node": "dc-east", "reason": "NOT_ARRIVED", "lines": LINES, "packages": []},
        "Lost on its way from dc-east, fulfillment 1: 3 units (2 of line 1, 1 of line 2), It did not arrive",
    ),
    (
        "found",
        {"fulfillment": 1, "node": "dc-east", "lines": [], "packages": [], "answered": ["lost-001-7"]},
        "Lost units of fulfillment 1 from dc-east arrived after a person had decided; a person decides about units that were found after all",
    ),
    (
        "short_picked",
        {
            "fulfillment": 1,
            "node": "dc-east",
            "reason": "NOT_FOUND",
            "lines": LINES,
            "along": LINES,
            "cancelled": True,
            "total": 500,
            "currency": "USD",
            "reason_code": "not-found",
            "blame": "node",
        },
        "Missing at dc-east, fulfillment 1: 3 units (2 of line 1, 1 of line 2), Not found; to blame: Node; of the same kits, to place again: 3 units (2 of line 1, 1 of line 2); they are cancelled; total USD 5.00",
    ),
    (
        "placed",
        {
            "channel": "web",
            "lines": 1,
            "units": 1,
            "total": 5,
            "currency": "USD",
            "holds": ["h1", "h2"],
            "kind": "REPLACEMENT",
            "replaces": "ord_1",
        },
        "Order placed in channel web: 1 unit in 1 line, USD 0.05; held: h1 and h2; Replacement for order ord_1",
    ),
    (
        "held",
        {"hold": "h1", "type": "ADDRESS", "lines": ["1", "2"]},
        "Held: Address cannot be delivered to, only line 1 and line 2",
    ),
    (
        "resumed",
        {"queue": "lost", "item": "lost-001-7", "answer": "resend", "replacement": "ord_2"},
        "Resumed: Send it again (Lost by the carrier); sent again as order ord_2",
    ),
    (
        "invoiced",
        {"provisions": [1, 2], "invoice": "i", "number": "A-2", "total": 5, "currency": "USD"},
        "Invoice A-2 of what was provided (1, 2): USD 0.05",
    ),
    (
        "question_asked",
        {"wait": "2", "reason": "KeyError"},
        "A person is asked about an error of fulfillment 2: KeyError",
    ),
    (
        "cards_activated",
        {"provision": 1, "lines": LINES},
        "Gift cards active: 3 units (2 of line 1, 1 of line 2)",
    ),
    (
        "provided",
        {"provision": 1, "proof": "CODE", "lines": LINES},
        "Provided: 3 units (2 of line 1, 1 of line 2) (Code)",
    ),
    (
        "invoiced",
        {"fulfillment": 1, "invoice": "inv-1", "number": "A-000001", "total": 5, "captured": 5, "currency": "USD"},
        "Invoice A-000001 of fulfillment 1: USD 0.05, USD 0.05 captured",
    ),
    (
        "invoiced",
        {"fulfillment": 1, "invoice": "inv-1", "total": 5, "captured": 5, "currency": "USD"},
        "Invoice of fulfillment 1: USD 0.05, USD 0.05 captured",
    ),
    (
        "credited",
        {"credit_note": "c", "invoice_number": "A-1", "total": 5, "refunded": 5, "currency": "USD", "reason": "torn"},
        "Credit note of invoice A-1: USD 0.05, USD 0.05 given back, torn",
    ),
    (
        "credited",
        {
            "credit_note": "crn-1",
            "number": "A-C000001",
            "invoice": "inv-1",
            "invoice_number": "A-000001",
            "total": 5,
            "refunded": 4,
            "currency": "USD",
            "reason": "scratched",
            "reason_code": "damaged",
            "reason_words": ["Damaged", "Danificado", "Dañado"],
            "blame": "node",
        },
        "Credit note A-C000001 of invoice A-000001: USD 0.05, USD 0.04 given back, Damaged: scratched; to blame: Node",
    ),
    (
        "completed",
        {"invoiced": 0, "captured": 0, "given_back": 150, "currency": "USD", "shipments": []},
        "Completed: USD 0.00 invoiced, USD 0.00 captured, USD 1.50 given back",
    ),
    (
        "delivery_exception",
        {
            "fulfillment": 1,
            "node": "dc-east",
            "packages": [{"package": "p-1", "tracking": "1Z9"}],
            "reason": "RETURNED",
            "code": "RTS",
            "occurred_at": "2026-12-04T10:00:00.000Z",
        },
        "Delivery problem of fulfillment 1 from dc-east: It goes back to its sender, code RTS, seen on 2026-12-04 10:00 UTC; packages: p-1 1Z9",
    ),
    (
        "captured",
        {"fulfillment": 1, "invoice": "inv_us1_01J-001", "captured": 150, "currency": "USD"},
        "Money of fulfillment 1, which was invoiced before it left: USD 1.50 captured",
    ),
    (
        "nfe_told",
        {"invoice": "inv_us1_01J-001", "result": "AUTHORIZED", "protocol": "135260000000017"},
        "NF-e of invoice inv_us1_01J-001: Authorized, protocol 135260000000017",
    ),
    (
        "nfe_told",
        {"credit_note": "crn_us1_01J-001", "result": "AUTHORIZED", "protocol": "135260000000018"},
        "NF-e of credit note crn_us1_01J-001: Authorized, protocol 135260000000018",
    ),
    (
        "nfe_told",
        {"invoice": "inv_us1_01J-001", "result": "REFUSED", "code": "778"},
        "NF-e of invoice inv_us1_01J-001: Refused, code 778",
    ),
    (
        "collected",
        {"fulfillment": 1, "amount": 150, "currency": "USD", "missing": 50, "excess": 0},
        "Collected for fulfillment 1: USD 1.50; USD 0.50 is missing",
    ),
    (
        "payment_disputed",
        {"payment": 1, "amount": 150, "currency": "USD", "state": "OPEN"},
        "The bank of the customer and payment 1: USD 1.50, taken back",
    ),
    (
        "payment_asked",
        {"method": "LINK", "amount": 150, "currency": "USD", "to_move": True},
        "The customer is asked to pay USD 1.50 by Payment link",
    ),
    (
        "payment_not_made",
        {"method": "PIX", "amount": 150, "currency": "BRL", "reason": "PAYMENT_EXPIRED"},
        "The customer did not pay BRL 1.50 by Pix: Nobody paid in time",
    ),
    ("payment_checked", {"differs": ["amount"], "to_move": True}, "Payment checked: It has another amount"),
    ("payment_checked", {"differs": []}, "Payment checked: It is as the order says"),
    (
        "payment_failed",
        {"operation": 1, "purpose": "capture", "amount": 150, "currency": "USD", "reason": "CARD_DECLINED"},
        "Not captured: USD 1.50. The card was declined",
    ),
    (
        "payment_renewing",
        {"amount": 150, "currency": "USD", "to_move": True},
        "The authorization ends: USD 1.50 is authorized again",
    ),
    ("payment_renewed", {"amount": 150, "currency": "USD"}, "Payment authorized again: USD 1.50"),
    ("payment_renewed", {"amount": 0, "currency": "USD"}, "The payment need not be authorized again any more"),
    (
        "mail_failed",
        {"mail": "placed", "about": 1, "reason": "Throttling"},
        'The mail about "Placed" could not be sent: Throttling',
    ),
    ("customer_erased", {}, "Name, address and all else about the customer were erased"),
    ("question_asked", {"wait": "order", "reason": "KeyError"}, "A person is asked about an error: KeyError"),
]


def test_every_type_of_event_has_a_sentence_and_an_example():
    assert set(SENTENCES) == set(EventType)
    assert {event_type for event_type, _, _ in EXAMPLES} == set(EventType)


@pytest.mark.parametrize(("event_type", "data", "said"), EXAMPLES)
def test_an_event_is_told_with_its_facts(event_type: str, data: dict[str, Any], said: str):
    assert plain_sentence(event_type, data) == said


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("event_type", "data", "_said"), EXAMPLES)
def test_no_language_leaves_a_fact_open(event_type: str, data: dict[str, Any], locale: str, _said: str):
    said = plain_sentence(event_type, data, locale)

    assert not set("[]{}") & set(said)
    assert len(said) > len(label("EventType", event_type, locale)) or not data


@pytest.mark.parametrize(("event_type", "data", "_said"), EXAMPLES)
def test_a_sentence_reads_every_fact_of_its_event(event_type: str, data: dict[str, Any], _said: str):
    assert untold(event_type, data) == set()


def test_a_fact_without_words_is_found():
    assert untold("accepted", {"fulfillment": 1, "lines": LINES, "robot": "r-2"}) == {"robot"}
    assert untold("routed", {"fulfillments": [MADE | {"robot": "r-2"}]}) == {"fulfillments.robot"}


@pytest.mark.parametrize(("row", "said"), CHANGES)
def test_a_change_is_told_with_what_was_before_and_what_is_after(row: dict[str, Any], said: str):
    data = {"changes": [row], "reason": "x", "was": 5, "total": 5, "currency": "USD"}

    assert plain_sentence("changed", data) == f"Changed: {said} (x); total USD 0.05"
    assert untold("changed", data) == set()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("row", "_said"), CHANGES)
def test_each_language_tells_every_fact_of_a_change(row: dict[str, Any], _said: str, locale: str):
    said = plain_sentence("changed", {"changes": [row], "reason": "x", "total": 5, "currency": "USD"}, locale)

    assert not set("[]{}") & set(said)
    for name in ("before", "after"):
        if isinstance(row.get(name), str) and row["modification"] not in ("method", "service"):
            assert row[name] in said


def test_every_modification_has_words_and_an_example():
    assert set(CLAUSES) == {one.value for one in Modification}
    assert {row["modification"] for row, _ in CHANGES} == set(CLAUSES)


def test_a_change_of_an_older_version_is_named_by_its_modification():
    data = {"changes": [{"modification": "charge"}], "reason": "x", "total": 5, "currency": "USD"}

    assert plain_sentence("changed", data) == "Changed: Charge (x); total USD 0.05"


@pytest.mark.parametrize(("table", "facts"), [(SENTENCES, FACTS), (CLAUSES, change_sentences.FACTS)])
def test_each_language_tells_the_same_facts(table: Mapping[str, Words], facts: Mapping[str, object]):
    for three in table.values():
        found = [sorted(re.findall(r"\[|\]|\{(\w+)\}", words)) for words in three]
        assert found[0] == found[1] == found[2]
    assert set(facts) == set(re.findall(r"\{(\w+)\}", "".join("".join(words) for words in table.values())))


def test_an_event_is_told_in_the_readers_language_with_the_names_of_things():
    shipped = {"node": "dc-east", "fulfillment": 1, "lines": [{"line_id": "1", "quantity": 2}], "packages": []}
    names = Names(nodes={"dc-east": "Boston"}, lines={"1": "Ch\u00e1"}, holds={"h1": "FRAUD"})

    assert (
        plain_sentence("shipped", shipped, "pt-BR", names)
        == "Enviado por Boston, remessa 1: 2 unidades de Ch\u00e1 (linha 1)"
    )
    assert plain_sentence("redated", {"redated": [LATER]}, "es") == (
        "El suministro tiene nueva fecha: 4 unidades de la l\u00ednea 3 en dc-west, env\u00edo el 2026-12-01, "
        "entrega el 2026-12-04"
    )
    assert plain_sentence("hold_resolved", {"hold": "h1", "resolution": "expired"}, "es", names) == (
        "Retenci\u00f3n resuelta: Sospecha de fraude. Respuesta: Vencido"
    )


def test_of_several_lines_a_sentence_names_the_articles_and_the_line_where_two_have_the_same():
    accepted = {"fulfillment": 1, "lines": LINES}

    assert plain_sentence("accepted", accepted, "es", Names(lines={"1": "Cup", "2": "Pot"})).endswith(
        "3 unidades (2 de Cup, 1 de Pot)"
    )
    assert plain_sentence("accepted", accepted, "en", Names(lines={"1": "Cup", "2": "Cup"})).endswith(
        "3 units (2 of Cup (line 1), 1 of Cup (line 2))"
    )


def test_of_many_lines_a_sentence_says_how_many_they_are():
    lines = [{"line_id": str(n), "quantity": 2} for n in range(1_000)]

    assert (
        plain_sentence("accepted", {"fulfillment": 1, "lines": lines})
        == "Fulfillment 1 accepted: 2000 units of 1000 lines"
    )


def test_an_event_names_its_nodes():
    row = {"modification": "node", "before": ["dc-1"], "after": "dc-3"}
    data = {"node": "a", "promise": {"promised": {"nodes": ["b"]}}, "changes": [row], "taken": [TAKEN | {"node": "c"}]}

    assert set(nodes_of(data)) == {"a", "b", "dc-1", "dc-3", "c"}


def test_a_text_of_a_stranger_is_never_read_as_a_template():
    said = plain_sentence("rejected", {"reason": "{node}[, {units}] {{x}} %s \\1"})

    assert said == "Order rejected: {node}[, {units}] {{x}} %s \\1"


def test_an_event_without_its_facts_is_named_by_its_label():
    assert plain_sentence("shipped", {}, "es") == "Enviado"
    assert plain_sentence("shipped", {"lines": LINES}, "es") == "Enviado"


def test_a_type_of_event_without_a_sentence_is_shown_as_it_is():
    assert plain_sentence("teleported", {"node": "x"}, "es") == "teleported"
