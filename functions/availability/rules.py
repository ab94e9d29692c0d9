"""
Answer about a sku from its summaries. Pure.

Called by   functions/availability/handler.py
Returns     JSON of the API; problems of a question
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from comanda.aws.stock_views.summaries import StoredSummary, SummaryKey
from comanda.domain.days import utc_day
from comanda.domain.errors import Problem
from comanda.domain.stock import availability
from comanda.domain.stock.availability import PICKUP
from functions.availability.contract import Question, WantedBundle


def summary_keys(skus: Sequence[str], methods: Sequence[str], nodes: Sequence[str]) -> list[SummaryKey]:
    """Return the (sku, method, node) of each summary that a question needs. Node None is the whole network."""
    return [
        (sku, method, node)
        for sku in skus
        for method in methods
        for node in (None, *(nodes if method == PICKUP else ()))
    ]


def problems(question: Question, nodes: Collection[str], now: datetime) -> Iterator[Problem]:
    """Yield the problems of a question that no summary can answer. `nodes` are the nodes of the question that exist."""
    for i, node in enumerate(question.node_ids):
        if node not in nodes:
            yield Problem(pointer=f"/node_ids/{i}", code="unknown-node", message=f"there is no node {node}")
    for i, bundle in enumerate(question.bundles):
        for n, part in enumerate(bundle.components):
            if part.sku not in question.skus:
                pointer, message = f"/bundles/{i}/components/{n}/sku", f"{part.sku} is not in skus: name it there too"
                yield Problem(pointer=pointer, code="not-in-skus", message=message)
    if question.date is not None and question.date < utc_day(now):
        yield Problem(pointer="/date", code="in-the-past", message=f"{question.date} has passed")


def sku_json(
    sku: str,
    methods: Sequence[str],
    nodes: Sequence[str],
    seen: Mapping[SummaryKey, StoredSummary],
    day: str,
    now: datetime,
) -> dict[str, Any]:
    """Return the units of a sku for orders that are due on this day. A sku without a summary has 0 units."""
    today = utc_day(now)

    def units(place: SummaryKey) -> int:
        return availability.units_on(seen[place].steps, day, today) if place in seen else 0

    def method_json(method: str) -> dict[str, Any]:
        summary = seen.get((sku, method, None))
        return {
            "method": method,
            "available": units((sku, method, None)),
            "dates": [{"date": on, "available": left} for on, left in (summary.steps if summary else ())],
            **(
                {"nodes": [{"node_id": node, "available": units((sku, method, node))} for node in nodes]}
                if method == PICKUP and nodes
                else {}
            ),
        }

    as_of = min((seen[key].as_of for key in summary_keys([sku], methods, ()) if key in seen), default=None)
    return {"sku": sku, "as_of": as_of, "methods": [method_json(method) for method in methods]}


def bundle_json(bundle: WantedBundle, items: Sequence[Mapping[str, Any]], methods: Sequence[str]) -> dict[str, Any]:
    """Return the sets of a bundle: for each method, day and node the least of its components' units, divided by their
    ratios. `items` are the answers for the single skus; there is no set without an answer for each component."""
    ratios: dict[str, int] = {}
    for part in bundle.components:
        ratios[part.sku] = ratios.get(part.sku, 0) + part.ratio
    found = [(item, ratios[item["sku"]]) for item in items if item["sku"] in ratios]
    known = found if len(found) == len(ratios) else []
    return {
        "sku": bundle.sku,
        "as_of": min((item["as_of"] for item, _ in known if item["as_of"]), default=None),
        "methods": [
            _sets([(item["methods"][i], ratio) for item, ratio in known], name) for i, name in enumerate(methods)
        ],
    }


def _sets(parts: Sequence[tuple[Mapping[str, Any], int]], method: str) -> dict[str, Any]:
    """Return the sets by one method, from the answers of all components for it, each with its ratio."""

    def on(day: str) -> int:
        return min(_units_by(part["dates"], day) // ratio for part, ratio in parts)

    days = sorted({row["date"] for part, _ in parts for row in part["dates"]})
    nodes = parts[0][0].get("nodes", []) if parts else []
    return {
        "method": method,
        "available": min((part["available"] // ratio for part, ratio in parts), default=0),
        "dates": [{"date": day, "available": on(day)} for day in days],
        **(
            {
                "nodes": [
                    {
                        "node_id": row["node_id"],
                        "available": min(part["nodes"][i]["available"] // ratio for part, ratio in parts),
                    }
                    for i, row in enumerate(nodes)
                ]
            }
            if nodes
            else {}
        ),
    }


def _units_by(steps: Sequence[Mapping[str, Any]], day: str) -> int:
    """Return the units of the last step until a day."""
    return next((int(row["available"]) for row in reversed(steps) if row["date"] <= day), 0)


def alert_json(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an alert of this kind from its row."""
    return {
        "kind": kind,
        "sku": row["sku"],
        "node_id": row["node"],
        "quantity": row["quantity"],
        "since": row.get("since"),  # alerts that positions raise themselves have none
    }


def demand_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node's demand with its suggestions. Rates are in units a day; the table has thousandths of units."""
    return {
        "node_id": row["node"],
        "through": row["through"],
        "pattern": row["pattern"],
        "rate": row["rate_milli"] / 1000,
        "sigma": row["sigma_milli"] / 1000,
        "safety_stock": row["safety_stock"],
        "reorder_point": row["reorder_point"],
    }
