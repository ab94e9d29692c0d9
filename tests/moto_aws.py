"""
Make an AWS in this process for the handlers of rooms: moto with the six tables of infra/data_stack.py and all settings.

Each test begins with an empty one, at the same time. The tiers `functions` and `statemachines` use it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from moto import mock_aws

from comanda.aws.directory import directory
from comanda.aws.dynamodb.items import attributes, item
from comanda.aws.orders import capacity, order_links
from comanda.aws.reservations import expiry
from comanda.aws.runtime import clock, json_secret
from comanda.aws.runtime.clients import client
from tests import powertools_settings, quick_moto
from tests.builders import NOW

REGION = "us-east-1"
CELL = "us1"
INDEXES = {"Orders": 3, "Stock": 3, "Directory": 1, "Customers": 0, "Sessions": 0, "Forms": 0}
STREAMS = ("Orders", "Stock", "Directory")
# Machines are interpreted, not imitated. A test puts a function behind a Lambda, which is never a container.
MOTO = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
API = "http://api.test/live"  # its address, which mails name
SETTINGS = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "ORDERS_TABLE": "Orders",
    "STOCK_TABLE": "Stock",
    "DIRECTORY_TABLE": "Directory",
    "CUSTOMERS_TABLE": "Customers",
    "BUS_NAME": "comanda-test",
    "FIREWALL_SECRET_ARN": "comanda-test-firewall",
    "FORM_SECRETS": "comanda-test/form/",
    "FORM_KEY_ARN": "form-key",
    "LINK_KEY_ARN": "link-key",
    "GIFT_CARD_KEY_ARN": "gift-card-key",
    "PAYMENTS_SECRET_ARN": "comanda-test-payments",
    "NOTICES_SECRET_ARN": "comanda-test-notices",
    "PAY_FUNCTION": "comanda-test-pay",
    "TAXES_SECRET_ARN": "comanda-test-taxes",
    "TAXES_FUNCTION": "comanda-test-taxes",
    "NUMBER_FUNCTION": "comanda-test-number",
    "FORM_MAILS_AN_HOUR": "20",
    "FORMS_TABLE": "Forms",
    "PARAMETERS": "/comanda/test/",
    "CELL": CELL,
    "FILES_BUCKET": "comanda-test-files",
    "FAILURES_BUCKET": "comanda-test-failures",
    "DOCUMENTS_BUCKET": "comanda-test-documents",
    "ORDER_MACHINE_ARN": f"arn:aws:states:{REGION}:123456789012:stateMachine:comanda-test-order",
    "FULFILLMENT_MACHINE_ARN": f"arn:aws:states:{REGION}:123456789012:stateMachine:comanda-test-fulfillment",
    "SECRET_ARN": "comanda-test-secret",
    "CUSTOMERS_SECRET_ARN": "comanda-test-customers",
    "MAIL_REPLIES": "none",
    "MAIL_SENDER": "orders@shop.example",
    "MAIL_CONFIGURATION_SET": "comanda-test",
    "CONDUCT_FUNCTION": "comanda-test-conduct",
    "RELAY_FUNCTION": "comanda-test-relay",
    "INBOX_FUNCTION": "comanda-test-inbox",
    "DAILY_FUNCTION": "comanda-test-daily",
    "REPLENISH_FUNCTION": "comanda-test-replenish",
    "NOTIFY_FUNCTION": "comanda-test-notify",
    "ERASE_FUNCTION": "comanda-test-erase",
    "INTAKE_FUNCTION": "comanda-test-intake",
    "REROUTE_FUNCTION": "comanda-test-reroute",
    "USER_POOL_ID": "us-east-1_testing",
    "SESSIONS_TABLE": "Sessions",
}
quick_moto.install()
powertools_settings.load()


@dataclass(frozen=True, slots=True)
class Aws:
    """Reads and writes of tables from outside, for assertions. Names of tables are those of `INDEXES`."""

    def items(self, table: str, pk: str | None = None, sk: str = "") -> list[dict[str, Any]]:
        """Return the items of a table as plain values: all, or those of a partition whose sort keys begin with `sk`."""
        found = quick_moto.wire_items(table, lambda own, at: (pk is None or own == pk) and at.startswith(sk))
        return sorted(map(attributes, found), key=lambda row: (row["pk"], row["sk"]))

    def put(self, table: str, **values: Any) -> None:
        """Put an item that no rule of ours would write."""
        _outside().put_item(TableName=table, Item=item(values))


@cache
def _outside() -> Any:
    """Return a client of the tests' own: faults are injected only into the clients of the rooms."""
    return client.__wrapped__("dynamodb")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    with an_aws(monkeypatch) as made:
        yield made


@contextmanager
def an_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """Make an empty AWS with all tables and a secret. A test makes the other resources that it needs."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(order_links, "_api_address", cache(lambda: API))
    monkeypatch.setattr(clock, "now", lambda: NOW)  # links of some days read as what a test looks for in a mail
    _forget()
    with mock_aws(config=MOTO):
        as_made("aws", _create)
        yield Aws()
    _forget()


def _forget() -> None:
    """Forget what this process remembers of the tables of another test."""
    directory.forget()
    capacity.forget()
    expiry.forget()
    order_links.forget()
    json_secret.forget()


_made: dict[Any, bytes] = {}


def as_made(name: Any, make: Callable[[], None]) -> None:
    """Make tables, rows and secrets once in this process. Every later test begins with a copy of them."""
    if name in _made:
        quick_moto.back_to(_made[name])
        return
    make()
    _made[name] = quick_moto.state()


def _create() -> None:
    for name, indexes in INDEXES.items():
        _create_table(name, indexes)
    # The process keeps the secret's value, so it is the same in every test.
    client("secretsmanager").create_secret(Name=SETTINGS["SECRET_ARN"], SecretString="x" * 64)
    client("secretsmanager").create_secret(Name=SETTINGS["CUSTOMERS_SECRET_ARN"], SecretString="c" * 64)
    client("secretsmanager").create_secret(Name=SETTINGS["FORM_KEY_ARN"], SecretString="y" * 64)
    client("secretsmanager").create_secret(Name=SETTINGS["LINK_KEY_ARN"], SecretString="w" * 64)
    client("secretsmanager").create_secret(Name=SETTINGS["FIREWALL_SECRET_ARN"], SecretString="z" * 64)
    client("secretsmanager").create_secret(Name=SETTINGS["GIFT_CARD_KEY_ARN"], SecretString="g" * 64)
    client("secretsmanager").create_secret(Name=SETTINGS["NOTICES_SECRET_ARN"], SecretString="n" * 64)


def _create_table(name: str, indexes: int) -> None:
    keys = ["pk", "sk", *(f"gsi{n}{key}" for n in range(1, indexes + 1) for key in ("pk", "sk"))]
    request: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": _schema("pk", "sk"),
    }
    if indexes:
        request["GlobalSecondaryIndexes"] = [
            {
                "IndexName": f"GSI{n}",
                "KeySchema": _schema(f"gsi{n}pk", f"gsi{n}sk"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for n in range(1, indexes + 1)
        ]
    if name in STREAMS:
        request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    tables = client("dynamodb")
    tables.create_table(**request)
    tables.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})


def _schema(pk: str, sk: str) -> list[dict[str, str]]:
    return [{"AttributeName": pk, "KeyType": "HASH"}, {"AttributeName": sk, "KeyType": "RANGE"}]
