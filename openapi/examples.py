"""
Give every request of the API an example, in the words of the retailer that `make seed` fills in.

This file is long because it is data: a body for each request.

Called by   openapi/description.py; tests/infra/test_openapi.py holds each against the contract of its door
Returns     EXAMPLES: the body by the name of the operation

This module is long because it is one table: each request has its example.
"""

from collections.abc import Mapping
from typing import Any


def _usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


_NFE_KEY = "35261111222333000181550010000000171142701500"
_UNITS = {"lines": [{"line_id": "1", "quantity": 2}]}
_PACKAGE = {
    "package_id": "B-1",
    "carrier": "UPS",
    "service": "Ground",
    "tracking_number": "1Z999AA10123456784",
    "weight_g": 1200,
    "contents": [{"line_id": "1", "quantity": 2}],
    "label_cost": _usd(742),
}
_WEEK = [{"weekday": day, "opens": "08:00", "closes": "20:00"} for day in range(6)]
_STEPS = [{"up_to_g": 1000, "micros": 6_900_000}, {"up_to_g": 5000, "micros": 9_400_000}]

_ORDER = {
    "external_id": "WEB-1001",
    "channel": "web",
    "currency": "USD",
    "locale": "en-US",
    "customer": {"name": "Ada Byron", "email": "ada@example.org"},
    "ship_to": {
        "name": "Ada Byron",
        "line1": "12 Main St",
        "city": "Columbus",
        "region": "OH",
        "postal_code": "43215",
        "country": "US",
        "latitude": 39.96,
        "longitude": -83.0,
    },
    "lines": [
        {
            "line_id": "1",
            "sku": "GRO-001",
            "quantity": 2,
            "unit_price": _usd(1299),
            "tax": {"rate": "0.0825", "amount": _usd(198)},
            "discounts": [{"code": "SPRING", "amount": _usd(200)}],
        },
        {
            "line_id": "2",
            "sku": "GRO-002",
            "quantity": 1,
            "unit_price": _usd(450),
            "tax": {"rate": "0.0825", "amount": _usd(37)},
        },
    ],
    "charges": [{"kind": "SHIPPING", "amount": _usd(500), "tax": _usd(41)}],
    "discounts": [{"code": "WELCOME", "amount": _usd(100)}],
    "payments": [{"method": "CARD", "reference": "auth-7F3A", "authorized": _usd(3524)}],
    "totals": {
        "goods": _usd(3048),
        "discounts": _usd(300),
        "charges": _usd(500),
        "tax": _usd(276),
        "total": _usd(3524),
    },
}

