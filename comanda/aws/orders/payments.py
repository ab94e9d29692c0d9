"""
The payments port: money operations are written first, then the provider is asked under their id, then they are done.

The provider is the recorder: it approves, and records each movement in the log. A real provider answers the same call under
the same id; nothing else changes.
"""

from typing import Any, Protocol

from aws_lambda_powertools import Logger

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item
from comanda.aws.orders import orders
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings

logger = Logger()


class Provider(Protocol):
    """Moves money. Asked twice under one id it moves it once, and answers the same."""

    def move(self, operation_id: str, operation: dict[str, Any]) -> str:
        """Carry out {"purpose", "reference", "amount", "currency"}; returns the provider's own reference."""


class Recorder:
    """Approves everything; its reference follows from the operation's id, so asking twice says the same."""

    def move(self, operation_id: str, operation: dict[str, Any]) -> str:
        reference = f"rec_{keys.digest(operation_id)[:24]}"
        moved = {name: operation[name] for name in ("purpose", "amount", "currency")}
        logger.info("money moved", extra={"operation_id": operation_id, "provider_reference": reference, **moved})
        return reference


def perform(order_id: str, provider: Provider | None = None) -> int:
    """Ask the provider for every operation of the order that is not done. Returns how many were asked.

    May run twice, or crash between: the provider is asked again under the same id.
    """
    with_whom = provider or Recorder()
    waiting = [row for row in orders.children(order_id, keys.MONEY) if row["state"] == "REQUESTED"]
    for row in waiting:
        operation_id = f"{order_id}#{row['purpose']}#{row['number']}"
        reference = with_whom.move(operation_id, row)
        client("dynamodb").update_item(
            TableName=settings.orders_table,
            Key=item(dict(keys.money(order_id, row["purpose"], row["number"]))),
            UpdateExpression="SET #state = :done, provider_reference = :reference",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=item({":done": "DONE", ":reference": reference}),
        )
    return len(waiting)
