"""A shop whose cards are moved by Stripe, and two partners: one brings Stripe's reports, the other the bank's statements."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from functions.inbox.handler import handler
from tests.functions.inbox.test_stock_files import BUCKET, as_csv, receipt
from tests.functions.pay.conftest import authorized, door, running, sdk, server, shop, stripe
from tests.functions.stock.test_snapshots import moment
from tests.functions.world import World

__all__ = ["authorized", "door", "running", "sdk", "server", "shop", "stripe"]

type Row = dict[str, Any]
PARTNERS = {"settlements": "finance", "statements": "house-bank"}


@pytest.fixture
def inbox(world: World, stripe: Any) -> World:
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for name, provider in (("finance", "stripe"), ("house-bank", "bank")):
        brings = {"provider": provider, "since": "2026-01-01", "missing_after_days": 7}
        world.entry(directory.PARTNER, name, {"name": name, "nodes": [], "settlements": brings})
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": ["vendor-1"]})
    return world


def put(world: World, content: str | bytes, kind: str, partner: str = "", name: str = "today") -> Row:
    """Put a file, and return the event of S3."""
    body = content if isinstance(content, bytes) else content.encode()
    key = f"inbox/{partner or PARTNERS[kind]}/{kind}/{name}"
    version = client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)["VersionId"]
    found = {"key": key, "version-id": version, "size": len(body)}
    return {"time": moment(world.now), "detail": {"bucket": {"name": BUCKET}, "object": found}}


def send(world: World, content: str | bytes, kind: str = "settlements", partner: str = "") -> list[Row]:
    """Put a file, have it applied, and return its receipt."""
    event = put(world, content, kind, partner)
    handler(event, None)
    return receipt(event)


def report(*rows: Row) -> str:
    return as_csv(*rows)


def a_row(payment: str, gross: str = "10.00", fee: str = "0.30", **more: Any) -> Row:
    """A row of Stripe's report, with a column that nobody reads."""
    net = f"{float(gross) - float(fee):.2f}"
    row = {"balance_transaction_id": f"txn_{uuid4().hex[:16]}", "created_utc": "2026-11-20 18:00:00", "currency": "usd"}
    row |= {"gross": gross, "fee": fee, "net": net, "reporting_category": "charge", "payment_intent_id": payment}
    return (
        row | {"automatic_payout_id": "", "trace_id": "", "source_id": "", "customer_email": "jane@example.com"} | more
    )


@pytest.fixture
def captured(inbox: World, shop: Callable[..., str]) -> Callable[..., tuple[str, str]]:
    """Return the order id and the payment of an order whose shipment was captured at Stripe."""

    def sold(quantity: int = 1) -> tuple[str, str]:
        inbox.stocked("TEA-001", dc_1=quantity)
        order_id = shop(quantity)
        inbox.settle()
        inbox.steps(order_id, "ship")
        inbox.settle()
        return order_id, inbox.order(order_id)["payments"][0]["reference"]

    return sold


def account(world: World, name: str, provider: str = "stripe") -> Row:
    """Return what is known of a payment or payout."""
    key = keys.settlement(provider, name)
    return next((row for row in world.tables()["Orders"] if row["pk"] == key["pk"]), {})


def totals(world: World, provider: str = "stripe") -> list[Row]:
    found = [row for row in world.tables()["Orders"] if row["pk"].startswith(f"RCT#{provider}#")]
    return [{name: value for name, value in row.items() if value and name not in ("pk", "sk")} for row in found]


def differences(world: World) -> list[Row]:
    return [row for row in world.tables()["Orders"] if str(row.get("gsi3pk", "")).startswith("W#reconcile#")]
