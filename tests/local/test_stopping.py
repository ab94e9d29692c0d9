"""A stop starts no function, waits for those that run, and has an end when one of them has none."""

import asyncio
import threading
import time
from typing import Any

import pytest
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.cures import workers


@pytest.fixture
def acquire(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Acquire a worker as a call does, without its process. The cure is undone afterwards."""
    for module in (lambda_runtime, lambda_svc):
        for name in ("acquire_worker", "release_worker"):
            monkeypatch.setattr(module, name, getattr(lambda_runtime, name))
    monkeypatch.setattr(lambda_runtime, "_LOCAL_MAX_WORKERS", 0)
    monkeypatch.setattr(lambda_runtime, "_workers", {})
    monkeypatch.setattr(workers, "_stopping", threading.Event())
    workers.workers_are_few()
    config = {"FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:f", "Runtime": "python3.13"}
    return lambda: lambda_svc.acquire_worker("f", config, b"")[0]


def ended(seconds: float) -> bool:
    return asyncio.run(workers.running_have_ended(seconds))


def test_where_nothing_runs_a_stop_does_not_wait(acquire: Any) -> None:
    lambda_svc.release_worker(acquire())
    began = time.monotonic()

    assert ended(60)
    assert time.monotonic() - began < 5


def test_a_stop_waits_for_a_function_that_runs_and_for_so_long_only(acquire: Any) -> None:
    running = acquire()

    assert not ended(0.1)

    threading.Timer(0.1, lambda_svc.release_worker, [running]).start()
    assert ended(60)


def test_no_call_starts_during_a_stop_whoever_waits_for_its_answer_is_told(acquire: Any) -> None:
    busy = [acquire() for _ in range(workers.WORKERS_PER_FUNCTION)]
    got: list[Any] = []
    reader = threading.Thread(target=lambda: got.append(acquire()), daemon=True, name="reader")
    client = threading.Thread(target=lambda: got.append(acquire()), daemon=True, name=f"{workers.HTTP_THREADS}_0")
    for waiting in (reader, client):
        waiting.start()

    workers.start_no_more()
    for one in busy:
        lambda_svc.release_worker(one)
    client.join(60)

    assert got == [None]
    assert reader.is_alive(), "its event is neither done nor failed"
    assert ended(0)
