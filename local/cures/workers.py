"""
Correct how functions run: their errors, their logs, their processes, and the modules that they can import.

Called by   local/cures/__init__.py
"""

import asyncio
import contextlib
import functools
import hashlib
import io
import os
import queue
import shutil
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any, Self

from ministack import app
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.cures.shape import expect, replaced_in, source_has

Result = dict[str, Any]
WORKERS_PER_FUNCTION = int(os.environ.get("COMANDA_WORKERS", "3"))
KEPT_ARCHIVES = 100  # code and layers of the last deployments, so that a restart need not unpack today's again
RAISED = "comanda:raised"
LOG_END = "comanda:end of this event's log"
SIGN = b"comanda:unpacked "  # then the name of the folder
HTTP_THREADS = "ministack-worker"  # each serves a request of a client, who waits for its answer
_leasing, _stopping = threading.Lock(), threading.Event()


def errors_keep_their_names() -> None:
    """
    Upstream reports every exception of a Python handler as `Runtime.HandlerError`, so no named Retry or Catch matches.

    It also kills the worker, so that the next event has a cold start. On AWS the error has the name of its class, and the
    process goes on.
    """
    line = (
        '_real_stdout.write(json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()}) + "\\n")'
    )
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    expect(script.count(line) == 1, "the worker script reports a handler's error in one place")
    named = (
        f'_real_stdout.write(json.dumps({{"status": "ok", "result": {{"{RAISED}": {{'
        '"errorType": type(e).__name__, "errorMessage": str(e), "requestId": context.aws_request_id, '
        '"stackTrace": traceback.format_exc().splitlines()}}}) + "\\n")'
    )
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(line, named)
    original = lambda_svc._execute_function_warm
    source_has(
        original, '"Runtime.HandlerError"', 'return {"body": result.get("result"), "log": result.get("log", "")}'
    )

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
    Upstream waits 50 ms after every event for log lines that may still come. Here the worker marks the end of its log, so
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


def workers_are_few() -> None:
    """
    Upstream starts one more process for every simultaneous call: two hundred clients are two hundred cold starts on
    two cores. Here a call waits for one of a few workers. After `start_no_more` no call gets one.
    """
    original, release = lambda_runtime.acquire_worker, lambda_runtime.release_worker
    source_has(original, 'return None, "func_cap"', "cap = max_concurrency or _LOCAL_MAX_WORKERS")
    source_has(release, "worker.in_use = False")
    source_has(app._handle_lifespan, f'thread_name_prefix="{HTTP_THREADS}"')
    lambda_runtime._LOCAL_MAX_WORKERS = WORKERS_PER_FUNCTION
    freed = threading.Condition()

    def acquire(func_name: str, config: dict[str, Any], code_zip: bytes, **options: Any) -> tuple[Any, str]:
        deadline = time.monotonic() + 60
        while True:
            with _leasing:
                if _stopping.is_set():
                    break
                worker, reason = original(func_name, config, code_zip, **options)
            if worker is not None or time.monotonic() > deadline:
                return worker, reason
            with freed:
                freed.wait(0.05)
        if threading.current_thread().name.startswith(HTTP_THREADS):
            return None, "func_cap"
        # A reader or machine sees neither an answer nor an error: its event waits for the next start.
        threading.Event().wait()
        raise AssertionError

    def give_back(worker: Any) -> None:
        release(worker)
        with freed:
            freed.notify_all()

    replaced_in(original, acquire, lambda_runtime, lambda_svc)
    replaced_in(release, give_back, lambda_runtime, lambda_svc)


def start_no_more() -> None:
    """Let no function start from now on, in this process. Those that run go on."""
    with _leasing:
        _stopping.set()


async def running_have_ended(seconds: float) -> bool:
    """Return whether every running function has ended, as soon as that is so, or after so many seconds."""
    deadline = time.monotonic() + seconds
    while lambda_runtime.workers_in_use():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


def workers_import_only_what_is_deployed() -> None:
    """
    Upstream runs workers in its own virtual environment, whose packages they can import, this checkout among them. With
    the bare interpreter a function sees its own code, its layer and the standard library, as on AWS.
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
    Unpack an archive once, by its content, and give each worker a link to that folder. Upstream writes and unpacks function
    and layer anew for every worker, and resolves the path of each of their thousands of files three times before. That
    takes seconds of a cold start, in the emulator's own process. zipfile itself writes no file outside the folder.
    """
    spawn, resolve = lambda_runtime.Worker._spawn, lambda_svc._resolve_layer_zip
    source_has(
        spawn,
        "from ministack.services.lambda_svc import _resolve_layer_zip",
        "lf.write(layer_data)",
        "lzf.extractall(layer_dir)",
        "zf.extractall(code_dir)",
        "for member in lzf.namelist():",
        "Zip entry escapes target dir",
    )
    unpacked = Unpacked(Path(os.environ["COMANDA_UNPACKED"]))
    this_thread = threading.local()

    def resolve_layer(attachment: Any) -> bytes | None:
        """Return a sign of the unpacked layer to a worker, which would write all of it, and the layer to others."""
        content: bytes | None = resolve(attachment)
        if content is None or not getattr(this_thread, "spawns", False):
            return content
        return SIGN + unpacked.layer(str(attachment), content).name.encode()

    @functools.wraps(spawn)
    def spawn_with_signs(worker: Any) -> None:
        this_thread.spawns = True
        try:
            spawn(worker)
        finally:
            this_thread.spawns = False

    class Archive:
        """Stand for zipfile.ZipFile, with what the worker uses of it."""

        def __init__(self, path: str) -> None:
            self.path = Path(path)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def namelist(self) -> list[str]:
            return []

        def extractall(self, folder: str) -> None:
            content = self.path.read_bytes()
            sign, found, name = content.partition(SIGN)
            source = unpacked.folder / name.decode() if found and not sign else unpacked.archive(content)
            Path(folder).rmdir()
            Path(folder).symlink_to(source, target_is_directory=True)

    replaced = type(sys)("zipfile")
    replaced.__dict__.update(vars(zipfile) | {"ZipFile": Archive})
    expect(lambda_runtime.zipfile is zipfile, "the worker uses the standard zipfile module")
    lambda_runtime.zipfile = replaced
    lambda_runtime.Worker._spawn = spawn_with_signs
    lambda_svc._resolve_layer_zip = resolve_layer


class Unpacked:
    """The folders of unpacked archives, each with the hash of its content as its name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.guard = threading.Lock()
        self.layers: dict[tuple[str, int], Path] = {}
        if folder.exists() and len(list(folder.iterdir())) > KEPT_ARCHIVES:
            shutil.rmtree(folder)

    def layer(self, version: str, content: bytes) -> Path:
        """Return the folder of a version of a layer. Its content never changes, so it is hashed once."""
        key = version, len(content)
        if key not in self.layers:
            self.layers[key] = self.archive(content)
        return self.layers[key]

    def archive(self, content: bytes) -> Path:
        """Return the folder of an archive, which is unpacked if it is a new one."""
        folder = self.folder / hashlib.sha256(content).hexdigest()[:32]
        with self.guard:
            if not folder.exists():
                fresh = folder.with_suffix(".new")
                shutil.rmtree(fresh, ignore_errors=True)
                with zipfile.ZipFile(io.BytesIO(content)) as archive:
                    archive.extractall(fresh)
                fresh.rename(folder)
        return folder