EXAMPLES: Mapping[str, Any] = {
    # orders
    "place_order": _ORDER,
    "confirm": {},
    "reject": {"reason": "the address does not exist"},
    "create_draft": {
        "channel": "web",
        "currency": "USD",
        "locale": "en-US",
        "open_cart": True,
        "customer": {"id": "77", "name": "Ada Byron", "email": "ada@example.org", "phone": "+1 614 555 0147"},
        "lines": [{"line_id": "1", "sku": "GRO-001", "quantity": 2, "unit_price": _usd(1299), "tax_rate": "0.0825"}],
    },
    "change_draft": {
        "ship_to": _ORDER["ship_to"],
        "set_lines": [
            {
                "line_id": "2",
                "sku": "GRO-002",
                "quantity": 1,
                "unit_price": _usd(450),
                "price_reason": "as promised on the phone",
                "tax_rate": "0.0825",
            }
        ],
        "charges": [{"kind": "shipping", "amount": _usd(500)}],
        "note": "please ring twice",
    },
    "claim_draft": {},
    "release_draft": {},
    "abandon_draft": {},
    "quote_draft": {"valid_until": "2027-01-15T18:00:00Z"},
    "confirm_draft": {"payments": [{"method": "CARD", "reference": "pi_3Q", "authorized": _usd(2598)}]},
    "change_order": {
        "preview": True,
        "reason": "the box was damaged",
        "changes": [
            {"modification": "price", "line_id": "1", "unit_price": _usd(900)},
            {
                "modification": "ship_to",
                "ship_to": {
                    "name": "Ada Byron",
                    "line1": "7 Elm St",
                    "city": "New York",
                    "region": "NY",
                    "postal_code": "10001",
                    "country": "US",
                },
            },
            {"modification": "replace", "line_id": "2", "quantity": 1, "sku": "GRO-003", "new_line_id": "3"},
            {"modification": "appeasement", "why": "DAMAGED", "amount": _usd(200)},
            {
                "modification": "add_line",
                "lines": [
                    {
                        "line_id": "4",
                        "sku": "GRO-004",
                        "quantity": 2,
                        "unit_price": _usd(350),
                        "tax": {"rate": "0.0825", "amount": _usd(58)},
                    }
                ],
            },
        ],
    },
    "add_payments": {"payments": [{"method": "CARD", "reference": "auth-8C21", "authorized": _usd(1299)}]},
    "ask_for_payment": {"method": "LINK"},
    "withdraw_change": {"reason": "the customer pays another way"},
    "tell_nfe": {"result": "AUTHORIZED", "key": _NFE_KEY, "protocol": "135260000000017"},
    "tell_credit_note_nfe": {"result": "AUTHORIZED", "key": _NFE_KEY, "protocol": "135260000000018"},
    "credit_invoice": {
        "invoice_id": "inv_us1_01JD3X2Q5V7M9P0R4T6W8Y1Z3B-001",
        "credit": "LINES",
        "lines": [{"line_id": "1", "quantity": 1}],
        "reason_code": "damaged",
    },
    "cancel": {"reason": "the customer wants fewer", "lines": [{"line_id": "1", "quantity": 1}]},
    "look_up_order": {"channel": "web", "external_id": "WEB-10042", "email": "ada@example.org"},
    "unmerge_customer": {},
    "merge_customer": {"into": "cus_0123456789abcdef0123456789abcdef"},
    "provide": {"line_id": "3", "quantity": 1, "proof": {"kind": "CODE", "text": "TEA-CLUB-7F3A-91QX"}},
    "recall": {"reason": "the address is wrong", "fulfillment_id": "ful_us1_01M81EP1ENTG1NKE5JV2A73WMW-001"},
    "make_link": {"revoke": False},
    "hold": {"type": "SALES_REVIEW", "reason": "the customer calls back"},
    "resolve_hold": {"resolution": "the customer confirmed the address"},
    "try_hold_type": {"channel": "web", "last": 200},
    "claim_next_item": {"node_id": "dc-east"},
    "resolve_items": {
        "items": ["ord_us1_01M81EP1ENTG1NKE5JV2A73WMW.h1", "ord_us1_01M81EP1EQ3Y5K7T2A0C9W4R8D.h1"],
        "answer": "confirm",
    },
    "claim_item": {},
    "release_item": {},
    "resolve_item": {"answer": "retry"},
    # a node's work
    "accept": {},
    "decline": {"reason": "NO_STOCK", **_UNITS},
    "start_pick": _UNITS,
    "pick": _UNITS,
    "short_pick": {"reason": "NOT_FOUND", **_UNITS},
    "pack": {"packages": [_PACKAGE], **_UNITS},
    "repack": {"packages": [_PACKAGE | {"carton_id": "BOX-M", "dims_mm": [400, 300, 200]}]},
    "ship": {"shipment_id": "S-1", "shipped_at": "2026-11-22T11:02:09Z", "packages": [_PACKAGE]},
    "ready": {},
    "hand_over": {},
    "recall_agree": {},
    "recall_refuse": {"reason": "LEAVING"},
    "hand_back": {"reason": "CANNOT_FINISH"},
    "no_show": {},
    "deliver": {"packages": ["B-1"], "delivered_at": "2026-11-24T15:40:00Z"},
    "lose": {"reason": "NOT_ARRIVED", "packages": ["B-1"]},
    "collect": {"amount": {"amount": 1299, "currency": "USD"}, "reference": "COD-8841"},
    # stock before an order
    "reserve": {
        "request_id": "cart-7431",
        "channel": "web",
        "kind": "SOFT",
        "ttl_seconds": 900,
        "lines": [{"sku": "GRO-001", "quantity": 2, "node_type": "WAREHOUSE"}],
    },
    "extend_reservation": {"ttl_seconds": 1800},
    "promote_reservation": {},
    "release_reservation": {},
    "promise": {
        "channel": "web",
        "lines": [{"line_id": "1", "sku": "GRO-001", "quantity": 2}],
        "to": {"country": "US", "region": "OH", "city": "Columbus", "postal_code": "43215"},
        "methods": ["SHIP", "PICKUP"],
    },
    "availability": {"skus": ["GRO-001", "GRO-002"], "channel": "web", "methods": ["SHIP"]},
    # stock
    "adjust_stock": {
        "adjustment_id": "ADJ-2026-11-22-1",
        "reason": "found behind the shelf",
        "rows": [{"sku": "GRO-001", "node_id": "dc-east", "quantity": 3}],
    },
    "count_stock": {
        "reference": "COUNT-2026-11-22",
        "counted_at": "2026-11-22T04:00:00Z",
        "rows": [{"sku": "GRO-001", "node_id": "dc-east", "quantity": 118, "buckets": {"damaged": 2}}],
    },
    "tell_supply": {
        "supply_id": "PO-4711",
        "reference": "PO-4711-created",
        "action": "CREATE",
        "type": "PURCHASE_ORDER",
        "supplier": "Green Valley Foods",
        "lines": [{"line": 1, "sku": "GRO-001", "node_id": "dc-east", "quantity": 240, "eta": "2030-01-15"}],
    },
    "approve_transfer": {"lines": [1]},
    "refuse_transfer": {"lines": [2]},
    "set_stock_policies": {
        "reference": "POLICY-2026-11-22",
        "rows": [{"sku": "GRO-001", "node_id": "dc-east", "safety": {"SHIP": {"units": 4}}, "reorder_point": 40}],
    },
    # the directory
    "put_node": {
        "type": "STORE",
        "name": "Columbus",
        "country": "US",
        "region": "OH",
        "city": "Columbus",
        "postal_code": "43215",
        "latitude": 39.96,
        "longitude": -83.0,
        "calendar": "us-store-new-york",
        "ship": True,
        "pickup": True,
        "accept_minutes": 120,
        "ship_minutes": 1440,
        "units_per_day": 200,
        "tags": ["cold"],
    },
    "put_product": {
        "title": "Green tea, 100 g",
        "weight_g": 130,
        "class": "GROCERY",
        "gtin": "4006381333931",
        "dims_mm": [120, 80, 60],
        "units": {"CASE": 12},
        "prices": {"web": _usd(649)},
    },
    "put_partner": {"name": "Grove Foods", "nodes": ["vendor-grove"]},
    "put_channel": {
        "name": "Web shop",
        "currencies": ["USD"],
        "countries": ["US"],
        "locales": ["en-US", "es-US"],
        "order_form": {
            "enabled": True,
            "titles": {"en-US": "Order here", "es": "Haga su pedido"},
            "countries": ["US"],
            "currency": "USD",
            "tax_rate": "0.0825",
            "prices_include_tax": False,
            "shipping": {"STANDARD": _usd(599)},
            "payment_notes": {"en-US": "We send you a link to pay."},
        },
    },
    "put_calendar": {"timezone": "America/New_York", "hours": _WEEK, "holidays": {"country": "US"}},
    "put_hold_type": {
        "blocks": ["release"],
        "reason": "A large order: sales looks at it",
        "queue": "sales-review",
        "applies_when": {"total_at_least": _usd(100_000)},
    },
    "put_carton": {"title": "Cool box", "inside_mm": [400, 300, 250], "max_g": 12_000, "tags": ["cold"]},
    "put_cancel_reason": {
        "titles": {
            "en-US": "Recalled by its maker",
            "pt-BR": "Recolhido pelo fabricante",
            "es": "Retirado por el fabricante",
        },
        "blame": "retailer",
        "units_go": "QUARANTINE",
    },
    "put_decline_reason": {
        "titles": {
            "en-US": "Broken in the shop window",
            "pt-BR": "Quebrado na vitrine",
            "es": "Roto en el escaparate",
        },
        "blame": "node",
        "units_go": "QUARANTINE",
    },
    "put_modification_matrix": {
        "rules": [
            {
                "modification": "cancel",
                "allow": False,
                "statuses": ["PICKING", "PICKED"],
                "channels": ["web"],
                "reason": "the shop calls the warehouse first",
            }
        ]
    },
    "put_stock_policy": {
        "safety": {"default": {"units": 1}, "node_types": {"STORE": {"percent": 20}}},
        "supplies": {"PURCHASE_ORDER": {"excluded_percent": 10, "grace_days": 2}},
        "low_units": 5,
        "stale_days": 30,
    },
    "put_carrier": {
        "name": "Parcel Post",
        "country": "US",
        "calendar": "us-carriers",
        "tracking_url": "https://post.example/track?number={number}",
        "tracking_codes": {"OFD": "OUT_FOR_DELIVERY", "DLV": "DELIVERED", "RTS": "RETURNED"},
        "overdue_days": 7,
        "bill_limits": {"percent": 10, "amount": 100},
        "services": [
            {
                "service": "STANDARD",
                "mode": "ROAD",
                "g_co2e_per_tonne_km": 120,
                "source": "the carrier's report of 2025",
                "price": {"currency": "USD", "base_micros": 6_000_000, "per_kg_micros": 900_000},
                "bands": [{"up_to_km": 500, "days": 2}, {"days": 5}],
            }
        ],
        "collections": [{"node_id": "dc-east", "weekday": 0, "at": "17:00", "cut_off_minutes": 60}],
    },
    "put_rate_card": {
        "name": "Northway, ground, 2026",
        "carrier": "northway",
        "service": "STANDARD",
        "currency": "USD",
        "valid_from": "2026-01-01",
        "zones": {"2": {"steps": _STEPS, "per_kg_micros": 800_000}},
        "bands": [{"zone": "2"}],
    },
    "put_price_list": {
        "name": "Web, 2027",
        "channels": ["web"],
        "currency": "USD",
        "valid_from": "2027-01-01",
        "tax_rate": "0.0825",
        "prices": [{"sku": "TEA-001", "unit_price": _usd(1299)}],
    },
    "put_legal_entity": {
        "name": "Example Tea Company Inc.",
        "tax_id": "12-3456789",
        "line1": "1 Harbor Way",
        "city": "Columbus",
        "region": "OH",
        "postal_code": "43215",
        "country": "US",
        "keep_invoices_years": 7,
    },
    "put_tax_table": {
        "name": "Sales taxes of states, 2026",
        "rows": [
            {"country": "US", "valid_from": "2026-01-01", "rate": "0", "name": "Sales tax"},
            {"country": "US", "region": "OH", "valid_from": "2026-01-01", "rate": "0.0575", "name": "Ohio sales tax"},
            {
                "country": "US",
                "region": "OH",
                "tax_class": "FOOD",
                "valid_from": "2026-01-01",
                "rate": "0",
                "name": "Ohio sales tax",
            },
        ],
    },
    "quote_taxes": {
        "channel": "web",
        "currency": "USD",
        "ship_to": {"country": "US", "region": "OH", "postal_code": "43215"},
        "lines": [{"sku": "GRO-001", "amount": _usd(2398)}],
        "charges": [{"kind": "SHIPPING", "amount": _usd(500)}],
    },
    "issue_gift_card": {"channel": "web", "amount": _usd(5000), "reason": "sold at the counter"},
    "get_gift_card_balance": {"code": "7K3M-Q9ZT-0XWB-4RHD-2N8E", "currency": "USD"},
    "find_gift_cards": {"code": "7K3M-Q9ZT-0XWB-4RHD-2N8E"},
    "freeze_gift_card": {"reason": "stolen with the customer's bag"},
    "unfreeze_gift_card": {"reason": "found again"},
    "expire_gift_card": {"reason": "bought with a stolen card"},
    "issue_store_credit": {
        "channel": "web",
        "customer_id": "customer-17",
        "amount": _usd(1500),
        "reason": "came too late",
    },
    "set_credit_terms": {
        "channel": "web",
        "customer_id": "customer-17",
        "limit": _usd(500_000),
        "payment_days": 30,
        "blocked_after": 10,
        "reason": "three years without a late payment",
    },
    "book_customer_payment": {
        "amount": _usd(120_000),
        "reference": "SEPA-2026-11-30-0042",
        "received_on": "2026-11-30",
    },
    "pay_out_credit": {
        "amount": _usd(4_000),
        "reference": "SEPA-2026-11-30-0311",
        "paid_on": "2026-11-30",
        "reason": "credit note of an invoice that was paid already",
    },
    "reverse_customer_payment": {"reference": "SEPA-2026-11-30-0042", "reason": "the cheque bounced"},
    "put_routing_cost": {"per_late_day_micros": 3_000_000, "handling": {"STORE": {"per_package_micros": 1_500_000}}},
    "tell_tracking": {
        "events": [
            {
                "tracking_number": "1Z999AA10123456784",
                "code": "OFD",
                "occurred_at": "2026-11-20T07:45:00-05:00",
                "location": "Columbus, OH",
            },
            {
                "tracking_number": "1Z999AA10123456784",
                "status": "DELIVERED",
                "occurred_at": "2026-11-20T14:10:00-05:00",
            },
        ]
    },
    "open_case": {
        "kind": "DAMAGED",
        "text": "The teapot came with a broken spout.",
        "author": "CUSTOMER",
        "line_ids": ["1"],
    },
    "open_case_without_order": {"kind": "QUESTION", "text": "Do you repair teapots?", "author": "CUSTOMER"},
    "note_case": {"text": "The customer sends a photo.", "internal": True},
    "assign_case": {"owner": "finance", "due": "2030-01-15T12:00:00Z"},
    "wait_for_answer": {"for": "PARTNER", "until": "2030-01-16T12:00:00Z", "text": "The carrier searches the parcel."},
    "resume_case": {},
    "close_case": {"outcome": "REPLACED", "text": "A new teapot is on its way.", "internal": False},
    "reopen_case": {"text": "The second one is broken, too."},
    "take_case_mail": {
        "message_id": "<20300114.1@mail.example.com>",
        "from": "Ana Lima <ana@example.com>",
        "subject": "My order",
        "text": "Where is my order?",
        "headers": [{"name": "Auto-Submitted", "value": "no"}],
        "authentication_results": "mx.shop.example; dmarc=pass header.from=example.com",
    },
    "put_case_term": {"kinds": {"ADDRESS": {"team": "care", "due_hours": 2, "wait_hours": 24}}},
    "close_node": {"reason": "flood", "until": "2030-01-15T08:00:00Z"},
    "end_closure": {},
    "put_capacity": {"units": 50},
    "take_scan": {"code": "04012345000016"},
    "undo_scan": {},
    "build_pick_wave": {"node_id": "dc-1", "kind": "MULTI_LINE", "ship_by": "2030-01-15T17:00:00Z", "most": 40},
    "assign_pick_wave": {"picker_id": "ana"},
    "close_pick_wave": {},
    "put_locations": {
        "as_of": "2030-01-15T06:00:00Z",
        "rows": [
            {"sku": "TEA-001", "location": {"zone": "A", "aisle": 3, "rack": 12, "bin": "2"}},
            {"sku": "CUP-001", "location": None},
        ],
    },
    # rule sets
    "put_rule_set": {
        "name": "Stores clear what is marked down",
        "applies_to": {"category_1": ["Apparel"]},
        "rules": [
            {
                "name": "stores nearby",
                "nodes": {"types": ["STORE"], "max_km": 500},
                "optimise": {"weights": {"markdown": 300}},
                "splits": {"most": 2},
                "rest": {"then": "backorder", "cancel_after_days": 14},
            }
        ],
    },
    "activate_rule_set": {"version": 2, "starts": "2030-01-15T00:00:00Z"},
    "retire_rule_set": {"at": "2030-03-01T00:00:00Z"},
    "shadow_rule_set": {"version": 3, "until": "2030-02-01T00:00:00Z"},
    "try_rule_set": {"version": 3, "channel": "web", "day": "2026-11-22", "limit": 20},
    # clients
    "put_settings": {"locale": "pt-BR", "theme": "DARK", "density": "COMPACT", "keys": True},
    "invite_person": {
        "email": "ana@example.com",
        "name": "Ana Lima",
        "roles": ["staff"],
        "desks": ["care"],
        "channels": ["web"],
        "limits": {"appeasement": [_usd(2500)], "override_percent": 10},
        "locale": "pt-BR",
    },
    "put_person": {"name": "Bo Berg", "roles": ["worker"], "desks": ["lead"], "nodes": ["dc-east"]},
    "invite_person_again": {},
    "sign_person_out": {},
    "enrol_device": {"node_id": "dc-east", "name": "Handheld 7"},
    "make_badge": {"pin": "4711"},
    "take_stripe_event": {
        "id": "evt_1Q2w3E4r5T6y7U8i",
        "object": "event",
        "type": "refund.failed",
        "created": 1796000000,
        "data": {"object": {"id": "re_1Q2w3E4r5T6y7U8i", "object": "refund"}},
    },
    "open_badge": {
        "device_secret": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "badge": "CB-0123456789ABCDEF0123456789ABCDEF",
        "pin": "4711",
    },
    "unlock_badge": {},
    "create_client": {
        "name": "Web shop",
        "kind": "channel",
        "channels": ["web"],
        "scopes": ["orders/read", "orders/write"],
    },
}
