"""The sentences of a timeline: each event of an order with its facts, in every language."""

import re
from typing import Any

import pytest

from comanda.domain.labels.event_words import SENTENCES
from comanda.domain.labels.labels import LOCALES, label
from comanda.domain.labels.sentences import FACTS, sentence
from comanda.domain.orders.cancel_reasons import BUILT_IN
from comanda.domain.orders.decision import EventType

LINES = [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 1}]
MADE = {"fulfillment": 1, "node": "dc-east", "method": "SHIP", "lines": LINES}
LATER = {"line_id": "3", "quantity": 4, "node": "dc-west", "due": "2026-12-01", "deliver_on": "2026-12-04"}
OVER = {"line_id": "4", "quantity": 1, "queue": "backorder", "reason": "no-stock"}

EXAMPLES: list[tuple[str, dict[str, Any], str]] = [
    (
        "placed",
        {"channel": "web", "lines": 2, "units": 3, "total": 123456, "currency": "USD", "holds": []},
        "Order placed: 3 units, USD 1,234.56",
    ),
    ("confirmed", {"holds": ["h1"]}, "Order confirmed"),
    ("rejected", {"reason": "the customer is not reached"}, "Order rejected: the customer is not reached"),
    ("held", {"hold": "h1", "type": "FRAUD"}, "Held: Suspected fraud"),
    ("held", {"hold": "h1", "type": "OWN"}, "Held: OWN"),
    (
        "held",
        {"hold": "h2", "type": "PAYMENT", "unpaid": 500, "currency": "JPY"},
        "Held: Payment not settled, JPY 500 unpaid",
    ),
    ("hold_resolved", {"hold": "h1", "resolution": "expired"}, "Hold h1 resolved: Expired"),
    (
        "hold_expired",
        {"hold": "h2", "type": "FRAUD", "lines": LINES},
        "The time of hold h2 is over: Suspected fraud; a person decides; without a node again: 3 units",
    ),
    ("cancelled", {"reason": "too late", "lines": LINES, "total": 0}, "Cancelled: 3 units, too late"),
    (
        "cancelled",
        {"reason": "too late", "lines": LINES, "bundles": [{"line_id": "b", "quantity": 1}], "total": 0},
        "Cancelled: 3 units in 1 set, too late",
    ),
    (
        "cancelled",
        {"reason": "no-stock-in-time", "lines": LINES, "total": 5, "not_cancelled": [{"quantity": 1, "line_id": "9"}]},
        "Cancelled: 3 units, No stock came in time; not cancelled: 1 unit",
    ),
    (
        "changed",
        {
            "changes": [{"modification": "price"}, {"modification": "note"}, {"modification": "price"}],
            "reason": "a damaged box",
            "lines": LINES,
            "total": 1250,
            "currency": "USD",
        },
        "Changed: Price and Note, a damaged box; cancelled: 3 units; total USD 12.50",
    ),
    (
        "change_pending",
        {"changes": [{"modification": "add_line"}], "reason": "one more", "to_pay": 1250, "currency": "USD"},
        "A change waits up to 24 hours for USD 12.50: Further line, one more",
    ),
    (
        "change_dropped",
        {"changes": [{"modification": "add_line"}], "why": "expired", "to_pay": 1250, "currency": "USD"},
        "A change that waited for its payment is dropped: Further line, it was not paid in time",
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
        "A change that waited for its payment is dropped: Further line, it was withdrawn; no; USD 4.00 given back",
    ),
    (
        "payment_added",
        {"authorized": 1000, "to_pay": 250, "currency": "USD"},
        "Payment of USD 10.00 added; the pending change still needs USD 2.50",
    ),
    (
        "cancelled",
        {"reason": "damaged", "lines": LINES, "total": 5, **BUILT_IN["damaged"].facts(3)},
        "Cancelled: 3 units, Damaged at the node; to blame: Node; into quarantine: 3 units",
    ),
    (
        "cancelled",
        {"reason": "she called", "lines": LINES, "total": 5, **BUILT_IN["too-late"].facts()},
        "Cancelled: 3 units, It would come too late: she called; to blame: Retailer",
    ),
    ("routed", {"fulfillments": [MADE], "promised": [], "leftovers": []}, "Routed to dc-east: 3 units"),
    (
        "routed",
        {"fulfillments": [MADE, MADE | {"node": "store-7"}], "promised": [], "leftovers": [OVER]},
        "Routed to dc-east and store-7: 6 units; without a node: 1 unit",
    ),
    (
        "promised_later",
        {"fulfillments": [], "promised": [LATER], "leftovers": []},
        "Promised for a later day: 4 units from dc-west",
    ),
    ("backordered", {"fulfillments": [], "promised": [], "leftovers": [OVER]}, "Waiting for stock: 1 unit"),
    (
        "left_over",
        {"fulfillments": [], "promised": [], "leftovers": [OVER | {"reason": "no-rule-applies"}]},
        "Needs a decision: 1 unit, No rule is for this order",
    ),
    (
        "rerouted",
        {"from": [LATER], "to": [LATER | {"node": "dc-east"}], "saved_micros": 5},
        "Moved before the wave: 4 units, from dc-west to dc-east",
    ),
    ("wave_released", {"lines": [LATER]}, "Released with the wave: 4 units at dc-west"),
    ("redated", {"redated": [LATER]}, "Supply has a new date: 4 units, at the door on 12/04/2026"),
    ("unscheduled", {"unscheduled": [LATER]}, "Supply is gone, routed anew: 4 units"),
    ("stock_arrived", {"ready": [LATER]}, "Stock arrived: 4 units"),
    ("resumed", {"queue": "backorder", "item": "backorder", "answer": "retry"}, "Resumed: Try again (Backorders)"),
    ("resumed", {"lines": LINES}, "Resumed: 3 units"),
    ("accepted", {"fulfillment": 1, "lines": LINES}, "Fulfillment 1 accepted: 3 units"),
    ("picking", {"fulfillment": 1, "lines": LINES}, "Picking of fulfillment 1 begun: 3 units"),
    ("picked", {"fulfillment": 1, "lines": LINES}, "Fulfillment 1 picked: 3 units"),
    ("packed", {"fulfillment": 1, "lines": LINES}, "Fulfillment 1 packed: 3 units"),
    ("ready", {"fulfillment": 1, "lines": LINES}, "Fulfillment 1 ready for pickup: 3 units"),
    (
        "line_declined",
        {"fulfillment": 1, "node": "dc-east", "reason": "SILENT", "lines": LINES},
        "Given back by dc-east: 3 units, The node did not answer",
    ),
    (
        "short_picked",
        {"fulfillment": 1, "node": "dc-east", "reason": "NOT_FOUND", "lines": LINES},
        "Missing at dc-east: 3 units, Not found",
    ),
    ("silent", {"fulfillment": 1, "misses": 2}, "Fulfillment 1: no answer in time, missed 2"),
    ("reminded", {"fulfillment": 1, "node": "dc-east", "misses": 1}, "Reminded dc-east of fulfillment 1"),
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
        "Shipped by dc-east: 3 units, tracking 1Z9",
    ),
    (
        "handed_over",
        {"fulfillment": 1, "node": "store-7", "shipment": "S-1", "lines": LINES, "packages": [], "next": None},
        "Handed over at store-7: 3 units",
    ),
    ("recalled", {"taken": [MADE]}, "Taken back from dc-east: 3 units"),
    (
        "recalled",
        {"taken": [MADE], "requested": [MADE | {"node": "store-7"}], "reason": "fraud"},
        "Taken back from dc-east: 3 units; asked for: 3 units, fraud",
    ),
    (
        "recall_requested",
        {"requested": [MADE], "reason": "the address is wrong"},
        "dc-east is asked to give back: 3 units, the address is wrong",
    ),
    (
        "recall_refused",
        {"fulfillment": 1, "node": "dc-east", "reason": "LEAVING", "lines": LINES, "taken": [MADE]},
        "dc-east keeps: 3 units, Leaves now; taken back: 3 units",
    ),
    (
        "recall_unanswered",
        {"fulfillment": 1, "node": "dc-east", "lines": LINES},
        "dc-east did not answer the recall of 3 units",
    ),
    (
        "handed_back",
        {"fulfillment": 1, "node": "store-7", "reason": "CUSTOMER_REFUSED", "lines": LINES, "cancelled": True},
        "Handed back by store-7: 3 units, The customer did not want it",
    ),
    (
        "no_show",
        {"fulfillment": 1, "node": "store-7", "lines": LINES, "total": 0},
        "Not collected at store-7, cancelled: 3 units",
    ),
    (
        "delivered",
        {"fulfillment": 1, "node": "dc-east", "lines": LINES, "packages": [{"package": "B-1"}], "whole": True},
        "Delivered: 3 units, package B-1",
    ),
    ("delivered", {"fulfillment": 1, "node": "dc-east", "lines": LINES, "packages": []}, "Delivered: 3 units"),
    (
        "lost",
        {"fulfillment": 1, "node": "dc-east", "reason": "NOT_ARRIVED", "lines": LINES, "packages": []},
        "Lost on its way from dc-east: 3 units, It did not arrive",
    ),
    (
        "found",
        {"fulfillment": 1, "node": "dc-east", "lines": [], "packages": [], "answered": ["lost-001-7"]},
        "Lost units of fulfillment 1 arrived after a person had decided",
    ),
    ("provided", {"provision": 1, "proof": "CODE", "lines": LINES}, "Provided: 3 units (Code)"),
    (
        "invoiced",
        {"fulfillment": 1, "invoice": "inv-1", "number": "A-000001", "total": 5, "captured": 5, "currency": "USD"},
        "Invoice A-000001: USD 0.05",
    ),
    (
        "completed",
        {"invoiced": 0, "captured": 0, "given_back": 150, "currency": "USD", "shipments": []},
        "Completed: USD 0.00 invoiced, USD 1.50 given back",
    ),
    (
        "delivery_exception",
        {
            "fulfillment": 1,
            "node": "dc-east",
            "packages": [{"package": "p-1", "tracking": "1Z9"}],
            "reason": "RETURNED",
            "code": "RTS",
        },
        "Delivery problem of 1Z9: It goes back to its sender, code RTS",
    ),
    ("payment_checked", {"differs": ["amount"], "to_move": True}, "Payment checked: It has another amount"),
    ("payment_checked", {"differs": []}, "Payment checked: It is as the order says"),
    (
        "payment_failed",
        {"operation": 1, "purpose": "capture", "amount": 150, "currency": "USD", "reason": "CARD_DECLINED"},
        "Not captured: USD 1.50. The card was declined",
    ),
    ("mail_failed", {"mail": "placed", "about": 1, "reason": "Throttling"}, "A mail could not be sent: Throttling"),
    ("customer_erased", {}, "Name, address and all else about the customer were erased"),
    ("question_asked", {"wait": "order", "reason": "KeyError"}, "A person is asked about an error: KeyError"),
]


