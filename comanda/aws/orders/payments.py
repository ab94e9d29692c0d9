"""
Carry out the money operations of which the shop moves the money itself: report each under its id, then note it as done.

Called by   functions/invoice, for what it has decided; functions/pay, for what other rooms have decided
Returns     the number of operations that were carried out

`Recorder` approves each movement and logs it: the shop itself moves the money. Operations of payment providers are the work of
the room pay: `comanda.aws.orders.payment_movements`.
"""

from typing import Any, Protocol

from aws_lambda_powertools import Logger

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item
from comanda.aws.orders import orders
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain.orders.tender import REFERENCE

logger = Logger()


class MoneyMover(Protocol):
    """Moves money once for each operation id, and gives the same answer to a repeated call."""

    def move(self, operation_id: str, operation: dict[str, Any]) -> str:
        """Carry out {"purpose", "reference", "amount", "currency"}, and return the mover's own reference."""


class Recorder:
    """Approves every operation. Its reference is made of the operation's id, so a repeated call has the same answer."""

    def move(self, operation_id: str, operation: dict[str, Any]) -> str:
        reference = f"rec_{keys.digest(operation_id)[:24]}"
        moved = {name: operation[name] for name in ("purpose", "amount", "currency")}
        logger.info("money moved", extra={"operation_id": operation_id, "provider_reference": reference, **moved})
        return reference


def perform(order_id: str, mover: MoneyMover | None = None) -> int:
    """Do every operation of the order that the shop does itself and that is not done, and return their number.

    After a crash in between, the money is moved again under the same id, which changes nothing.
    """
    mover = mover or Recorder()
    waiting = [row for row in orders.children(order_id, keys.MONEY) if _is_of_shop(row)]
    for row in waiting:
        operation_id = f"{order_id}#{row['purpose']}#{row['number']}"
        reference = mover.move(operation_id, row)
        client("dynamodb").update_item(
            TableName=settings.orders_table,
            Key=item(dict(keys.money(order_id, row["purpose"], row["number"]))),
            UpdateExpression="SET #state = :done, provider_reference = :reference REMOVE gsi3pk, gsi3sk",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=item({":done": "DONE", ":reference": reference}),
        )
    return len(waiting)


def _is_of_shop(row: dict[str, Any]) -> bool:
    """Return True for an operation of the shop that is not done. REQUESTED is WRITTEN in rows of the past."""
    return row.get("provider", REFERENCE) == REFERENCE and row["state"] in ("REQUESTED", "WRITTEN")
