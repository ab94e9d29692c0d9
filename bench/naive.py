"""
Place an order as tutorials build it: all of Powertools, its resolver's validation, its Idempotency and Tracer, the boto3
resource, one put for each item. The figures of `import:` and `handler:` are compared with it.
"""

from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent
from pydantic import BaseModel, Field

logger = Logger()
tracer = Tracer()
metrics = Metrics()
app = APIGatewayRestResolver(enable_validation=True)
database = boto3.resource("dynamodb")
orders, customers = database.Table("Orders"), database.Table("Customers")


class Amount(BaseModel):
    amount: int = Field(ge=0)
    currency: str


class Tax(BaseModel):
    rate: str
    amount: Amount


class LineIn(BaseModel):
    line_id: str
    sku: str
    quantity: int = Field(ge=1)
    unit_price: Amount
    tax: Tax


class Charge(BaseModel):
    kind: str
    amount: Amount


class Discount(BaseModel):
    code: str
    amount: Amount


class Payment(BaseModel):
    method: str
    reference: str
    authorized: Amount


class Totals(BaseModel):
    goods: Amount
    discounts: Amount
    charges: Amount
    tax: Amount
    total: Amount


class Order(BaseModel):
    external_id: str
    channel: str
    currency: str
    locale: str
    customer: dict[str, str]
    ship_to: dict[str, Any]
    lines: list[LineIn]
    charges: list[Charge]
    discounts: list[Discount]
    payments: list[Payment]
    totals: Totals


class Placed(BaseModel):
    order_id: str
    status: str
    version: int
    lines: list[LineIn]
    totals: Totals


@app.post("/v1/orders")
@tracer.capture_method
def place_order(order: Order) -> Placed:
    goods = sum(line.quantity * line.unit_price.amount for line in order.lines)
    if goods != order.totals.goods.amount:
        raise ValueError("goods")
    doc = order.model_dump(mode="json", exclude={"customer", "ship_to"})
    doc["ship_to"] = {"country": order.ship_to["country"]}
    pk = f"O#{order.external_id}"
    orders.put_item(Item={"pk": pk, "sk": "#", **doc, "version": 1, "status": "CREATED"})
    orders.put_item(Item={"pk": pk, "sk": "E#00000001", "type": "placed", "lines": len(order.lines)})
    customers.put_item(Item={"pk": pk, "sk": "V#1", **order.customer})
    metrics.add_metric("OrdersPlaced", MetricUnit.Count, 1)
    return Placed(order_id=pk, status="CREATED", version=1, lines=order.lines, totals=order.totals)


@tracer.capture_lambda_handler
@metrics.log_metrics
@idempotent(
    persistence_store=DynamoDBPersistenceLayer(table_name="Idempotency"),
    config=IdempotencyConfig(event_key_jmespath='headers."Idempotency-Key"'),
)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
