"""Make the records of the Stock table's stream: the items that were put, changed and deleted since the last call."""

from typing import Any

from comanda.aws.runtime.clients import client

READ = ("P", "B#", "AL#")  # the filter of infra/constructs/stream_reader.py


class StockStream:
    """Make records of NEW_IMAGE, numbered in the order in which the changes are found."""

    def __init__(self, at: float) -> None:
        self.known: dict[tuple[str, str], dict[str, Any]] = {}
        self.number = 0
        self.at = at  # seconds since 1970, of every record

    def records(self) -> list[dict[str, Any]]:
        now = {(row["pk"]["S"], row["sk"]["S"]): row for row in self._all_items()}
        changed = [(key, now.get(key)) for key in sorted({*now, *self.known}) if now.get(key) != self.known.get(key)]
        self.known = now
        return [
            self._record(key, image) for key, image in changed if key[0].startswith("S#") and key[1].startswith(READ)
        ]

    def _all_items(self) -> list[dict[str, Any]]:
        pages = client("dynamodb").get_paginator("scan").paginate(TableName="Stock")
        return [row for page in pages for row in page["Items"]]

    def _record(self, key: tuple[str, str], image: dict[str, Any] | None) -> dict[str, Any]:
        self.number += 1
        return {
            "eventName": "MODIFY" if image else "REMOVE",
            "dynamodb": {
                "Keys": {"pk": {"S": key[0]}, "sk": {"S": key[1]}},
                "SequenceNumber": f"{self.number:021d}",
                "ApproximateCreationDateTime": self.at,
                **({"NewImage": image} if image else {}),
            },
        }
