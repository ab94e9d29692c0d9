"""
Fork the workers of functions from a process that has imported their layer already.

Called by   local/cures/workers.py
Returns     Fork, which has what ministack uses of subprocess.Popen
Raises      OSError where the process that forks has ended

Linux only: elsewhere a forked process may not use all of the system's libraries.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

from local.cures.shape import expect, source_has

SCRIPT = Path(__file__).with_name("warm.py")
LONGEST_ANSWER = 100
SECONDS_TO_END = 5


class Fork:
    """A worker. It is a child of the process that forked it, so its end is seen at a handle and not by waiting for it."""

    def __init__(self, pid: int, handle: int, stdin: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin = open(stdin, "w", buffering=1)  # noqa: SIM115  open as long as the worker
        self.stdout, self.stderr = open(stdout), open(stderr)  # noqa: SIM115  as stdin
        self._handle = handle
        weakref.finalize(self, os.close, handle)

    def poll(self) -> int | None:
        """Return 0 when the process has ended in any way, and None as long as it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        ended = self._ended(timeout)
        if ended is None:
            raise subprocess.TimeoutExpired("a worker", timeout or 0)
        return ended

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)

    def _ended(self, seconds: float | None) -> int | None:
        if self.returncode is None:
            looking = select.poll()
            looking.register(self._handle, select.POLLIN)
            if looking.poll(None if seconds is None else seconds * 1000):
                self.returncode = 0
        return self.returncode


class Forker:
    """The process that has imported the packages of some layers, and becomes a worker at each request."""

    def __init__(self, binary: str, layers: tuple[str, ...]) -> None:
        self.one_request = threading.Lock()
        self.connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [binary, str(SCRIPT), str(theirs.fileno()), tempfile.gettempdir(), *layers],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def fork(self, script: str, folder: str, environment: dict[str, str]) -> Fork:
        name = environment["AWS_LAMBDA_FUNCTION_NAME"].rpartition("-")[2]
        given = {"script": script, "folder": folder, "environment": environment, "name": name}
        request = json.dumps(given).encode()
        pipes = [os.pipe() for _ in range(3)]
        (to_read, stdin), (stdout, to_write), (stderr, to_complain) = pipes
        theirs = [to_read, to_write, to_complain]
        try:
            with self.one_request:
                socket.send_fds(self.connection, [request], theirs)
                answer, handles, _, _ = socket.recv_fds(self.connection, LONGEST_ANSWER, 1)
        finally:
            for file in theirs:
                os.close(file)
        if not answer:
            for file in (stdin, stdout, stderr):
                os.close(file)
            raise OSError("the process that forks workers has ended")
        return Fork(int(answer), handles[0], stdin, stdout, stderr)

    def end(self) -> None:
        """End the process, whose workers must have ended, and wait for it: it has waited for them."""
        self.connection.close()
        try:
            self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def workers_are_forked() -> None:
    """
    Upstream starts an interpreter for each worker, which imports its layer's packages anew: most of a cold start.

    Here a process that has imported them is forked. The worker then has its own environment, folder, files and script,
    and imports its function. A function without a layer, and one with another runtime, starts as upstream starts it.
    """
    source_has(
        lambda_runtime.Worker._spawn,
        "[binary, worker_path],\n            cwd=code_dir,\n            stdin=subprocess.PIPE,",
        'spawn_env["_LAMBDA_LAYERS_DIRS"] = os.pathsep.join(layers_dirs)',
    )
    if sys.platform != "linux":
        return
    forkers: dict[tuple[str, ...], Forker] = {}
    guard = threading.Lock()

    def start(command: list[str], **options: Any) -> Any:
        environment = options.get("env") or {}
        layers = environment.get("_LAMBDA_LAYERS_DIRS")
        if not layers or not command[-1].endswith("_worker.py"):
            return subprocess.Popen(command, **options)
        binary, script = command
        packages = tuple(str(Path(layer).resolve() / "python") for layer in layers.split(os.pathsep))
        with guard:
            forker = forkers.get(packages)
            if forker is None or forker.process.poll() is not None:
                forker = forkers[packages] = Forker(binary, packages)
        return forker.fork(script, options["cwd"], environment)

    reset = lambda_runtime.reset

    def reset_all() -> None:
        reset()
        with guard:
            for forker in forkers.values():
                forker.end()
            forkers.clear()

    replaced = type(sys)("subprocess")
    replaced.__dict__.update(vars(subprocess) | {"Popen": start})
    expect(lambda_runtime.subprocess is subprocess, "the worker uses the standard subprocess module")
    lambda_runtime.subprocess = replaced
    lambda_runtime.reset = reset_all
