"""Test that every field of the requests about drafts is used: another value makes a difference that a caller sees, or is refused."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from comanda.aws.routing import promises
from functions.drafts import contract
from functions.intake.draft_contract import DraftConfirmIn
from openapi.operations import OPERATIONS
from tests.functions.fields import Request, Row, fields_of, unused_fields
from tests.functions.test_fields_of_the_directory import at_once
from tests.functions.world import World, usd

type Doc = dict[str, Any]

MODULES = (contract.__name__, DraftConfirmIn.__module__)
PROMISE, OTHER = (f"prm_us1_01M7STV3G0D2FQG0YTJ893ZCC{end}" for end in "XZ")

_ADDRESS: Doc = {
    "name": "Ada", "line1": "12 Main St", "line2": "2nd floor", "city": "Chicago", "region": "IL", "postal_code": "60601",
    "country": "US", "latitude": 41.88, "longitude": -87.63,
}  # fmt: skip
_ADDRESS_OF_BO: Doc = {**_ADDRESS, "name": "Bo", "line1": "1 Elm St", "line2": None}
_LINE: Doc = {
    "line_id": "1", "sku": "TEA-001", "quantity": 2, "kind": "PRODUCT", "unit_price": usd(1_000), "price_reason": "as agreed",
    "tax_rate": "0.1", "discounts": [{"code": "TEA", "amount": usd(50)}],
    "fulfillment": {"method": "PICKUP", "node_id": "store-1", "service": "STANDARD", "group": "a"},
}  # fmt: skip
_GIFT: Doc = {
    **_LINE,
    "fulfillment": {"method": "SHIP"},
    "gift": {"message": "Happy birthday", "from": "Ada", "wrap": False},
}
_BUNDLE: list[Doc] = [
    {"line_id": "2a", "sku": "TEA-001", "quantity": 2, "kind": "COMPONENT", "parent_line_id": "2", "ratio": 1,
     "price_share": 400_000},
    {"line_id": "2b", "sku": "CUP-001", "quantity": 2, "kind": "COMPONENT", "parent_line_id": "2", "ratio": 1,
     "price_share": 600_000},
    {"line_id": "2", "sku": "POT-001", "quantity": 2, "kind": "BUNDLE", "unit_price": usd(900),
     "fulfillment": {"method": "PICKUP", "node_id": "store-1"}},
]  # fmt: skip
_FIELDS: Doc = {
    "customer": {"id": "77", "name": "Ada", "email": "ada@example.org", "phone": "+1 312 555 0147", "tax_id": "1-2"},
    "ship_to": _ADDRESS,
    "bill_to": _ADDRESS,
    "fulfillment": {"method": "PICKUP", "node_id": "store-1", "service": "STANDARD", "group": "b"},
    "lines": [_LINE],
    "charges": [{"kind": "shipping", "amount": usd(500), "tax_rate": "0.1"}],
    "discounts": [{"code": "ALL", "amount": usd(10)}],
    "tags": ["vip"],
    "note": "ring twice",
    "attributes": {"buyer_reference": "PO-7"},
    "prices_until": "2026-12-01T00:00:00Z",
    "promise_id": PROMISE,
    "option_id": "one",
    "reservation_id": None,
}
DRAFT: Doc = {
    **{name: value for name, value in _FIELDS.items() if value is not None},
    "channel": "web",
    "currency": "USD",
    "locale": "en-US",
    "prices_include_tax": False,
    "open_cart": True,
}
_ELSEWHERE = frozenset({"draft_id", "customer_id", "created_at", "updated_at", "links", "claim", "order_id"})


def prepared(world: World) -> None:
    """Store two promises and a reservation that drafts may name."""
    for name in (PROMISE, OTHER):
        until = (world.now + timedelta(hours=1)).isoformat()
        option = {"cost_micros": 0, "currency": "USD"}
        options = {"one": option, "two": option}
        promises.save(
            name, {"channel": "web", "owner": "office", "valid_until": until, "options": options, "recommended": "one"}
        )


def seen(world: World, status: int, body: Doc) -> Any:
    """Return what callers see of a draft and its contact, or the refusal."""
    if status >= 400:
        return status, body["errors"] or body["detail"]
    contact = world.call("GET", f"/v1/drafts/{body['draft_id']}/contact", who="office").body
    found = world.call("GET", "/v1/drafts", query={"channel": "web", "customer_id": "77"}, who="office").body["items"]
    return {name: value for name, value in body.items() if name not in _ELSEWHERE}, contact, len(found)


def created(world: World, sent: Doc) -> Any:
    prepared(world)
    reply = world.call("POST", "/v1/drafts", sent, who="office")
    return seen(world, reply.status, reply.body)


def changed(world: World, sent: Doc) -> Any:
    prepared(world)
    world.stocked("TEA-001", dc_1=5)
    before = {**DRAFT, "lines": [*_BUNDLE, {**_LINE, "line_id": "8", "quantity": 1}, {**_LINE, "line_id": "9"}]}
    draft = world.call("POST", "/v1/drafts", before, who="office").body
    path = f"/v1/drafts/{draft['draft_id']}"
    reply = world.call("PATCH", path, sent, who="office", if_match='"v1"')
    return seen(world, reply.status, reply.body)


def quoted(world: World, sent: Doc) -> Any:
    draft = world.call("POST", "/v1/drafts", {**DRAFT, "promise_id": None, "option_id": None}, who="office").body
    reply = world.call("POST", f"/v1/drafts/{draft['draft_id']}/quote", sent, who="office", if_match='"v1"')
    world.settle()
    return reply.status, reply.body["expires_at"], len(world.hops.sent)


def confirmed(world: World, sent: Doc) -> Any:
    plain = {**DRAFT, "promise_id": None, "option_id": None}
    draft = world.call("POST", "/v1/drafts", plain, who="office").body
    path = f"/v1/drafts/{draft['draft_id']}/confirm"
    reply = world.call("POST", path, sent, who="office", if_match='"v1"')
    body = reply.body
    return reply.status, body.get("errors"), body.get("external_id"), body.get("payments")


def _address(at: str) -> dict[str, Row]:
    others = {
        "name": "Bo", "line1": "1 Elm St", "line2": None, "city": "Boston", "region": "MA", "postal_code": "60602",
        "country": "BR", "latitude": 41.9, "longitude": -87.7,
    }  # fmt: skip
    return {f"{at}.{name}": Row(value) for name, value in others.items()}


def _delivery(at: str) -> dict[str, Row]:
    return {
        f"{at}.method": Row("SHIP"),
        f"{at}.node_id": Row("dc-1"),
        f"{at}.service": Row("EXPRESS"),
        f"{at}.group": Row("other"),
    }


def _lines(at: str, sent: Doc, bundle: Doc) -> dict[str, Row]:
    """Return the rows of a list of lines. `bundle` is a request whose first line is a component."""
    gift = {**sent, "promise_id": None, "option_id": None, at: [{**_GIFT, "line_id": sent[at][0]["line_id"]}]}
    given = {"gift.message": "Merry Christmas", "gift.from": "Bo", "gift.wrap": True, "ship_to": _ADDRESS_OF_BO}
    own = {
        "line_id": "5", "sku": "CUP-001", "quantity": 3, "kind": "SERVICE", "price_reason": "another", "tax_rate": "0.2",
        "unit_price.amount": 900, "unit_price.currency": "EUR", "discounts.code": "CUP", "discounts.amount.amount": 60,
        "discounts.amount.currency": "EUR",
    }  # fmt: skip
    zero = {**sent, at: [{**sent[at][0], "tax_rate": "0", "zero_rate_reason": "EXPORT"}]}
    parts = {"parent_line_id": "3", "ratio": 2, "price_share": 300_000}
    return {
        **{f"{at}.{name}": Row(value, sent=sent) for name, value in own.items()},
        **{name: Row(row.value, sent=sent) for name, row in _delivery(f"{at}.fulfillment").items()},
        f"{at}.zero_rate_reason": Row("EXEMPT", sent=zero),
        **{f"{at}.{name}": Row(value, sent=bundle) for name, value in parts.items()},
        **{f"{at}.{name}": Row(value, sent=gift) for name, value in given.items()},
    }


def _common(sent: Doc) -> dict[str, Row]:
    plain = {name: value for name, value in sent.items() if name not in ("set_lines", "remove_lines")}
    return {
        **{f"customer.{name}": Row(value) for name, value in
           {"id": "78", "name": "Bo", "email": "bo@example.org", "phone": "+1 312 555 0148", "tax_id": "1-3"}.items()},
        **_address("ship_to"),
        **_address("bill_to"),
        **{name: Row(row.value, sent={**plain, "lines": [{**_LINE, "fulfillment": None}]})
           for name, row in _delivery("fulfillment").items()},
        **_lines("lines", {**plain, "lines": [_LINE]}, {**plain, "lines": _BUNDLE}),
        "charges.kind": Row("other"),
        "charges.amount.amount": Row(600),
        "charges.amount.currency": Row("EUR"),
        "charges.tax_rate": Row("0.2"),
        "charges.zero_rate_reason": Row("EXEMPT", sent={**plain, "charges": [
            {"kind": "shipping", "amount": usd(500), "tax_rate": "0", "zero_rate_reason": "EXPORT"}
        ]}),
        "discounts.code": Row("OTHER"),
        "discounts.amount.amount": Row(20),
        "discounts.amount.currency": Row("EUR"),
        "tags": Row(["other"]),
        "note": Row("ring once"),
        "attributes": Row({"buyer_reference": "PO-8"}),
        "prices_until": Row("2026-12-02T00:00:00Z"),
        "promise_id": Row(OTHER),
        "option_id": Row("two"),
        "reservation_id": Row("rsv_us1_01M7STV3G0D2FQG0YTJ893ZCCX", "/reservation_id"),
        "open_cart": Row(False),
    }  # fmt: skip


_CHANGE: Doc = {
    **{name: value for name, value in DRAFT.items() if name in _FIELDS and name != "lines"},
    "note": "ring thrice",
    "attributes": {"buyer_reference": "PO-9"},
    "open_cart": True,
    "set_lines": [{**_LINE, "line_id": "9", "quantity": 4}],
    "remove_lines": ["8"],
}
_PAYMENT: Doc = {
    "method": "CARD", "reference": "pi_1", "authorized": usd(5_000), "captured": usd(100), "expires_at": "2026-12-01T00:00:00Z",
}  # fmt: skip
REQUESTS: Mapping[type[BaseModel], Request] = {
    contract.DraftIn: Request(
        sent=DRAFT,
        do=created,
        rows={
            **_common(DRAFT),
            "channel": Row("outlet"),
            "currency": Row("EUR"),
            "locale": Row("pt-BR"),
            "prices_include_tax": Row(True),
        },
    ),
    contract.DraftChange: Request(
        sent=_CHANGE,
        do=changed,
        rows={
            **_common(_CHANGE),
            **_lines("set_lines", _CHANGE, {**_CHANGE, "set_lines": _BUNDLE}),
            "remove_lines": Row(["7"]),
        },
    ),
    contract.QuoteIn: Request(
        sent={"valid_until": "2026-11-26T12:00:00Z", "mail": True},
        do=quoted,
        rows={"valid_until": Row("2026-11-27T12:00:00Z"), "mail": Row(False)},
    ),
    DraftConfirmIn: Request(
        sent={"external_id": "WEB-1", "payments": [_PAYMENT]},
        do=confirmed,
        rows={
            "external_id": Row("WEB-2"),
            "payments.method": Row("PIX"),
            "payments.reference": Row("pi_2"),
            "payments.code": Row("0" * 20, "/payments/0/code"),
            "payments.authorized.amount": Row(6_000),
            "payments.authorized.currency": Row("EUR"),
            "payments.captured.amount": Row(200),
            "payments.captured.currency": Row("EUR"),
            "payments.expires_at": Row("2026-12-02T00:00:00Z"),
        },
    ),
}


def test_every_request_about_drafts_has_a_table_here() -> None:
    bodies = {operation.body for operation in OPERATIONS.values() if operation.body}

    assert {body for body in bodies if body.__module__ in MODULES and body.model_fields} == REQUESTS.keys()


@pytest.mark.parametrize("model", REQUESTS, ids=lambda model: model.__name__)
def test_every_field_of_a_draft_is_used_or_refused_by_name(world: World, model: type[BaseModel]) -> None:
    request = REQUESTS[model]

    whole = frozenset({"lines.ship_to", "set_lines.ship_to"})
    assert set(fields_of(model, whole=whole)) == {*request.rows, *request.for_people}
    assert unused_fields(world, request, at_once) == []
