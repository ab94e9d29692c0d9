"""POST /v1/stock/policies: safety stock, switches, protected segments and reorder points of skus at nodes."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from comanda.aws import clock, lanes, stock_policies, transaction
from comanda.aws.callers import caller
from comanda.aws.http import Answer, read
from comanda.aws.once import Once, once
from comanda.aws.settings import settings
from comanda.aws.stock_policies import Policy
from comanda.domain.errors import Invalid
from functions.stock import known
from functions.stock.contract import Policies, PolicyRow
from functions.stock.known import Named

logger = Logger()

# The contract's words, and those of the position's item.
_ATTRIBUTES = {
    "safety": "levels",
    "protected": "protected",
    "ship": "ship",
    "pickup": "pickup",
    "reorder_point": "low",
}


def take(event: dict[str, Any]) -> Response[str]:
    who, wanted, now = caller(event), read(event, Policies), clock.now()
    named = [Named(pointer=f"/rows/{i}", sku=row.sku, node=row.node_id) for i, row in enumerate(wanted.rows)]
    problems = known.look_up(who, named).problems(named)
    if problems:
        raise Invalid(*problems)
    return once(event, who, settings.stock_table, int(now.timestamp()), lambda use: _taken(wanted, use))


def _taken(wanted: Policies, use: Once) -> Answer:
    before = use.replay()
    if before is not None:
        return before
    rows: list[dict[str, Any]] = []
    for row in wanted.rows:
        policy = Policy(sku=row.sku, node=row.node_id, said=_said(row))
        units = stock_policies.say(policy, wanted.reference, clock.now())
        said: dict[str, Any] = {"sku": row.sku, "node_id": row.node_id, "status": "APPLIED", "released": units}
        if row.lanes is not None:
            said["lanes"] = lanes.have(row.sku, row.node_id, row.lanes, clock.now())
        rows.append(said)
    answer = Answer(status=200, body={"reference": wanted.reference, "rows": rows})
    transaction.commit([use.record(answer)])
    released = sum(row["released"] for row in rows)
    logger.info("policies", extra={"reference": wanted.reference, "rows": len(rows), "released": released})
    with single_metric(name="SafetyUnitsReleased", unit=MetricUnit.Count, value=released):
        return answer


def _said(row: PolicyRow) -> dict[str, Any]:
    given = row.model_dump(mode="json", exclude_unset=True)
    said = {_ATTRIBUTES[name]: value for name, value in given.items() if name in _ATTRIBUTES}
    if said.get("levels"):
        said["levels"] = {
            method: {name: units for name, units in level.items() if units is not None}
            for method, level in said["levels"].items()
        }
    return said
