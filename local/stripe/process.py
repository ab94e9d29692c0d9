"""
Start and stop the Stripe-shaped server of an instance in the background, beside its embedded AWS.

Called by   local/deploy.py, local/emulator.py
Returns     the server's address
Raises      NotAnswering, with the last lines of its log

It listens a thousand ports above the embedded AWS, or at the first free one after that. The server keeps its port with the
account, because endpoints and settings name it.
"""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time

from local import processes
from local.instance import HOST, MOST_PORTS, ROOT, Instance, is_free, write_whole

ABOVE = 1_000
PORT = "port"  # the file that the server writes as soon as it listens
START_SECONDS = 60
STOP_SECONDS = 10


class NotAnswering(RuntimeError):
    """The server of payments did not start; the message holds the last lines of its log."""


def url(instance: Instance) -> str:
    """Return the address of the server, whether it runs or not."""
    return f"http://{HOST}:{_port(instance)}"


def start(instance: Instance) -> None:
    """Start the server unless it runs. `wait` waits for its first answer."""
    if _pid(instance) is not None:
        return
    instance.stripe.mkdir(parents=True, exist_ok=True)
    if not is_free(_port(instance)):
        (instance.stripe / PORT).unlink(missing_ok=True)
    port = _port(instance)
    with (instance.stripe / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.stripe.server", str(instance.stripe), str(port)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C does not reach it
        )
    processes.CHILDREN[process.pid] = process
    write_whole(instance.stripe / "process.json", json.dumps({"pid": process.pid}))


def wait(instance: Instance) -> str:
    """Return the address of the server as soon as it answers."""
    deadline = time.monotonic() + START_SECONDS
    while not _answers(instance):
        if _ended(instance) or time.monotonic() > deadline:
            log = (instance.stripe / "log").read_text(errors="replace").splitlines()[-15:]
            raise NotAnswering("the server of payments did not start:\n" + "\n".join(log))
        time.sleep(0.05)
    return url(instance)


def stop(instance: Instance) -> None:
    """Stop the server if it runs. Its account is kept."""
    pid = _pid(instance)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        processes.wait_until_gone(pid, STOP_SECONDS)
    (instance.stripe / "process.json").unlink(missing_ok=True)


def _port(instance: Instance) -> int:
    with contextlib.suppress(FileNotFoundError, ValueError):
        return int((instance.stripe / PORT).read_text())
    above = instance.port + ABOVE
    first = above if above <= MOST_PORTS - ABOVE else instance.port - ABOVE
    return next(port for port in range(first, MOST_PORTS) if is_free(port))


def _recorded(instance: Instance) -> int | None:
    try:
        return int(json.loads((instance.stripe / "process.json").read_text())["pid"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _ended(instance: Instance) -> bool:
    pid = _recorded(instance)
    if pid in processes.CHILDREN:  # Linux shows the command of a new process a moment later
        return processes.CHILDREN[pid].poll() is not None
    return _pid(instance) is None


def _pid(instance: Instance) -> int | None:
    """Return the recorded process, or None if it has ended or is another program."""
    pid = _recorded(instance)
    if pid is None:
        return None
    command = processes.command_of(pid).replace(b"\0", b" ")
    return pid if b"local.stripe.server " + str(instance.stripe).encode() + b" " in command else None


def _answers(instance: Instance) -> bool:
    asking = http.client.HTTPConnection(HOST, _port(instance), timeout=2)
    try:
        asking.request("GET", "/_health")
        answer = asking.getresponse()
        # The server of another instance may have taken the port first. One that runs since an update does not say its process.
        mine = _recorded(instance)
        return answer.status == http.HTTPStatus.OK and json.loads(answer.read()).get("pid", mine) == mine
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return False
    finally:
        asking.close()