def test_every_type_of_event_has_a_sentence_and_an_example():
    assert set(SENTENCES) == set(EventType)
    assert {event_type for event_type, _, _ in EXAMPLES} == set(EventType)


@pytest.mark.parametrize(("event_type", "data", "told"), EXAMPLES)
def test_an_event_is_told_with_its_facts(event_type: str, data: dict[str, Any], told: str):
    assert sentence(event_type, data, "en-US") == told


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("event_type", "data", "_told"), EXAMPLES)
def test_no_language_leaves_a_fact_open(event_type: str, data: dict[str, Any], locale: str, _told: str):
    told = sentence(event_type, data, locale)

    assert not set("[]{}") & set(told)
    assert len(told) > len(label("EventType", event_type, locale)) or not data


@pytest.mark.parametrize("event_type", SENTENCES)
def test_each_language_tells_the_same_facts(event_type: str):
    facts = [sorted(re.findall(r"\[|\]|\{(\w+)\}", words)) for words in SENTENCES[event_type]]

    assert facts[0] == facts[1] == facts[2]
    assert set(facts[0]) - {""} <= set(FACTS)


def test_every_fact_is_used():
    assert set(FACTS) == set(re.findall(r"\{(\w+)\}", "".join("".join(words) for words in SENTENCES.values())))


