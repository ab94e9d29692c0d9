"""What is said of a sku, from its summaries."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from comanda.aws.stock_views.summaries import Place, Seen
from comanda.domain.days import utc_day
from comanda.domain.errors import Problem
from comanda.domain.stock import availability
from comanda.domain.stock.availability import PICKUP
from functions.availability.contract import Question


def places(skus: Sequence[str], methods: Sequence[str], nodes: Sequence[str]) -> list[Place]:
    """The summaries that a question needs."""
    return [
        (sku, method, node)
        for sku in skus
        for method in methods
        for node in (None, *(nodes if method == PICKUP else ()))
    ]


def problems(asked: Question, nodes: Collection[str], now: datetime) -> Iterator[Problem]:
    """What no summary can answer. `nodes`: those of the question that are there."""
    for i, node in enumerate(asked.node_ids):
        if node not in nodes:
            yield Problem(pointer=f"/node_ids/{i}", code="unknown-node", message=f"there is no node {node}")
    if asked.date is not None and asked.date < utc_day(now):
        yield Problem(pointer="/date", code="in-the-past", message=f"{asked.date} has passed")


def said(
    sku: str, methods: Sequence[str], nodes: Sequence[str], seen: Mapping[Place, Seen], day: str, now: datetime
) -> dict[str, Any]:
    """Units for orders due on a day; what no node was ever said to have is none."""
    today = utc_day(now)

    def units(place: Place) -> int:
        return availability.units_on(seen[place].steps, day, today) if place in seen else 0

    def of_method(method: str) -> dict[str, Any]:
        at = seen.get((sku, method, None))
        return {
            "method": method,
            "available": units((sku, method, None)),
            "dates": [{"date": on, "available": left} for on, left in (at.steps if at else ())],
            **(
                {"nodes": [{"node_id": node, "available": units((sku, method, node))} for node in nodes]}
                if method == PICKUP and nodes
                else {}
            ),
        }

    as_of = min((seen[place].as_of for place in places([sku], methods, ()) if place in seen), default=None)
    return {"sku": sku, "as_of": as_of, "methods": [of_method(method) for method in methods]}


def alert(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "sku": row["sku"],
        "node_id": row["node"],
        "quantity": row["quantity"],
        "since": row.get("since"),  # those of the stock itself do not say
    }


def suggested(row: Mapping[str, Any]) -> dict[str, Any]:
    """Rates in units a day; tables keep thousandths of them."""
    return {
        "node_id": row["node"],
        "through": row["through"],
        "pattern": row["pattern"],
        "rate": row["rate_milli"] / 1000,
        "sigma": row["sigma_milli"] / 1000,
        "safety_stock": row["safety_stock"],
        "reorder_point": row["reorder_point"],
    }
