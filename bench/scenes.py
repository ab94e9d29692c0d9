"""Make the parts of scenes: a 10-line order as the gateway delivers it, and the tables' answers around it."""

import json
import os
from typing import Any

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "ORDERS_TABLE": "Orders",
    "STOCK_TABLE": "Stock",
    "DIRECTORY_TABLE": "Directory",
    "CUSTOMERS_TABLE": "Customers",
    "BUS_NAME": "bus",
    "CELL": "us1",
    "SECRET_ARN": "secret",
    "CUSTOMERS_SECRET_ARN": "customers",
    "FILES_BUCKET": "files",
    "FAILURES_BUCKET": "failures",
    "DOCUMENTS_BUCKET": "documents",
    "MAIL_SENDER": "orders@example.com",
    "MAIL_REPLIES": "",
    "MAIL_CONFIGURATION_SET": "mails",
    "ORDER_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:order",
    "FULFILLMENT_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:fulfillment",
    "CONDUCT_FUNCTION": "conduct",
    "RELAY_FUNCTION": "relay",
    "DAILY_FUNCTION": "daily",
    "REROUTE_FUNCTION": "reroute",
    "REPLENISH_FUNCTION": "replenish",
    "INBOX_FUNCTION": "inbox",
    "ERASE_FUNCTION": "erase",
    "NOTIFY_FUNCTION": "notify",
    "INTAKE_FUNCTION": "intake",
    "PAY_FUNCTION": "pay",
    "NUMBER_FUNCTION": "number",
    "PAYMENTS_SECRET_ARN": "payments",
    "NOTICES_SECRET_ARN": "notices",
    "TAXES_SECRET_ARN": "taxes",
    "TAXES_FUNCTION": "taxes",
    "USER_POOL_ID": "us-east-1_bench",
    "SESSIONS_TABLE": "sessions",
    "PARAMETERS": "/comanda/bench/",
    "FIREWALL_SECRET_ARN": "firewall",
    "FORMS_TABLE": "forms",
    "FORM_KEY_ARN": "form-key",
    "FORM_SECRETS": "comanda/bench/forms/",
    "FORM_MAILS_AN_HOUR": "100",
    "GIFT_CARD_KEY_ARN": "gift-card-key",
    "LINK_KEY_ARN": "link-key",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "POWERTOOLS_METRICS_NAMESPACE": "Comanda",
    "POWERTOOLS_LOG_LEVEL": "WARNING",
}
LINES = 10


def set_environment() -> None:
    os.environ.update(ENVIRONMENT)


def order_body(external_id: str, lines: int = LINES) -> dict[str, Any]:
    """Return an order of `lines` lines of 2 units at 12.99 with tax, shipping and a header discount. Its totals are right."""

    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": "USD"}

    goods, tax = 2598 * lines, 214 * lines
    total = goods - 500 + 799 + tax
    return {
        "external_id": external_id,
        "channel": "web",
        "currency": "USD",
        "locale": "en-US",
        "customer": {"name": "Ada Example", "email": "ada@example.com"},
        "ship_to": {
            "name": "Ada Example",
            "line1": "1 Example Street",
            "city": "New York",
            "region": "NY",
            "postal_code": "10001",
            "country": "US",
            "latitude": 40.7,
            "longitude": -74.0,
        },
        "lines": [
            {
                "line_id": str(n),
                "sku": f"SKU-{n:03d}",
                "quantity": 2,
                "unit_price": money(1299),
                "tax": {"rate": "0.0825", "amount": money(214)},
            }
            for n in range(lines)
        ],
        "charges": [{"kind": "SHIPPING", "amount": money(799)}],
        "discounts": [{"code": "WELCOME", "amount": money(500)}],
        "payments": [{"method": "CARD", "reference": "tok_1", "authorized": money(total)}],
        "totals": {
            "goods": money(goods),
            "discounts": money(500),
            "charges": money(799),
            "tax": money(tax),
            "total": money(total),
        },
    }


def gateway_event(method: str, resource: str, path: str, body: Any = None, key: str = "key-{n}") -> dict[str, Any]:
    """Return a request as a REST API delivers it, from the client `shop`. `{n}` is replaced in each."""
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json", "Idempotency-Key": key},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": "r",
            "authorizer": {"claims": {"client_id": "shop", "scope": "orders/write orders/read"}},
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def place_event() -> dict[str, Any]:
    return gateway_event("POST", "/v1/orders", "/v1/orders", order_body("W-{n}"))


def hold_type_names(count: int) -> list[str]:
    return ["SALES_REVIEW", *(f"RULE-{n:02d}" for n in range(1, count))]


def _hold_rule(n: int) -> dict[str, Any]:
    """Return the rule of a hold type that is true of no order here: each kind of condition, and two scores."""
    conditions: tuple[dict[str, Any], ...] = (
        {"skus": ["NONE-1", "NONE-2"]},
        {"classes": ["alcohol", "tobacco"]},
        {"countries": ["BR", "MX"]},
        {"payment_methods": ["PIX"]},
        {"tags": ["vip"], "channels": ["web"]},
        {"units_at_least": 5_000, "lines_at_least": 3},
        {"precisions": ["NOWHERE"]},
        {"addresses_differ": True},
        {"velocity": {"per": "EMAIL", "hours": 24, "orders_at_least": 9}},
        {"first_order": False},
    )
    if n % 10 == 9:
        rules = [{"id": f"r{i}", "points": 10, "when": when} for i, when in enumerate(conditions[:8])]
        return {"score": {"at_least": 60, "rules": rules}}
    return {"applies_when": conditions[n % 10]}


def directory_rows(hold_types: int = 1) -> dict[str, dict[str, Any]]:
    """Return pk -> item of the Directory entries that placing an order reads, with so many types of holds."""
    rows: dict[str, dict[str, Any]] = {}

    def entry(kind: str, name: str, doc: dict[str, Any]) -> None:
        rows[f"{kind}#{name}"] = {
            "pk": {"S": f"{kind}#{name}"},
            "sk": {"S": "#"},
            "id": {"S": name},
            "doc": {"S": json.dumps(doc)},
        }

    for n in range(LINES):
        entry("PRODUCT", f"SKU-{n:03d}", {"title": f"Product {n}", "weight_g": 300, "class": "grocery"})
    entry("CHANNEL", "web", {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]})
    review = {"total_at_least": {"amount": 10_000_000, "currency": "USD"}}
    doc = {"blocks": ["schedule"], "reason": "value", "queue": "sales-review", "applies_when": review}
    entry("HOLDTYPE", "SALES_REVIEW", doc)
    for n, name in enumerate(hold_type_names(hold_types)[1:]):
        entry("HOLDTYPE", name, {"blocks": ["schedule"], "reason": "rule", "queue": "holds", **_hold_rule(n)})
    rows["CLIENT#shop"] = {
        "pk": {"S": "CLIENT#shop"},
        "sk": {"S": "#"},
        "kind": {"S": "channel"},
        "channels": {"L": [{"S": "web"}]},
    }
    return rows
