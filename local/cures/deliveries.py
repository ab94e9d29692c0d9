"""
Correct how events of machines, streams and buckets reach functions, and what happens to events that fail.

Called by   local/cures/__init__.py
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ministack.services import dynamodb, eventbridge, lambda_svc, s3, stepfunctions

from local.cures.shape import Uncured, source_has

Result = dict[str, Any]
Record = dict[str, Any]
ACTIVE_SECONDS = 0.2  # between two reads of the streams while readers work: AWS reads four times a second
SHARD = "shardId-00000000000000000000-00000000"


def a_failed_parking_fails_its_task() -> None:
    """
    Upstream ignores an error of the function under `.waitForTaskToken` and waits for ever. On AWS the error fails the
    task, so the state's Retry and Catch see it.
    """
    parking, call = stepfunctions._invoke_with_callback, stepfunctions._call_lambda
    source_has(parking, "except _ExecutionError:\n            pass", "_task_tokens[token] = {", 'info.get("error")')
    current = threading.local()

    def invoke_with_callback(resource: str, input_data: Any, token: str, state_def: dict[str, Any]) -> Any:
        current.token = token
        try:
            return parking(resource, input_data, token, state_def)
        finally:
            current.token = None

    def call_lambda(func_ref: Any, event: Any) -> Any:
        token = getattr(current, "token", None)
        try:
            return call(func_ref, event)
        except stepfunctions._ExecutionError as failed:
            waiting = stepfunctions._task_tokens.get(token) if token else None
            if waiting is not None and not waiting["event"].is_set():
                waiting["error"] = {"Error": failed.error, "Cause": failed.cause}
                waiting["event"].set()
            raise

    stepfunctions._invoke_with_callback = invoke_with_callback
    stepfunctions._call_lambda = call_lambda


def stream_readers_start_where_the_stream_does() -> None:
    """
    Upstream restores the positions of stream readers, but not the streams: after a restart readers wait far beyond
    the end. Here readers start with the new, empty stream. The sweeper repeats records that were not delivered before.
    """
    source_has(lambda_svc._restore_state, "_restore_esm_positions(_dynamodb_stream_positions")

    def restore(store: Any, positions: Any) -> None:
        for key in getattr(positions, "_data", {}):
            store._data[key] = 0

    if not hasattr(lambda_svc._dynamodb_stream_positions, "_data"):
        raise Uncured("positions are no longer kept in a scoped dictionary")
    lambda_svc._restore_esm_positions = restore


def stream_readers_do_not_wait_for_each_other() -> None:
    """
    Upstream lets all readers of all streams take turns in one thread: while one works for a minute, no other gets a
    record. On AWS, and here, each reader reads its stream by itself. Each still has one batch at a time.
    """
    poll, readers = lambda_svc._poll_dynamodb_streams, lambda_svc._iter_all_esms
    source_has(poll, "for acct_id, region, esm in _iter_all_esms():", "_request_account_id.set(acct_id)")
    source_has(lambda_svc._poll_loop, "_esm_wake.wait(", "processed = _poll_dynamodb_streams() or processed")
    mine, guard = threading.local(), threading.Lock()
    busy: set[str] = set()

    def of_this_thread() -> Iterator[tuple[str, str, Record]]:
        only = getattr(mine, "reader", None)
        return (one for one in readers() if only is None or one[2]["UUID"] == only)

    def read(reader: str) -> None:
        mine.reader = reader
        try:
            while poll():
                pass
        finally:
            with guard:
                busy.discard(reader)

    def poll_side_by_side() -> bool:
        for _, _, esm in readers():
            reader = esm["UUID"]
            with guard:
                if reader in busy or ":dynamodb:" not in esm.get("EventSourceArn", "") or not _has_more(esm):
                    continue
                busy.add(reader)
            threading.Thread(target=read, args=(reader,), daemon=True, name=f"reader-{esm['FunctionName']}").start()
        if busy:
            time.sleep(ACTIVE_SECONDS)
        return bool(busy)  # True: the next pass is at once; False: in a second

    lambda_svc._iter_all_esms = of_this_thread
    lambda_svc._poll_dynamodb_streams = poll_side_by_side


def _has_more(esm: Record) -> bool:
    """Return whether the stream has records that this reader has not seen, and the reader's pause after a failure is over."""
    table = esm["EventSourceArn"].split("/stream/")[0].rpartition("/")[2]
    end = dynamodb.stream_end_position(table)
    seen = lambda_svc._dynamodb_stream_positions.get(esm["UUID"])
    begin = dynamodb.stream_start_position(table) if seen is None else seen
    return bool(end != begin and lambda_svc._esm_backoff_until.get(esm["UUID"], 0) <= time.time())


