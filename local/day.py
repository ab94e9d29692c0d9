"""
Keep the state of a demonstration: its participants, its orders, and what is to happen to them.

Called by   local/demo.py, which lives through the day; local/outcome.py, which counts what came of it
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.crew import Crew, Files, Race
from ops.client import Client

Order = dict[str, Any]


@dataclass(kw_only=True)
class Day:
    """The participants of a demonstration, and what happens to which order."""

    run: str
    admin: Client
    shops: dict[str, Client]
    crews: dict[str, Crew]  # by node
    files: dict[str, Files]  # by node
    declines: set[str] = field(default_factory=set)
    shorts: set[str] = field(default_factory=set)
    race: Race | None = None
    raced: str | None = None
    orders: dict[str, str] = field(default_factory=dict)  # order id: its channel
    phone: str = ""  # what became of the cart that was finished by phone
    reviewed: dict[str, str] = field(default_factory=dict)  # order id: the decision of sales
    seconds: dict[str, float] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)  # fulfillments whose work has begun

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how many seconds a step takes."""
        began = time.monotonic()
        yield
        self.seconds[step] = time.monotonic() - began

    def views(self) -> list[Order]:
        """Return the run's orders as the API shows them now."""
        today = datetime.now(UTC)
        days = {f"{at:%Y-%m-%d}" for at in (today, today - timedelta(minutes=30))}
        return [
            order
            for channel in self.shops
            for day in days
            for order in self.admin.pages("/v1/orders", channel=channel, day=day, limit=100)
            if order["order_id"] in self.orders
        ]
