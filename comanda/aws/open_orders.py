"""The sweeper's list: one row for every open order, sorted by when it must be looked at."""

from datetime import datetime
from typing import Any

from comanda.aws import keys
from comanda.aws.clients import client
from comanda.aws.items import item
from comanda.aws.settings import settings


def due(now: datetime | None) -> list[str]:
    """Ids of the open orders whose next look is due; of all when `now` is None."""
    found: list[str] = []
    for shard in range(keys.SHARDS):
        request: dict[str, Any] = {
            "TableName": settings.orders_table,
            "IndexName": "GSI3",
            "KeyConditionExpression": "gsi3pk = :pk" + (" AND gsi3sk < :now" if now else ""),
            "ExpressionAttributeValues": item(
                {":pk": keys.queue_page("open", shard), **({":now": keys.time(now)} if now else {})}
            ),
        }
        while True:
            page = client("dynamodb").query(**request)
            found += [row["pk"]["S"].removeprefix("O#") for row in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    return found
