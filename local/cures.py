"""
What ministack 1.5.33 does otherwise than AWS, and Comanda cannot live with: one small patch each.

Called by   local/server.py, before the emulator starts
Returns     nothing; ministack's modules are changed in this process only
Raises      Uncured when a patched piece no longer looks as it did: look at the upstream change, then adapt or drop the cure

A cure's docstring says what upstream does. docs/embedded.md lists them for readers.
"""

import contextlib
import hashlib
import inspect
import io
import json
import os
import queue
import shutil
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc, ses, ses_v2, stepfunctions

Result = dict[str, Any]
WORKERS_PER_FUNCTION = int(os.environ.get("COMANDA_WORKERS", "3"))
RAISED = "comanda:raised"
LOG_END = "comanda:end of this event's log"


class Uncured(RuntimeError):
    """Upstream changed under a cure."""


def expect(condition: object, what: str) -> None:
    if not condition:
        raise Uncured(f"ministack no longer looks as the cure expects: {what}")


def source_has(function: Callable[..., Any], *pieces: str) -> None:
    text = inspect.getsource(function)
    for piece in pieces:
        expect(piece in text, f"{function.__module__}.{function.__qualname__} without {piece!r}")


def apply(*, mails: Path) -> None:
    errors_keep_their_names()
    logs_end_with_their_event()
    a_failed_parking_fails_its_task()
    stream_readers_start_where_the_stream_does()
    poisoned_records_are_set_aside()
    workers_are_few()
    workers_import_only_what_is_deployed()
    layers_are_unpacked_once()
    mails_are_kept(mails)


def errors_keep_their_names() -> None:
    """
    Upstream tells every exception of a Python handler as `Runtime.HandlerError`, so no named Retry or Catch of a
    machine matches, and kills the worker, so that the next event pays a cold start. On AWS the error has the name of
    its class and the environment lives on.
    """
    line = '_real_stdout.write(json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()}) + "\\n")'
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    expect(script.count(line) == 1, "the worker script reports a handler's error in one place")
    told = (
        f'_real_stdout.write(json.dumps({{"status": "ok", "result": {{"{RAISED}": {{'
        '"errorType": type(e).__name__, "errorMessage": str(e), "requestId": context.aws_request_id, '
        '"stackTrace": traceback.format_exc().splitlines()}}}) + "\\n")'
    )
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(line, told)
    original = lambda_svc._execute_function_warm
    source_has(original, '"Runtime.HandlerError"', 'return {"body": result.get("result"), "log": result.get("log", "")}')

    def execute(func: dict[str, Any], event: Any, request_id: str) -> Result:
        result: Result = original(func, event, request_id)
        body = result.get("body")
        if not (isinstance(body, dict) and RAISED in body):
            return result
        error = body[RAISED]
        log = "\n".join([*filter(None, [result.get("log", "")]), *error["stackTrace"]])
        return {"body": error, "error": True, "log": log}

    lambda_svc._execute_function_warm = execute


def logs_end_with_their_event() -> None:
    """
    Upstream waits 50 ms after every event for log lines that may still come. Here the worker says when it is done, so
    that a call takes as long as its handler.
    """
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    answered = "        _real_stdout.flush()\n\nrun()"
    expect(script.count(answered) == 1, "the worker flushes its answer in one place")
    done = f"        sys.stderr.write({LOG_END!r} + chr(10))\n        sys.stderr.flush()\n"
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(answered, done + answered)
    source_has(lambda_runtime.Worker._drain_stderr_bounded, "self._stderr_queue.get_nowait()")

    def drain(worker: Any) -> str:
        lines: list[str] = []
        with contextlib.suppress(queue.Empty):
            while (line := worker._stderr_queue.get(timeout=0.25)) != LOG_END:
                lines.append(line)
        return "\n".join(lines)

    lambda_runtime.Worker._drain_stderr_bounded = drain


