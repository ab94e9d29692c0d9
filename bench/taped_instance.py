"""
Run an embedded AWS of its own that writes each request on a tape, and read the tape.

Called by   bench/costs.py, bench/numbering.py
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local import emulator
from local.instance import Instance

TAPE = "COMANDA_TAPE"


@contextmanager
def start(subject: str) -> Iterator[Instance]:
    """Give an instance of its own on a free port, with a tape, and remove it afterwards."""
    instance = Instance(f"{subject}-{os.getpid()}")
    shutil.rmtree(instance.home, ignore_errors=True)
    before = {name: os.environ.get(name) for name in (TAPE, "COMANDA_PORT")}
    os.environ.pop("COMANDA_PORT", None)
    instance.home.mkdir(parents=True)
    os.environ[TAPE] = str(_tape(instance))
    try:
        yield instance
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        emulator.reset(instance)
        shutil.rmtree(instance.home, ignore_errors=True)


def _tape(instance: Instance) -> Path:
    return instance.home / "tape.jsonl"


def lines(instance: Instance) -> list[dict[str, Any]]:
    """Return the requests since the start, the first one first."""
    return [json.loads(text) for text in _tape(instance).read_text().splitlines()]


def length(instance: Instance) -> int:
    """Return the number of requests so far, once there are no more."""
    wait_until_quiet(instance)
    return len(_tape(instance).read_text().splitlines())


def wait_until_quiet(instance: Instance) -> None:
    """Wait until the instance had no request for two seconds: readers of streams follow within one."""
    size, since = -1, time.monotonic()
    while time.monotonic() - since < 2:
        now = _tape(instance).stat().st_size
        if now != size:
            size, since = now, time.monotonic()
        time.sleep(0.1)
