"""Guard the start of a process: it loads nothing before its first event that `bench/imports.py` measured as slow."""

import json
import subprocess
import sys
from typing import Any

import pytest

LOOK = """
import gc, importlib, json, sys
importlib.import_module(f"functions.{sys.argv[1]}.handler")
print(json.dumps({"modules": sorted(sys.modules), "collects_after": gc.get_threshold()[0]}))
"""


def started_room(room: str) -> dict[str, Any]:
    looked = subprocess.run([sys.executable, "-c", LOOK, room], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(looked.stdout)
    return found


def test_the_intake_room_loads_nothing_that_placing_an_order_does_not_need():
    started = started_room("intake")

    late = ("boto3", "botocore.session", "comanda.domain.stock")
    assert [name for name in started["modules"] if name.startswith(late)] == []
    assert started["collects_after"] >= 100_000


@pytest.mark.parametrize("room", ["relay", "conduct", "wait", "release", "invoice"])
def test_a_room_that_saves_orders_loads_the_code_of_lanes_only_for_a_position_that_has_lanes(room: str):
    assert "comanda.aws.stock.lanes" not in started_room(room)["modules"]


def test_the_console_loads_what_makes_pages_and_opens_tokens_with_its_first_page():
    late = ("babel", "boto3", "botocore.session", "cryptography", "jinja2", "pydantic")

    assert [name for name in started_room("console")["modules"] if name.startswith(late)] == []


# What a room does not need for its usual first event, by the beginnings of names: it comes with the first event that does.
LATE = {
    "intake": ("comanda.domain.billing.invoices",),
    "promise": ("comanda.domain.orders.order", "comanda.domain.orders.line"),
    "price": ("comanda.domain.orders.order", "comanda.domain.orders.line", "highspy", "numpy"),
    "selfservice": ("comanda.domain.lifecycle.cancels.cancel", "comanda.domain.orders.hold_rules"),
    "sweep": (
        "comanda.domain.lifecycle.cancels",
        "comanda.domain.orders.hold_rules",
        "comanda.domain.orders.customer_search",
    ),
    "wave": ("comanda.domain.orders.order", "comanda.domain.routing", "highspy", "numpy"),
    "directory": ("comanda.domain.orders.order",),
}


@pytest.mark.parametrize("room", LATE)
def test_a_room_starts_without_code_that_its_usual_event_does_not_reach(room: str):
    kept = LATE[room]

    loaded = started_room(room)["modules"]

    assert [name for name in loaded for late in kept if name == late or name.startswith(f"{late}.")] == []


@pytest.mark.parametrize("room", ["intake", "directory", "fulfill", "stock", "promise"])
def test_a_room_with_a_door_loads_no_resolver_of_other_kinds_of_events(room: str):
    others = (
        "asyncio",
        "aws_lambda_powertools.event_handler.appsync",
        "aws_lambda_powertools.event_handler.bedrock_agent",
    )

    assert [name for name in started_room(room)["modules"] if name in others] == []
