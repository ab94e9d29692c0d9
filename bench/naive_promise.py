"""
Make a promise in the usual first way: boto3's resource reads every position of every sku, as Decimals; the nearest node that
has a line ships it, and three days are added.

The figures of `promise:` are compared with it.
"""

import json
from datetime import UTC, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any

import boto3

tables: Any = boto3.resource("dynamodb")  # its types say that an attribute may be anything
stock, directory = tables.Table("Stock"), tables.Table("Directory")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    asked = json.loads(event["body"])
    pack = directory.query(KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": "PACK#nodes"})
    nodes = {row["id"]: row for item in pack["Items"] for row in json.loads(item["doc"])}
    lines = []
    for line in asked["lines"]:
        page = stock.query(
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": f"S#{line['sku']}", ":sk": "P#"},
        )
        has = [row["node"] for row in page["Items"] if row["free"] >= line["quantity"]]
        best = min(has, key=lambda node: _km(asked["to"], nodes[node]), default=None)
        deliver_on = (datetime.now(UTC) + timedelta(days=3)).date().isoformat() if best else None
        lines.append({"line_id": line["line_id"], "node_id": best, "deliver_on": deliver_on})
    return {"statusCode": 200, "body": json.dumps({"lines": lines})}


def _km(to: dict[str, Any], node: dict[str, Any]) -> float:
    lat1, lon1, lat2, lon2 = map(radians, (to["latitude"], to["longitude"], node["latitude"], node["longitude"]))
    return 12742 * asin(sqrt(sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2))
