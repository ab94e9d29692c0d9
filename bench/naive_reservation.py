"""
Reserve in the naive way: read the position, think, write it if its version has not changed, else begin again.

The way is cheap because of the parts that it leaves out: it has no ledger and no expiry, and it reserves one line at a time,
so half an order may be reserved. The figures of `reservation:` are compared with it.
"""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from comanda.aws.dynamodb.items import attributes, item
from comanda.aws.runtime.clients import client

TABLE = "Stock"


@dataclass
class Tries:
    """The number of writes, and of those that were refused."""

    made: int = 0
    refused: int = 0


def open_stock(sku: str, units: int) -> None:
    row = {"pk": f"NAIVE#{sku}", "sk": "P", "sku": sku, "on_hand": units, "reserved": 0, "version": 1}
    client("dynamodb").put_item(TableName=TABLE, Item=item(row))


def reserve(request_id: str, line: int, sku: str, units: int, tries: Tries) -> bool:
    """Reserve units with a fact beside the position, in one transaction. Returns whether they were reserved."""
    key = item({"pk": f"NAIVE#{sku}", "sk": "P"})
    while True:
        seen = attributes(client("dynamodb").get_item(TableName=TABLE, Key=key, ConsistentRead=True)["Item"])
        if seen["on_hand"] - seen["reserved"] < units:
            return False
        after = {**seen, "reserved": seen["reserved"] + units, "version": seen["version"] + 1}
        kept = {"pk": f"NAIVE-R#{request_id}", "sk": f"{line:04d}", "sku": sku, "units": units}
        values = {":seen": {"N": str(seen["version"])}}
        condition = {"ConditionExpression": "version = :seen", "ExpressionAttributeValues": values}
        tries.made += 1
        try:
            client("dynamodb").transact_write_items(
                TransactItems=[
                    {"Put": {"TableName": TABLE, "Item": item(after), **condition}},
                    {"Put": {"TableName": TABLE, "Item": item(kept)}},
                ]
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            tries.refused += 1
        else:
            return True
