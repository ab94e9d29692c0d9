"""
Import a handler, run its first event, then many, with AWS stubbed at the wire. Prints one JSON line.

Called by   bench/shipped.py, in a fresh interpreter: python -m bench.probe <module>[:<scene of it>] <events>
"""

import json
import os
import subprocess
import sys
import time
import tracemalloc
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench import scenes, wire


def _megabytes(nth: int) -> float:
    """Return the memory of Python's objects, or the most since it was set back. 0 where the interpreter does not trace it."""
    return tracemalloc.get_traced_memory()[nth] / 1024 / 1024


def main() -> None:
    name, events = sys.argv[1], int(sys.argv[2])
    module = name.partition(":")[0]
    scenes.set_environment()
    made = subprocess.run(
        [sys.executable, "-S", "-m", "bench.events", name], capture_output=True, text=True, check=True
    )
    scene = json.loads(made.stdout)
    template = json.dumps(scene["event"])

    def make(n: int) -> Any:
        return json.loads(template.replace("{n}", str(n)))

    context = SimpleNamespace(
        function_name="bench",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:bench",
        aws_request_id="r",
        get_remaining_time_in_millis=lambda: 20_000,
    )
    wire.stub_api(scene.get("api", {}))
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), wire.stubbed(wire.answering(scene)) as calls:
        tracemalloc.reset_peak()
        kept = _megabytes(0)
        before, modules = time.process_time(), len(sys.modules)
        handler: Any = import_module(module).handler
        imported = time.process_time()
        answer = handler(make(0), context)
        first = time.process_time()
        loaded = len(sys.modules) - modules
        calls_first, answers, grown = dict(calls), calls.seconds, _megabytes(1) - kept
        for n in range(1, min(events, 50)):
            handler(make(n), context)
        calls.clear()
        spent = []
        for n in range(1000, 1000 + events):
            event = make(n)
            start = time.process_time()
            answer = handler(event, context)
            spent.append(time.process_time() - start)
    if isinstance(answer, dict) and answer.get("statusCode", 200) >= 300:
        raise SystemExit(f"{name} answered {answer}")
    print(
        json.dumps(
            {
                "import_ms": (imported - before) * 1000,
                "first_ms": (first - before) * 1000,
                "answers_ms": answers * 1000,
                "grown_mb": grown,
                "modules": loaded,
                "calls_first": calls_first,
                "median_ms": sorted(spent)[len(spent) // 2] * 1000 if spent else None,
                "best_ms": min(spent) * 1000 if spent else None,
                "calls": {name: count / events for name, count in calls.items()} if events else {},
            }
        )
    )


if __name__ == "__main__":
    main()
