"""
Make the scenes of the first events of rooms, beside those of bench/events.py: one usual event each, which does its work and is not
refused.

Called by   bench/events.py
Returns     scenes by room; doors get requests of the office
"""

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bench import sample_order, scenes, stock_events
from bench.sample_order import ORDER_ID

Scene = dict[str, Any]

SKU, NODE, CUSTOMER = "SKU-000", "node-001", f"cus_{'0a' * 16}"
_SECRET = "x" * 64
_SECRETS = {"GetSecretValue": {"SecretString": _SECRET}}
_PARTNER = "p1"


def _row(pk: str, sk: str = "#", **values: Any) -> dict[str, Any]:
    from comanda.aws.dynamodb.items import item

    return item({"pk": pk, "sk": sk, **values})


def _directory() -> dict[str, Any]:
    """Return the entries that these events read: the caller, a node and a partner beside those of an order."""
    node = {"name": "Store 1", "type": "STORE", "country": "US", "partner_id": _PARTNER, "units_per_day": 100}
    entries = {("NODE", NODE): node, ("PARTNER", _PARTNER): {"name": "Partner 1"}}
    rows = {
        f"{kind}#{name}": _row(f"{kind}#{name}", id=name, version=1, doc=json.dumps(doc))
        for (kind, name), doc in entries.items()
    }
    return {**scenes.directory_rows(), **rows, "CLIENT#shop": _row("CLIENT#shop", kind="admin")}


def office_request(
    method: str, resource: str, body: Any = None, *, query: Any = None, items: Any = None, **names: str
) -> Scene:
    """Return the scene of a request. `names` are the parts of the path that stand in braces in the resource."""
    event = scenes.gateway_event(method, resource, resource.format(**names), body)
    event |= {"pathParameters": names or None, "queryStringParameters": query}
    return {"event": event, "items": {**_directory(), **(items or {})}, "always": _SECRETS}


def _step(state: str) -> Scene:
    """Return the scene of a step of a machine, on an order whose parcel has left."""
    event = {"order_id": ORDER_ID, "fulfillment": 1, "state": state}
    items = {**_directory(), **_contact(), **sample_order.saved(sample_order.shipped())}
    answers = {"GetParameter": {"Parameter": {"Value": "https://x.test"}}, "email POST": '{"MessageId": "m"}'}
    return {"event": event, "items": items, "always": {**_SECRETS, **answers}}


def _release() -> Scene:
    event = {"order_id": ORDER_ID, "wait": "1", "state": "Release", "token": "t"}
    return {"event": event, "items": {**_directory(), **sample_order.saved(sample_order.order(routed=True))}}


def _contact() -> dict[str, Any]:
    from comanda.aws.dynamodb.items import pack

    sent = scenes.order_body("W-1")
    doc = pack({"customer": sent["customer"], "ship_to": sent["ship_to"]})
    return {f"O#{ORDER_ID} V#1": sample_order.as_answered(_row(f"O#{ORDER_ID}", "V#1", doc=doc))}


