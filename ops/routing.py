"""
Read the routing decisions of a deployed system for a planner, explain them in words, and make them again.

Called by   local/cli.py (`comanda routing`), ops/routing_report.py
Returns     orders with their decisions; lines to print
Raises      Unknown

Tables are read with the operator's credentials, by key and by index: the orders of a channel and a day, never a scan.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from comanda.aws.directory import carriers, directory
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes, item, unpack
from comanda.domain.evaluation import explain
from comanda.domain.lifecycle.node_work import outage
from comanda.domain.orders import document
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.order import Order
from comanda.domain.routing import record
from comanda.domain.shipping.carriers import Carrier

MOST_DAYS = 92


class Unknown(Exception):
    """The order, channel, rule set or span of days does not exist; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """An order, its routing decisions from first to last, the numbers of the fulfillments that an outage took back, and what
    carriers billed for its parcels, in minor units."""

    order: Order
    decisions: list[dict[str, Any]] = field(default_factory=list)
    taken_back: frozenset[int] = frozenset()
    bills: dict[tuple[int, str], int] = field(default_factory=dict)  # of carriers, by fulfillment and tracking number


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Two tables of a stage, and the client that reads them."""

    dynamodb: Any
    orders: str
    directory: str

    def query(self, table: str, condition: str, index: str | None = None, **values: str) -> Iterator[dict[str, Any]]:
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=item({f":{name}": value for name, value in values.items()}),
            **({"IndexName": index} if index else {}),
        )
        for page in pages:
            yield from map(attributes, page["Items"])

    def order(self, order_id: str) -> Routed:
        """Read an order with its decisions. Raises Unknown."""
        found = keys.order(order_id)
        rows = self.query(
            self.orders, "pk = :pk AND sk BETWEEN :a AND :z", pk=found["pk"], a=found["sk"], z=f"{keys.EVENTS}~"
        )
        order, decisions, taken_back, bills = None, [], set(), {}
        for row in rows:  # the order, its bills of carriers, its cases, its decisions, its events
            if row["sk"] == found["sk"]:
                order = document.to_order(unpack(row["doc"]))
            elif row["sk"].startswith(keys.BILLED):
                bills[row["fulfillment"], row["name"]] = row["amount"]
            elif row["sk"].startswith(keys.DECISIONS):
                decisions.append({"version": row["version"], **unpack(row["doc"])})
            elif (row.get("type"), row.get("actor")) == (EventType.LINE_DECLINED, outage.ACTOR):
                taken_back.add(unpack(row["data"])["fulfillment"])
        if order is None:
            raise Unknown(f"there is no order {order_id}")
        return Routed(order=order, decisions=decisions, taken_back=frozenset(taken_back), bills=bills)

    def placed(self, first: date, last: date, channel: str | None = None) -> Iterator[Routed]:
        """Yield the orders placed on these UTC days, both included, of one channel or of all. Raises Unknown."""
        if not timedelta() <= last - first < timedelta(days=MOST_DAYS):
            raise Unknown(f"the first day must not be after the last, and the days may be {MOST_DAYS} at most")
        channels = self.names(directory.CHANNEL)
        if channel is not None and channel not in channels:
            raise Unknown(f"there is no channel {channel}: {', '.join(channels)}")
        for name in [channel] if channel else channels:
            for ahead in range((last - first).days + 1):
                on = f"{first + timedelta(days=ahead):%Y%m%d}"
                for shard in range(keys.SHARDS):
                    page = self.query(self.orders, "gsi2pk = :pk", index="GSI2", pk=keys.day(name, on, shard))
                    yield from (self.order(keys.order_id_of(row)) for row in page)

    def names(self, kind: str) -> list[str]:
        found: list[str] = []
        for shard in range(keys.ENTRY_SHARDS):
            page = self.query(self.directory, "gsi1pk = :pk", index="GSI1", pk=keys.entries_page(kind, shard))
            found += [keys.plain_text(row["gsi1sk"]) for row in page]
        return sorted(found)

    def packed(self, kind: str) -> list[dict[str, Any]]:
        page = self.query(self.directory, "pk = :pk", pk=keys.pack(0, directory.PACKS[kind])["pk"])
        return [row for chunk in page for row in unpack(chunk["doc"])]

    def carriers(self, day: str) -> dict[str, Carrier]:
        """Return the carriers by id, with their rate cards of a UTC day."""
        return {
            row["id"]: carriers.carrier(row, day) for row in carriers.with_rate_cards(self.packed(directory.CARRIER))
        }

    def regions(self) -> dict[str, str]:
        """Return the regions of nodes by node id."""
        return {row["id"]: row.get("region", "") for row in self.packed(directory.NODE)}


def explain_order(routed: Routed) -> Iterator[str]:
    """Yield lines that explain each decision about an order."""
    for decision in routed.decisions:
        yield f"version {decision['version']}, {decision['at']}"
        yield from (f"  {paragraph}" for paragraph in explain.paragraphs(decision))


def replay_order(routed: Routed) -> tuple[list[str], bool]:
    """Make each choice again from its stored data. Returns lines with the results, and whether all are as decided."""
    lines: list[str] = []
    same = True
    for decision in routed.decisions:
        lines.append(f"version {decision['version']}, {decision['at']}")
        if decision.get("v") != record.VERSION:
            lines.append(f"  {explain.WITHOUT_STAGES}")
            continue
        for again, stage in zip(record.replay(decision), decision["stages"], strict=True):
            same = same and again.same
            lines.append(f"  {_choice(again, stage)}")
    return lines, same


def _choice(again: record.Replayed, stage: dict[str, Any]) -> str:
    nodes, skus = stage["stage"]["nodes"], stage["stage"]["skus"]
    sent = ", ".join(f"{pieces} {skus[i]} from {nodes[j]}" for i, j, pieces in again.result.assignment) or "nothing"
    cost = f" for {again.result.cost} micro-units" if "cost_micros" in stage else ""
    verdict = "the same" if again.same else f"DIFFERS from {stage['assignment']}"
    return f'choice {again.stage + 1}, rule "{stage["rule"]}" of {stage["rule_set"]}: {sent}{cost}: {verdict}'
