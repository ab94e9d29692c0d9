"""
Check a request for a reservation, turn its lines into wanted units, and write a reservation as JSON.

Called by   functions/reserve/handler.py
Returns     Problems of the request; Wanted units; the body of an answer
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from comanda.domain import views
from comanda.domain.days import days_later, utc_day
from comanda.domain.errors import Problem
from comanda.domain.reservations import reservations
from comanda.domain.reservations.allot import Wanted, sum_wanted
from comanda.domain.reservations.reservations import COMMITTED, HARD, Reservation, ReservedLine
from comanda.domain.wanted_days import FARTHEST_DAYS
from functions.reserve.contract import LineIn, ReservationIn

USUAL_SECONDS = 900

Documents = Mapping[str, Mapping[str, Any]]
Countries = frozenset[str] | None  # the countries of nodes that may keep the units; None allows all


def problems(
    lines: Sequence[LineIn], products: Documents, nodes: Documents, countries: Countries, now: datetime
) -> Iterator[Problem]:
    """Yield everything that is wrong with the lines beyond the shape of single fields."""
    for i, line in enumerate(lines):
        if line.sku not in products:
            yield _problem(f"/lines/{i}/sku", "unknown-sku", f"there is no product {line.sku}")
        if line.node_id is not None:
            yield from _wrong_node(f"/lines/{i}/node_id", line.node_id, nodes, countries)
        for j, node in enumerate(line.nodes or ()):
            yield from _wrong_node(f"/lines/{i}/nodes/{j}", node, nodes, countries)
        # In some time zones it is still the day before, but units of yesterday are sold.
        if line.ship_date is not None and line.ship_date < utc_day(now):
            yield _problem(f"/lines/{i}/ship_date", "in-the-past", f"{line.ship_date} has passed")
        last = days_later(utc_day(now), FARTHEST_DAYS)
        if line.ship_date is not None and line.ship_date > last:
            yield _problem(f"/lines/{i}/ship_date", "too-far", f"{line.ship_date} is after {last}")


def _wrong_node(pointer: str, name: str, nodes: Documents, countries: Countries) -> Iterator[Problem]:
    """Yield the problem of a node that is unknown, or lies where the channel does not sell: no order is routed there."""
    if name not in nodes:
        yield _problem(pointer, "unknown-node", f"there is no node {name}")
    elif not _within(nodes[name], countries):
        yield _problem(
            pointer, "other-country", f"{name} is in {nodes[name]['country']}, where this channel does not sell"
        )


def _within(node: Mapping[str, Any], countries: Countries) -> bool:
    return countries is None or node["country"] in countries


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)


class Part(Protocol):
    """Units at a node that keep a part of a promise; see comanda.aws.routing.promises."""

    @property
    def sku(self) -> str: ...

    @property
    def node(self) -> str: ...

    @property
    def quantity(self) -> int: ...

    @property
    def due(self) -> str | None: ...


def promise_lines(parts: Iterable[Part], now: datetime) -> list[LineIn]:
    """Return the lines that reserve the units of a promise. A due day before today becomes today."""
    today = utc_day(now)
    return [
        LineIn(
            sku=part.sku,
            node_id=part.node,
            quantity=part.quantity,
            ship_date=max(part.due, today) if part.due else None,
        )
        for part in parts
    ]


def wanted(
    lines: Sequence[LineIn], nodes: Documents, countries: Countries, method: str | None, now: datetime
) -> tuple[Wanted, ...]:
    """Return the wanted units, with equal lines summed. A node type becomes the nodes of this type that offer the method."""
    return sum_wanted(
        Wanted(
            rows=(i,),
            sku=line.sku,
            nodes=_nodes(line, nodes, countries, method),
            quantity=line.quantity,
            due=line.ship_date or utc_day(now),
        )
        for i, line in enumerate(lines)
    )


def _nodes(line: LineIn, nodes: Documents, countries: Countries, method: str | None) -> tuple[str, ...]:
    if line.node_id is not None:
        named = [line.node_id]
    elif line.nodes is not None:
        named = sorted(line.nodes)
    else:
        of_type = (name for name, node in nodes.items() if node["type"] == line.node_type and _within(node, countries))
        named = sorted(of_type)
    return tuple(name for name in named if method is None or nodes[name][method.lower()])


def content(given: ReservationIn) -> str:
    """Return the hash of the request, so that the same request_id with other content is noticed."""
    return sha256(json.dumps(given.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def reservation_json(found: Reservation, now: datetime) -> dict[str, Any]:
    """Return a reservation as the API shows it. `expires_at` of a soft one is the full five minutes at which it ends."""
    return {
        "reservation_id": found.reservation_id,
        "kind": HARD if found.state == COMMITTED else found.kind,
        "status": found.state_at(now),
        "created_at": views.time(found.created),
        "expires_at": views.time(found.expires),
        "order_id": found.order_id,
        "lines": [_line(line) for line in sorted(found.lines, key=lambda line: line.rows)],
    }


def _line(line: ReservedLine) -> dict[str, Any]:
    units: dict[str, int] = {}
    for part in line.parts:
        units[part.node] = units.get(part.node, 0) + part.quantity
    return {
        "rows": list(line.rows),
        "sku": line.sku,
        "ship_date": line.due,
        "quantity": line.wanted,
        "reserved": line.reserved,
        "missing": line.missing,
        "nodes": [{"node_id": node, "quantity": quantity} for node, quantity in units.items()],
    }


def expiry(given: ReservationIn, now: datetime) -> datetime | None:
    """Return when a soft reservation ends, or None for a hard one."""
    return None if given.kind == HARD else reservations.expiry(now, given.ttl_seconds or USUAL_SECONDS)