def _books() -> Scene:
    query = {"channel": "web", "day": f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"}
    return office_request("GET", "/v1/books/trial-balance", query=query)


def _cases() -> Scene:
    body = {"kind": "LATE", "text": "Where is my parcel?", "author": "CUSTOMER"}
    items = {**_contact(), **sample_order.saved(sample_order.shipped())}
    return office_request("POST", "/v1/orders/{order_id}/cases", body, items=items, order_id=ORDER_ID)


def _customers() -> Scene:
    items = {**_contact(), **sample_order.saved(sample_order.shipped())}
    scene = office_request("GET", "/v1/customers/{customer_id}", items=items, customer_id=CUSTOMER)
    return {**scene, "pages": {f"C#{CUSTOMER}": [_row(f"C#{CUSTOMER}", f"O#{ORDER_ID}", channel="web")]}}


def _erase() -> Scene:
    """Return the scene of an erasure of a customer with one draft, and no order."""
    scene = office_request("DELETE", "/v1/customers/{customer_id}", customer_id=CUSTOMER)
    return {**scene, "pages": {f"C#{CUSTOMER}": [_row(f"C#{CUSTOMER}", f"O#{ORDER_ID}", channel="web")]}}


def _documents() -> Scene:
    resource, invoice_id = "/v1/invoices/{invoice_id}", f"{ORDER_ID.replace('ord', 'inv')}-001"
    return office_request("GET", resource, items=_invoiced(), invoice_id=invoice_id)


def _credit() -> Scene:
    """Return the scene of the preview of a credit note."""
    body = {"invoice_id": f"{ORDER_ID.replace('ord', 'inv')}-001", "credit": "ALL", "reason": "late", "preview": True}
    return office_request("POST", "/v1/orders/{order_id}/credit-notes", body, items=_invoiced(), order_id=ORDER_ID)


def _gift_card() -> Scene:
    """Return the scene of a gift card that the office issues."""
    body = {"channel": "web", "amount": {"amount": 50_00, "currency": "USD"}, "reason": "given at the fair"}
    return office_request("POST", "/v1/gift-cards", body)


def _number() -> Scene:
    """Return the scene of an invoice that has no number yet."""
    invoice = f"O#{ORDER_ID} I#001"
    detail = {"data": {"invoice": f"{ORDER_ID.replace('ord', 'inv')}-001"}}
    return {
        "event": {"Records": [{"body": json.dumps({"detail": detail})}]},
        "items": {invoice: _invoiced(numbered=False)[invoice]},
        "always": {"PutEvents": {"FailedEntryCount": 0}},
    }


def _credit_account() -> Scene:
    """Return the scene of a customer who may order on account."""
    limit = {"amount": 5_000_00, "currency": "USD"}
    body = {
        "channel": "web",
        "customer_id": "c-17",
        "limit": limit,
        "payment_days": 30,
        "reason": "always paid in time",
    }
    return office_request("POST", "/v1/credit-accounts", body)


def _invoiced(*, numbered: bool = True) -> dict[str, Any]:
    """Return the rows of an order that is invoiced, and of its invoice, which has a number or waits for one."""
    from comanda.aws.dynamodb.items import pack
    from comanda.domain import invoice_view
    from functions.invoice.rules import bill

    billed = bill(sample_order.shipped(), 1, datetime.now(UTC))
    assert billed is not None
    decision, made = billed
    row = _row(
        f"O#{ORDER_ID}", "I#001", series=NODE, doc=pack(invoice_view.shown(made)), **({"number": 7} if numbered else {})
    )
    return {**sample_order.saved(decision.saved), f"O#{ORDER_ID} I#001": sample_order.as_answered(row)}


def _stock() -> Scene:
    rows = [{"sku": SKU, "node_id": NODE, "quantity": 5}]
    return office_request("POST", "/v1/stock/adjustments", {"adjustment_id": "a-{n}", "reason": "found", "rows": rows})


def _reserve() -> Scene:
    lines = [{"sku": SKU, "quantity": 1, "node_id": NODE}]
    scene = office_request("POST", "/v1/reservations", {"request_id": "r-{n}", "lines": lines})
    scene["items"][f"S#{SKU}"] = stock_events.position(SKU, 1)
    return scene


def _directory_entry() -> Scene:
    body = {"title": "Thing", "weight_g": 100, "class": "things"}
    return office_request("PUT", "/v1/products/{id}", body, id="NEW")


def _people() -> Scene:
    scene = office_request("GET", "/v1/people")
    return {**scene, "always": {**_SECRETS, "ListUsers": {"Users": []}}}


def _planning() -> Scene:
    body = {"name": "Near first", "rules": [{"name": "near", "rank": ["distance", "cost"]}]}
    return office_request("PUT", "/v1/rule-sets/{id}", body, id="stores")


def _outages() -> Scene:
    return office_request("POST", "/v1/nodes/{id}/closures", {"reason": "inventory"}, id=NODE)


def _order_form() -> Scene:
    """Return the scene of a first look at a channel's form, with what the API answers about the channel."""
    form = {
        "enabled": True,
        "currency": "USD",
        "countries": ["US"],
        "tax_rate": "0.08",
        "titles": {"en": "Order"},
        "shipping": {"STANDARD": {"amount": 500, "currency": "USD"}},
    }
    entry = {"id": "web", "name": "Shop", "order_form": form}
    secret = {"SecretString": json.dumps({"client_id": "form", "client_secret": "s"})}
    scene = office_request("GET", "/o/{channel}", channel="web")
    addresses = {"GetParameter": {"Parameter": {"Value": "https://x.test"}}}
    answers = {"/oauth2/token": {"access_token": "t", "expires_in": 3600}, "/v1/channels/web": entry}
    return {**scene, "always": {"GetSecretValue": secret, **addresses}, "api": answers}


def _selfservice() -> Scene:
    from comanda.domain.orders import order_link
    from comanda.domain.orders.order_link import Key

    link = order_link.link(ORDER_ID, 1, datetime.now(UTC).date())
    token = order_link.write(link, Key(_SECRET.encode()))
    items = {**_contact(), **sample_order.saved(sample_order.shipped())}
    return office_request("GET", "/v1/s/{token}", items=items, token=token)


def _inbox() -> Scene:
    """Return the scene of a file with one count of stock."""
    text = f"reference,sku,node,mode,quantity,counted_at\nc-1,{SKU},{NODE},count,5,{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n"
    file = {"key": f"inbox/{_PARTNER}/stock/count.csv", "version-id": "v1"}
    event = {"time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "detail": {"object": file}}
    return {"event": event, "items": _directory(), "always": {**_SECRETS, "s3 GET": text}}


def _position_change(*, nobody_waits: bool = False) -> Scene:
    image = stock_events.position(SKU, 1)
    keys = {name: image[name] for name in ("pk", "sk")}
    record = {"eventName": "MODIFY", "dynamodb": {"Keys": keys, "NewImage": image, "OldImage": image}}
    return {
        "event": {"Records": [record]},
        "items": _directory(),
        "pages": {} if nobody_waits else {f"S#{SKU}": [image]},
    }


def _daily() -> Scene:
    event = {"skus": [SKU], "day": f"{datetime.now(UTC):%Y-%m-%d}"}
    return {"event": event, "items": _directory(), "pages": {f"S#{SKU}": [stock_events.position(SKU, 1)]}}


def _notices() -> Scene:
    """Return the scene of a signed notice of Stripe's that the payment of an order was authorised."""
    now = int(datetime.now(UTC).timestamp())
    payment = {"object": "payment_intent", "id": "pi_1", "currency": "usd", "amount": 2_000, "metadata": {}}
    notice = {
        "id": "evt_1",
        "created": now,
        "type": "payment_intent.amount_capturable_updated",
        "data": {"object": payment},
    }
    event = scenes.gateway_event("POST", "/v1/providers/stripe/events", "/v1/providers/stripe/events", notice)
    proof = hmac.digest(_SECRET.encode(), f"{now}.{event['body']}".encode(), "sha256").hex()
    event["headers"]["Stripe-Signature"] = f"t={now},v1={proof}"
    secret = json.dumps({"stripe": {"webhook_secrets": [_SECRET]}})
    items = {"PAY#stripe#pi_1": _row("PAY#stripe#pi_1", order_id=ORDER_ID)}
    return {"event": event, "items": items, "always": {"GetSecretValue": {"SecretString": secret}}}


def _pay() -> Scene:
    """Return the scene of an order that has left, whose money the shop itself moves."""
    return {"event": {"orders": [ORDER_ID]}, "items": sample_order.saved(sample_order.shipped())}


def _taxes() -> Scene:
    """Return the scene of a question about taxes to a stage without an account at a service."""
    to = {"country": "US", "region": "IL", "postal_code": "60601", "city": "", "line1": ""}
    question = {
        "company": "TEA",
        "customer": "guest",
        "day": "2026-11-30",
        "currency": "USD",
        "included": False,
        "origin": None,
        "rows": [{"amount": 1_000, "to": to, "code": ""}],
    }
    return {"event": {"service": "avalara", "question": question}, "always": {"GetSecretValue": {"SecretString": "{}"}}}


def _on_schedule() -> Scene:
    """Return the scene of a call by a schedule, when there is nothing to do. The books of the channel are open since today."""
    now = datetime.now(UTC)
    books = _row("TB#web", first_open=f"{now:%Y-%m-%d}", as_of=now.isoformat())
    listed = {"CHANNEL#0": [_row("CHANNEL#web", gsi1sk="web")]}
    items = {**_directory(), "TB#web #": books}
    return {"event": {}, "items": items, "pages": listed, "always": {"s3 GET": "<ListBucketResult/>"}}


SCENES: Mapping[str, Callable[[], Scene]] = {
    "availability": partial(stock_events.scene_of, 10),
    "books": _books,
    "cases": _cases,
    "credit": _credit,
    "credit_accounts": _credit_account,
    "customers": _customers,
    "daily": _daily,
    "directory": _directory_entry,
    "documents": _documents,
    "erase": _erase,
    "gift_cards": _gift_card,
    "inbox": _inbox,
    "invoice": partial(_step, "Invoice"),
    "notices": _notices,
    "notify": partial(_step, "Notify"),
    "number": _number,
    "order_form": _order_form,
    "outages": _outages,
    "pay": _pay,
    "people": _people,
    "planning": _planning,
    "price": _on_schedule,
    "release": _release,
    "replenish": partial(_position_change, nobody_waits=True),
    "reroute": lambda: {"event": {"nodes": [NODE]}, "items": _directory()},
    "reserve": _reserve,
    "selfservice": _selfservice,
    "stock": _stock,
    "sweep": _on_schedule,
    "tally": _on_schedule,
    "taxes": _taxes,
    "watch": _position_change,
    "wave": _on_schedule,
}