def a_failed_parking_fails_its_task() -> None:
    """
    Upstream swallows an error of the function under `.waitForTaskToken` and waits on for ever. On AWS it fails the
    task, so the state's Retry and Catch see it.
    """
    parking, call = stepfunctions._invoke_with_callback, stepfunctions._call_lambda
    source_has(parking, "except _ExecutionError:\n            pass", '_task_tokens[token] = {', 'info.get("error")')
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
    the end. They start with the new, empty stream; what was not delivered before the stop is the sweeper's.
    """
    source_has(lambda_svc._restore_state, "_restore_esm_positions(_dynamodb_stream_positions")

    def restore(store: Any, positions: Any) -> None:
        for key in getattr(positions, "_data", {}):
            store._data[key] = 0

    if not hasattr(lambda_svc._dynamodb_stream_positions, "_data"):
        raise Uncured("positions are no longer kept in a scoped dictionary")
    lambda_svc._restore_esm_positions = restore


def poisoned_records_are_set_aside() -> None:
    """
    Upstream retries a failing stream batch as a whole until it is too old; it neither bisects nor counts attempts, and
    knows no S3 failure destination. On AWS one poisoned record ends up in the bucket and its neighbours are delivered.
    """
    original, send = lambda_svc._execute_function, lambda_svc._send_ddb_stream_failure_record
    source_has(lambda_svc._poll_dynamodb_streams, "result = _execute_function(func_rec, event)")
    source_has(send, 'if spec.service == "sqs":', '"DDBStreamBatchInfo"')

    def execute(func: dict[str, Any], event: Any) -> Result:
        records = event.get("Records") if isinstance(event, dict) else None
        if not records or not isinstance(records[0], dict) or records[0].get("eventSource") != "aws:dynamodb":
            return original(func, event)  # type: ignore[no-any-return]
        config = func.get("config") or func
        for mapping in lambda_svc._esms.values():
            if (mapping["EventSourceArn"], mapping["FunctionName"]) == (
                records[0].get("eventSourceARN"),
                config.get("FunctionName"),
            ):
                return delivered(func, mapping, records)
        return original(func, event)  # type: ignore[no-any-return]

    def delivered(func: dict[str, Any], mapping: dict[str, Any], records: list[Any]) -> Result:
        result: Result = original(func, {"Records": records})
        if not result.get("error"):
            return result
        if len(records) > 1 and _is_true(mapping.get("BisectBatchOnFunctionError")):
            middle = len(records) // 2
            halves = [delivered(func, mapping, part) for part in (records[:middle], records[middle:])]
            return next((half for half in halves if half.get("error")), halves[-1])
        limit = int(mapping.get("MaximumRetryAttempts", -1))
        if limit < 0:
            return result
        for attempt in range(limit):
            time.sleep(min(0.1 * 2**attempt, 2))  # AWS paces its retries too; nothing waits on this but the reader
            result = original(func, {"Records": records})
            if not result.get("error"):
                return result
        set_aside(mapping, func, records, mapping["EventSourceArn"], result, "RetryAttemptsExhausted")
        return {"body": None, "log": result.get("log", "")}

    def set_aside(  # noqa: PLR0917 - upstream's own signature
        mapping: dict[str, Any], func: dict[str, Any], batch: list[Any], stream: str, result: Result, condition: str
    ) -> None:
        target = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination", "")
        if not target.startswith("arn:aws:s3:::"):
            send(mapping, func, batch, stream, result, condition)
            return
        to_bucket(target.removeprefix("arn:aws:s3:::"), mapping, func, batch, stream, result, condition)

    lambda_svc._execute_function = execute
    lambda_svc._send_ddb_stream_failure_record = set_aside


def to_bucket(  # noqa: PLR0917
    bucket: str,
    mapping: dict[str, Any],
    func: dict[str, Any],
    batch: list[Any],
    stream: str,
    result: Result,
    condition: str,
) -> None:
    """The invocation record that AWS writes: the records themselves are in it, as text, under `payload`."""
    import boto3  # noqa: PLC0415 - only when something failed

    now = time.gmtime()
    config = func.get("config") or func
    request = hashlib.sha256(json.dumps(batch, sort_keys=True).encode()).hexdigest()[:32]
    record = {
        "requestContext": {
            "requestId": request,
            "functionArn": config.get("FunctionArn", ""),
            "condition": condition,
            "approximateInvokeCount": int(mapping.get("MaximumRetryAttempts", 0)) + 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", now),
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000000000000000000-00000000",
            "startSequenceNumber": str(batch[0]["dynamodb"].get("SequenceNumber", "")),
            "endSequenceNumber": str(batch[-1]["dynamodb"].get("SequenceNumber", "")),
            "batchSize": len(batch),
            "streamArn": stream,
        },
        "payload": json.dumps({"Records": batch}),
        "comanda:because": result.get("body"),
    }
    shard = time.strftime("%Y/%m/%d", now)
    stamp = time.strftime("%Y-%m-%dT%H.%M.%S", now)
    key = f"aws/lambda/{mapping['UUID']}/shardId-00000000000000000000-00000000/{shard}/{stamp}-{request}"
    s3 = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        region_name=os.environ["MINISTACK_REGION"],
        aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    )
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(record).encode())


def workers_are_few() -> None:
    """
    Upstream starts one more process for every simultaneous call: two hundred clients are two hundred cold starts on
    two cores. Here a call waits for one of a few workers, as it would wait for the cores anyway.
    """
    original, release = lambda_runtime.acquire_worker, lambda_runtime.release_worker
    source_has(original, 'return None, "func_cap"', "cap = max_concurrency or _LOCAL_MAX_WORKERS")
    source_has(release, "worker.in_use = False")
    lambda_runtime._LOCAL_MAX_WORKERS = WORKERS_PER_FUNCTION
    freed = threading.Condition()

    def acquire(func_name: str, config: dict[str, Any], code_zip: bytes, **options: Any) -> tuple[Any, str]:
        deadline = time.monotonic() + 60
        while True:
            worker, reason = original(func_name, config, code_zip, **options)
            if worker is not None or time.monotonic() > deadline:
                return worker, reason
            with freed:
                freed.wait(0.05)

    def give_back(worker: Any) -> None:
        release(worker)
        with freed:
            freed.notify_all()

    _replace_everywhere(original, acquire, lambda_runtime, lambda_svc)
    _replace_everywhere(release, give_back, lambda_runtime, lambda_svc)


def workers_import_only_what_is_deployed() -> None:
    """
    Upstream runs workers in its own virtual environment, where everything can be imported, this checkout too. With the
    bare interpreter a function sees its own code, its layer and the standard library, as on AWS.
    """
    source_has(lambda_runtime._detect_runtime_binary, "return sys.executable, _PYTHON_WORKER_SCRIPT")
    original = lambda_runtime._detect_runtime_binary
    bare = getattr(sys, "_base_executable", sys.executable)

    def detect(runtime: str) -> tuple[str, str]:
        binary, script = original(runtime)
        return (bare if binary == sys.executable else binary), script

    lambda_runtime._detect_runtime_binary = detect


def layers_are_unpacked_once() -> None:
    """
    Upstream unpacks function and layer anew for every worker: seconds of a cold start. Here an archive is unpacked
    once, by its content, and workers get a link to that folder.
    """
    source_has(lambda_runtime.Worker._spawn, "lzf.extractall(layer_dir)", "zf.extractall(code_dir)")
    cache = Path(os.environ["TMPDIR"]) / "unpacked"
    guard = threading.Lock()

    class Archive(zipfile.ZipFile):
        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
            if members or pwd or not isinstance(self.filename, str):
                super().extractall(path, members, pwd)
                return
            whole = Path(self.filename).read_bytes()
            folder = cache / hashlib.sha256(whole).hexdigest()[:32]
            with guard:
                if not folder.exists():
                    fresh = folder.with_suffix(".new")
                    shutil.rmtree(fresh, ignore_errors=True)
                    super().extractall(fresh)
                    fresh.rename(folder)
            target = Path(path)
            with contextlib.suppress(FileNotFoundError):
                target.rmdir()
            target.symlink_to(folder, target_is_directory=True)

    replaced = type(sys)("zipfile")
    replaced.__dict__.update(vars(zipfile))
    replaced.ZipFile = Archive  # type: ignore[attr-defined]
    expect(lambda_runtime.zipfile is zipfile, "the worker uses the standard zipfile module")
    lambda_runtime.zipfile = replaced


def mails_are_kept(folder: Path) -> None:
    """
    Upstream keeps sent mails in memory only: a restart forgets them. Here each is also a line of a file, which is read
    again at the next start.
    """
    source_has(ses._sent_emails_list, 'lst = _sent_emails.get("entries")')
    expect(ses_v2._sent_emails_list is ses._sent_emails_list, "one list of mails for both SES interfaces")
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "mails.jsonl"

    class Mails(list[dict[str, Any]]):
        def append(self, mail: dict[str, Any]) -> None:
            super().append(mail)
            with kept.open("a") as lines:
                lines.write(json.dumps(mail) + "\n")

    def sent() -> Mails:
        mails = ses._sent_emails.get("entries")
        if not isinstance(mails, Mails):
            mails = Mails()
            if kept.exists():
                mails.extend(json.loads(line) for line in io.StringIO(kept.read_text()) if line.endswith("\n"))
            ses._sent_emails["entries"] = mails
        return mails

    ses._sent_emails_list = sent
    ses_v2._sent_emails_list = sent


def _is_true(value: object) -> bool:
    return value is True or str(value).lower() == "true"


def _replace_everywhere(old: object, new: object, *modules: Any) -> None:
    replaced = 0
    for module in modules:
        for name, value in list(vars(module).items()):
            if value is old:
                setattr(module, name, new)
                replaced += 1
    expect(replaced, f"{old!r} is still where it was")
