"""
Answer a question of availability from the positions: a query for each sku, and the sum of every node's number.

The figures of `stock:` are compared with it.
"""

import json
from collections import Counter
from typing import Any

import boto3

table: Any = boto3.resource("dynamodb").Table("Stock")  # its types say that an attribute may be anything


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    asked = json.loads(event["body"])
    items = []
    for sku in asked["skus"]:
        by_day: Counter[str] = Counter()
        page = table.query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": f"S#{sku}", ":sk": "P#"},
        )
        for row in page["Items"]:
            by_day["today"] += max(0, int(row["free"]))
            for supply in row["supplies"].values():
                by_day[supply["eta"]] += int(supply["quantity"])
        items.append({"sku": sku, "available": by_day["today"], "coming": dict(by_day)})
    return {"statusCode": 200, "body": json.dumps({"items": items})}
