"""
Correct asynchronous calls of functions: how often each is tried, how long it waits, and what becomes of one that is given up.

Called by   local/cures/__init__.py
"""

import contextvars
import json
import time
import uuid
from typing import Any

from ministack.services import eventbridge, lambda_svc

from local.cures.deliveries import Record, Result, put
from local.cures.shape import source_has

LONGEST_WAIT = 6 * 3600  # seconds that a throttled call is tried, as on AWS
THROTTLED_SECONDS = 1.0  # between two of these tries


def failed_events_are_retried() -> None:
    """
    Upstream invokes the function of an event rule once and forgets the result. On AWS it is an asynchronous call with two
    more tries, and then the on-failure destination.
    """
    source_has(eventbridge._dispatch_to_lambda, "target=lambda_svc._execute_function_with_config_scope")

    def dispatch(arn: str, payload: str) -> None:
        func, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if func and config:
            record = lambda_svc._execution_record_for_config(func, config)
            lambda_svc.invoke_async_with_retry(record, json.loads(payload))

    eventbridge._dispatch_to_lambda = dispatch


def throttled_calls_wait() -> None:
    """
    Upstream counts a call for which no worker was free as one of an asynchronous call's tries: under load, files and nightly
    work are given up that nobody tried. On AWS a throttled call is tried again for six hours, and no try is counted.
    """
    begin, execute = lambda_svc.invoke_async_with_retry, lambda_svc._execute_function
    source_has(begin, "last_result = _execute_function(func, event)", "contextvars.copy_context()")
    source_has(lambda_svc._throttle_response, '"throttle": True')
    asynchronous = contextvars.ContextVar("asynchronous", default=False)

    def begin_asynchronous(func: Record, event: Any) -> None:
        token = asynchronous.set(True)
        try:
            begin(func, event)
        finally:
            asynchronous.reset(token)

    def execute_when_free(func: Record, event: Any) -> Result:
        deadline = time.monotonic() + LONGEST_WAIT
        result: Result = execute(func, event)
        while asynchronous.get() and result.get("throttle") and time.monotonic() < deadline:
            time.sleep(THROTTLED_SECONDS)
            result = execute(func, event)
        return result

    lambda_svc.invoke_async_with_retry = begin_asynchronous
    lambda_svc._execute_function = execute_when_free


def calls_given_up_are_kept() -> None:
    """
    Upstream knows queues and topics as failure destinations of asynchronous calls, and logs a warning for a bucket: the
    event is lost. On AWS the whole event is an object in the bucket, with the function's answer.
    """
    route = lambda_svc._route_async_failure
    source_has(route, 'if spec.service == "sqs":', '"condition": "RetriesExhausted"', '"requestPayload": event')
    source_has(lambda_svc.invoke_async_with_retry, "_route_async_failure(on_failure_arn, fn_name, event, last_result)")

    def kept(target: str, name: str, event: Any, result: Result) -> None:
        if not target.startswith("arn:aws:s3:::"):
            route(target, name, event, result)
            return
        function = lambda_svc._functions.get(name, {})
        configured = function.get("event_invoke_config") or (function.get("event_invoke_configs") or {}).get("$LATEST")
        tries = (configured or {}).get("MaximumRetryAttempts", 2)
        now, request = time.gmtime(), str(uuid.uuid4())
        record = {
            "version": "1.0",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", now),
            "requestContext": {
                "requestId": request,
                "functionArn": f"{function.get('config', {}).get('FunctionArn', '')}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": int(tries) + 1,
            },
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": result.get("body"),
        }
        stamp = time.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S", now)
        put(target.removeprefix("arn:aws:s3:::"), f"aws/lambda/async/{name}/{stamp}-{request}", record)

    lambda_svc._route_async_failure = kept
