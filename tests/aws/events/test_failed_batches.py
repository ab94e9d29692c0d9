"""Test which failed batches are found for a sweep."""

import json
from typing import Any

from comanda.aws.events import failed_batches
from comanda.aws.runtime.clients import client

ORDER = "ord_us1_01J0000000000000000000000A"
BUCKET = "comanda-test-failures"


def put(key: str, function: str | None, text: str) -> None:
    arn = {"functionArn": f"arn:aws:lambda:us-east-1:0:function:{function}"} if function else {}
    body = json.dumps({"requestContext": arn, "payload": text}).encode()
    client("s3").put_object(Bucket=BUCKET, Key=f"aws/lambda/{key}", Body=body)


def test_batches_of_conduct_and_relay_that_name_orders_are_found(aws: Any) -> None:
    client("s3").create_bucket(Bucket=BUCKET)
    put("m-1/0/1", "comanda-test-conduct", f"O#{ORDER} O#{ORDER}")
    put("m-2/0/1", "comanda-test-watch", f"B#5#{ORDER}")
    put("m-3/0/1", "comanda-test-relay", "no order")
    put("m-4/0/1", None, f"O#{ORDER}")
    put("async/comanda-test-relay/1", None, f"O#{ORDER}")
    put("async/comanda-test-inbox/1", None, f"O#{ORDER}")

    found = failed_batches.find_failed()

    assert {batch.key: batch.order_ids for batch in found} == {
        f"aws/lambda/{key}": (ORDER,) for key in ("m-1/0/1", "m-4/0/1", "async/comanda-test-relay/1")
    }
    for batch in found:
        failed_batches.delete(batch)
    assert failed_batches.find_failed() == []