def test_an_event_is_told_in_the_readers_language():
    shipped = {"node": "dc-east", "lines": LINES, "packages": []}
    placed = {"units": 1, "total": 123456789, "currency": "BRL"}

    assert sentence("shipped", shipped, "pt-BR", {"dc-east": "Boston"}) == "Enviado por Boston: 3 unidades"
    assert sentence("placed", placed, "pt") == "Pedido feito: 1 unidade, BRL 1.234.567,89"
    assert sentence("redated", {"redated": [LATER]}, "es-MX") == (
        "El suministro tiene nueva fecha: 4 unidades, entrega el 04/12/2026"
    )


@pytest.mark.parametrize(
    ("locale", "total"), [("es", "1.234,50"), ("es-MX", "1,234.50"), ("es_US", "1,234.50"), ("en", "1,234.50")]
)
def test_an_amount_is_written_as_the_readers_region_does(locale: str, total: str):
    told = sentence("invoiced", {"number": "A-1", "total": 123450, "currency": "USD"}, locale)

    assert told.endswith(f"A-1: USD {total}")


def test_a_text_of_a_stranger_is_never_read_as_a_template():
    told = sentence("rejected", {"reason": "{node}[, {units}] {{x}} %s \\1"}, "en-US")

    assert told == "Order rejected: {node}[, {units}] {{x}} %s \\1"


def test_an_event_without_its_facts_is_named_by_its_label():
    assert sentence("shipped", {}, "es") == "Enviado"
    assert sentence("shipped", {"lines": LINES}, "es") == "Enviado"


def test_a_type_of_event_without_a_sentence_is_shown_as_it_is():
    assert sentence("teleported", {"node": "x"}, "es") == "teleported"
