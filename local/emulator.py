"""
Start and stop the embedded AWS of this checkout in the background. A stop leaves no process behind.

Called by   local/cli.py, the system tests
Returns     nothing; the record of the running process is in .local/<name>/emulator.json
Raises      NotStarted with the last lines of the log
"""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local import ports, processes, side_servers
from local.instance import HOST, ROOT, Instance, is_free
from local.processes import command_of, wait_until_gone

# A state of a hundred megabytes is read in a dozen seconds, and written in as many; on a busy machine in a minute.
# Before that, running functions have local/server.py's ENDING_SECONDS to end.
START_SECONDS = 300
STOP_SECONDS = 160


class NotStarted(RuntimeError):
    """The emulator did not start; the message holds the last lines of its log."""


def is_running(instance: Instance) -> bool:
    return _answers(instance) and _pid(instance) is not None


def start(instance: Instance) -> bool:
    """Start the embedded AWS. Returns False when it was running already. Raises NotStarted."""
    if is_running(instance):
        return False
    stop(instance)  # a killed emulator leaves its workers
    if not is_free(instance.port):
        raise NotStarted(f"port {instance.port} is used by another program; set COMANDA_PORT to a free one")
    shutil.rmtree(instance.scratch, ignore_errors=True)
    instance.scratch.mkdir(parents=True)
    if (instance.state / "dynamodb.json").exists():
        instance.unswept.touch()  # if this start is interrupted, the next one sweeps
    ports.follow(instance.state, instance.port)
    with instance.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.server", str(instance.home)],  # the folder names the owner: it may be a copy
            cwd=ROOT,
            env=instance.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own: Ctrl-C does not reach it, and the group has all its processes
        )
    processes.CHILDREN[process.pid] = process
    instance.record.write_text(json.dumps({"pid": process.pid}))
    deadline = time.monotonic() + START_SECONDS
    while not _answers(instance):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(instance)
            raise NotStarted("the embedded AWS did not start:\n" + _tail(instance.log))
        time.sleep(0.05)
    return True


def stop(instance: Instance, say: Callable[[str], None] = lambda _: None) -> bool:
    """
    Stop the embedded AWS. Returns whether a process had to be stopped.

    Waits until running functions have ended, state is saved and every process of the group is gone. `say` gets a sentence for each kill.
    """
    pid = _pid(instance)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        if not wait_until_gone(pid, STOP_SECONDS):
            say(
                f"the embedded AWS did not stop within {STOP_SECONDS} s and was killed: docs/embedded.md says what a kill loses, "
                "and the next `make up` sweeps"
            )
    for server in side_servers.ALL:
        server.stop(instance)  # after the functions, which may be in the middle of a payment
    left = _group(instance)
    if left:
        say(f"{len(left)} processes of functions were still there and were killed")
    for one in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    shutil.rmtree(instance.scratch, ignore_errors=True)
    instance.record.unlink(missing_ok=True)
    return bool(pid or left)


def kill(instance: Instance) -> None:
    """Kill the embedded AWS as a crash would, without saving. Tests use it to see which state survives."""
    pid = _pid(instance)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid, STOP_SECONDS)


def reset(instance: Instance) -> None:
    """Stop the embedded AWS and delete its state, mails, clients and log."""
    stop(instance)
    data = (server.folder(instance) for server in side_servers.ALL)
    for kept in (instance.state, *data, instance.mails, instance.home / "unpacked"):
        shutil.rmtree(kept, ignore_errors=True)
    for record in (instance.clients, instance.people, instance.log, instance.unswept):
        record.unlink(missing_ok=True)


def _answers(instance: Instance) -> bool:
    asking = http.client.HTTPConnection(HOST, instance.port, timeout=2)  # httpx would read all certificates each time
    try:
        asking.request("GET", "/_ministack/health")
        return asking.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _recorded(instance: Instance) -> int | None:
    try:
        return int(json.loads(instance.record.read_text())["pid"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _pid(instance: Instance) -> int | None:
    """
    Return the recorded process, or None if it has ended or is not this instance's.

    Process ids are used again, and a copy of the folder has the record of another instance.
    """
    pid = _recorded(instance)
    if pid is None:
        return None
    command = command_of(pid).replace(b"\0", b" ").strip()
    ours = (
        b"local.server",
        b"local.server " + str(instance.home).encode(),
    )  # an earlier version of Comanda named no folder
    return pid if command.endswith(ours) else None


def _group(instance: Instance) -> list[int]:
    """Return the workers that outlived a killed emulator: processes of its group that run a script of our scratch folder."""
    leader = _recorded(instance)
    if leader is None:
        return []
    found = []
    listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid="], capture_output=True, text=True, check=False).stdout  # noqa: S607  where it lies differs by system
    for line in listed.splitlines():
        pid, group = (int(part) for part in line.split())
        if group == leader and str(instance.scratch).encode() in command_of(pid):
            found.append(pid)
    return found


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
