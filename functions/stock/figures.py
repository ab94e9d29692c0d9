"""
Answer GET /v1/stock/kpis: expedited units of a month, and safety stock that was released without loss of fill rate.

Called by   functions/stock/handler.py
Returns     the figures of a UTC month
Raises      Invalid for a text that is no month
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer, query, respond
from comanda.aws.api.query_dates import utc_month
from comanda.aws.api.resolver import Response
from comanda.aws.runtime import clock
from comanda.aws.stock_updates import stock_facts
from comanda.aws.stock_updates.stock_facts import EXPEDITED, SAFETY
from comanda.domain.evaluation import service_level
from comanda.domain.evaluation.service_level import SPAN, ServiceLevel

type Fact = dict[str, Any]


def show(event: dict[str, Any]) -> Response[str]:
    """Answer with the figures of a month, by default the present one."""
    caller(event)
    now = clock.now()
    month = query(event).get("month") or f"{now:%Y-%m}"
    days = _days(month)
    body = {
        "month": month,
        "expedited": _expedited(stock_facts.find_by_days(days, EXPEDITED)),
        "safety_released": _released(stock_facts.find_by_days(days, SAFETY), now),
    }
    return respond(Answer(status=200, body=body))


def _days(month: str) -> list[str]:
    """Return the UTC days of a month. Raises Invalid."""
    first = utc_month(month)
    days = (first + timedelta(days=n) for n in range(31))
    return [day.isoformat() for day in days if day.month == first.month]


def _expedited(facts: Iterable[Fact]) -> dict[str, Any]:
    """Sum the expedited units. `costs` has only known costs: a node that upgrades a parcel does not send its cost."""
    listed = list(facts)
    costs: Counter[str] = Counter()
    for fact in listed:
        if "cost" in fact:
            costs[fact["currency"]] += fact["cost"]
    return {
        "count": len(listed),
        "without_cost": sum("cost" not in fact for fact in listed),
        "costs": [{"amount": amount, "currency": currency} for currency, amount in sorted(costs.items())],
        "causes": dict(sorted(Counter(fact["cause"] for fact in listed).items())),
        "kinds": dict(sorted(Counter(fact["what"] for fact in listed).items())),
    }


def _released(facts: Iterable[Fact], now: datetime) -> dict[str, Any]:
    units = {None: 0, False: 0, True: 0}
    rows = []
    for fact in facts:
        at = datetime.fromisoformat(fact["at"])
        before = ServiceLevel(shipped=fact["shipped"], not_found=fact["not_found"], waiting=fact["waiting"])
        after = stock_facts.measure_service(fact["sku"], fact["node"], at, min(now, at + SPAN))
        lost = service_level.is_worse(before, after)
        units[lost] += fact["released"]
        rows.append(
            {
                "sku": fact["sku"],
                "node_id": fact["node"],
                "at": clock.text(at),
                "released": fact["released"],
                "fill_permille_before": before.fill_permille,
                "fill_permille_after": after.fill_permille,
            }
        )
    return {
        "units": sum(units.values()),
        "without_loss": units[False],
        "with_loss": units[True],
        "not_measured": units[None],
        "span_days": SPAN.days,
        "rows": rows,
    }