def poisoned_records_are_set_aside() -> None:
    """
    Upstream retries a failing stream batch as a whole until it is too old; it neither bisects nor counts attempts, and
    knows no S3 failure destination. On AWS one poisoned record ends up in the bucket and its neighbours are delivered.
    """
    execute, send = lambda_svc._execute_function, lambda_svc._send_ddb_stream_failure_record
    source_has(lambda_svc._poll_dynamodb_streams, "result = _execute_function(func_rec, event)")
    source_has(send, 'if spec.service == "sqs":', '"DDBStreamBatchInfo"')

    def execute_or_deliver(func: Record, event: Any) -> Result:
        mapping = _mapping_of(func, event)
        if mapping is None:
            return execute(func, event)  # type: ignore[no-any-return]  # ministack has no types
        return Delivery(execute, func, mapping).deliver(event["Records"])

    def set_aside(
        mapping: Record, func: Record, batch: list[Record], stream: str, result: Result, condition: str
    ) -> None:
        target = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination", "")
        if target.startswith("arn:aws:s3:::"):
            to_bucket(target.removeprefix("arn:aws:s3:::"), mapping, func, batch, result, condition)
        else:
            send(mapping, func, batch, stream, result, condition)

    lambda_svc._execute_function = execute_or_deliver
    lambda_svc._send_ddb_stream_failure_record = set_aside


def _mapping_of(func: Record, event: Any) -> Record | None:
    """Return the reader of a table's stream that brings this event, or None for any other event."""
    records = event.get("Records") if isinstance(event, dict) else None
    first = records[0] if records else None
    if not isinstance(first, dict) or first.get("eventSource") != "aws:dynamodb":
        return None
    name = (func.get("config") or func).get("FunctionName")
    readers = lambda_svc._esms.values()
    return next(
        (one for one in readers if (one["EventSourceArn"], one["FunctionName"]) == (first["eventSourceARN"], name)),
        None,
    )


@dataclass(frozen=True)
class Delivery:
    """The delivery of one batch to one reader: a failing batch is halved, tried again, and set aside in the end."""

    execute: Callable[[Record, Any], Result]
    func: Record
    mapping: Record

    def deliver(self, records: list[Record]) -> Result:
        result = self.execute(self.func, {"Records": records})
        if not result.get("error"):
            return result
        if len(records) > 1 and str(self.mapping.get("BisectBatchOnFunctionError")).lower() == "true":
            middle = len(records) // 2
            halves = [self.deliver(part) for part in (records[:middle], records[middle:])]
            return next((half for half in halves if half.get("error")), halves[-1])
        limit = int(self.mapping.get("MaximumRetryAttempts", -1))
        if limit < 0:
            return result  # no limit: upstream tries again until the records are too old
        for attempt in range(limit):
            time.sleep(min(0.1 * 2**attempt, 2))  # AWS waits between its tries too; only this reader waits here
            result = self.execute(self.func, {"Records": records})
            if not result.get("error"):
                return result
        lambda_svc._send_ddb_stream_failure_record(
            self.mapping, self.func, records, self.mapping["EventSourceArn"], result, "RetryAttemptsExhausted"
        )
        return {"body": None, "log": result.get("log", "")}


def to_bucket(bucket: str, mapping: Record, func: Record, batch: list[Record], result: Result, condition: str) -> None:
    """Write AWS's invocation record into the bucket. It has the records themselves as text under `payload`."""
    now = time.gmtime()
    request = hashlib.sha256(json.dumps(batch, sort_keys=True).encode()).hexdigest()[:32]
    record = {
        "requestContext": {
            "requestId": request,
            "functionArn": (func.get("config") or func).get("FunctionArn", ""),
            "condition": condition,
            "approximateInvokeCount": int(mapping.get("MaximumRetryAttempts", 0)) + 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", now),
        "DDBStreamBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": batch[0]["dynamodb"]["SequenceNumber"],
            "endSequenceNumber": batch[-1]["dynamodb"]["SequenceNumber"],
            "batchSize": len(batch),
            "streamArn": mapping["EventSourceArn"],
        },
        "payload": json.dumps({"Records": batch}),
        "comanda:because": result.get("body"),
    }
    stamp = time.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S", now)
    put(bucket, f"aws/lambda/{mapping['UUID']}/{SHARD}/{stamp}-{request}", record)


def put(bucket: str, key: str, record: Record) -> None:
    """Write an object by the S3 API, so that the bucket sends its events."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        region_name=os.environ["MINISTACK_REGION"],
        aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    )
    client.put_object(Bucket=bucket, Key=key, Body=json.dumps(record).encode())


def file_events_name_their_version() -> None:
    """
    Upstream leaves the version out of a bucket's events on the bus. On AWS the event has it, and the room inbox reads that
    version: two files that follow each other under one name are two files.
    """
    source_has(s3._fire_s3_event, "_eb._dispatch_event(eb_event)", "version_id: str | None = None")
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event
    current = threading.local()

    def fire_with_version(*args: Any, version_id: str | None = None, **more: Any) -> None:
        current.version = version_id
        try:
            fire(*args, version_id=version_id, **more)
        finally:
            current.version = None

    def dispatch_with_version(event: Any, *more: Any) -> Any:
        version = getattr(current, "version", None)
        if version and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version
            event = event | {"Detail": json.dumps(detail)}
        return dispatch(event, *more)

    s3._fire_s3_event = fire_with_version
    eventbridge._dispatch_event = dispatch_with_version
