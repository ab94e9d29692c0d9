"""
Give the page of the parts that pages share their examples. The page holds no data of the retailer.

Called by   functions/console/pages/kit_parts.py
Returns     the facts of templates/kit_parts.html
"""

from datetime import datetime, timedelta
from typing import Any


def facts(now: datetime) -> dict[str, Any]:
    """Return the facts of the page at a moment."""
    return {
        "key": "01JEXAMPLE0000000000000000",
        "store": "Loop <store>",
        "zone": "America/Sao_Paulo",
        **_of_an_order(now),
        **_rights_of_a_person(),
        **_work_of_a_node(now),
    }


def _of_an_order(now: datetime) -> dict[str, Any]:
    """Return who a customer is, why nodes were chosen, what a preview of changes shows, and cases."""
    due = (now + timedelta(hours=2)).isoformat()
    denial = {
        "code": "denied",
        "status": "PACKED",
        "hold_type": None,
        "line_id": None,
        "reason": "Ask <the node> first",
    }
    change = {"kind": "", "of": "", "before": None, "after": None, "denials": ()}
    plan = {"node_id": "dc-1", "how": "CHEAPEST", "rule": "<cheap>", "node_ids": ["dc-1"], "cost_micros": 8_000_000}
    plan |= {"weighted": False, "proven": True, "next_best": {"node_id": "dc-2", "more_micros": 1_500_000}}
    case: dict[str, Any] = {"case_id": "kit", "status": "OPEN", "owner": "care", "due": due}
    case |= {"outcome": None, "order_id": None, "tone": ""}
    return {
        "contact": {"customer": {"name": "\u0641\u0627\u0637\u0645\u0629", "email": "f@example.org"}, "ship_to": {}, "note": "Ring <twice>"},
        "address": ["12 Main St", "Chicago", "60601"],
        "line_addresses": [("2, 3", ["9 Oak St", "Reno"])],
        "why": [
            plan | {"more_stock": [], "left_out": [{"reason": "NOT_RANKED", "node_ids": ["store-1"]}]},
            {"node_id": "store-1", "how": "CUSTOMERS_STORE", "left_out": []},
        ],
        "changed": [
            change | {"modification": "quantity", "of": "Tea", "kind": "number", "before": 3, "after": 1},
            change | {"modification": "price", "of": "Pot", "kind": "money", "before": 1000, "after": 900, "denials": [denial]},
            change | {"modification": "requested", "kind": "days", "before": [None, None], "after": ["2026-12-01", None]},
            change | {"modification": "store", "kind": "way", "after": "loop"},
            change | {"modification": "note"},
        ],
        "of_cases": [case | {"kind": "LATE", "tone": "bad"}, case | {"kind": "OTHER", "owner": "ana", "status": "CLOSED", "outcome": "ANSWERED"}],
        "was": lambda _do, _name, otherwise="": otherwise,
        "no_error": lambda _do, _name: "",
    }  # fmt: skip


def _rights_of_a_person() -> dict[str, Any]:
    return {
        "rights_of": {"name": "O\u2019Brien & Sons <wholesale>", "locale": "es", "roles": ("staff",), "desks": ("care",), "nodes": (), "channels": ("web",), "partner": "", "appeasement": "25.00 USD", "override_percent": "10", "gift_cards": "50.00 USD", "customer_credit": "5000.00 USD"},
        "wrong": {"override_percent": "Write a whole number from 1 to 100, or nothing."},
        "offered": {"nodes": [("dc-1", "North (dc-1)")], "channels": None, "partners": [("acme", "Acme")]},
    }  # fmt: skip


def _work_of_a_node(now: datetime) -> dict[str, Any]:
    long = "Donaudampfschifffahrt" * 12
    due = (now + timedelta(minutes=4)).isoformat()
    return {
        "work": [
            {"name": "WEB-10231", "path": "kit", "part": "accept", "units": 3, "due": due, "tone": "", "work": {"status": "OFFERED"}},
            {"name": long[:64], "path": "kit", "part": "pick", "units": 1200, "due": due, "tone": "bad", "work": {"status": "PICKING"}},
            {"name": "POS-88117", "path": "", "part": "", "units": 1, "due": due, "tone": "", "work": {"status": "SHIPPED"}},
        ],
        "results": [
            {"name": "WEB-10231", "done": True, "why": "", "path": "kit"},
            {"name": "WEB-10232", "done": False, "why": "the offer ended at 14:32", "path": ""},
        ],
        "lines": [
            {"line_id": "1", "sku": "TEA-EARL-GREY-100", "title": f"{long} 🍵", "left": 3},
            {"line_id": "2", "sku": "POT-001", "title": "إبريق شاي", "left": 1},
        ],
        "parcel": {"package_id": "B 1", "carton_id": "M", "carrier": "northway", "service": "", "tracking_number": "NW 1", "sscc": "", "weight_g": 1250},
    }  # fmt: skip
