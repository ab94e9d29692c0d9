"""
Start and stop the servers that stand for outside services in the background, beside the embedded AWS of an instance.

Called by   local/deploy.py, local/emulator.py, local/addresses.py; the servers themselves: local/stripe/server.py, local/avalara/server.py
Returns     the addresses of the servers
Raises      NotAnswering, with the last lines of a server's log

Each listens some thousand ports above the embedded AWS, or at the first free one after that. It keeps its port with its data,
because endpoints and settings name it.
"""

import contextlib
import errno
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from local import processes
from local.instance import HOST, MOST_PORTS, ROOT, Instance, is_free, write_whole

PORT = "port"  # the file that a server writes as soon as it listens
START_SECONDS = 60
STOP_SECONDS = 10


class NotAnswering(RuntimeError):
    """A server did not start; the message holds the last lines of its log."""


class Served(Protocol):
    """A server within its own process."""

    @property
    def port(self) -> int: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...


class SideServer:
    """A server beside the embedded AWS. Its folder has its data, its port, its log and its process."""

    def __init__(self, name: str, *, answers: str, above: int) -> None:
        self.name, self._answers_for, self._above = name, answers, above
        self._module = f"local.{name}.server"

    def folder(self, instance: Instance) -> Path:
        return instance.home / self.name

    def url(self, instance: Instance) -> str:
        """Return the address of the server, whether it runs or not."""
        return f"http://{HOST}:{self._port(instance)}"

    def start(self, instance: Instance) -> None:
        """Start the server unless it runs. `wait` waits for its first answer."""
        if self._pid(instance) is not None:
            return
        folder = self.folder(instance)
        folder.mkdir(parents=True, exist_ok=True)
        if not is_free(self._port(instance)):
            (folder / PORT).unlink(missing_ok=True)
        port = self._port(instance)
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", self._module, str(folder), str(port)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C does not reach it
            )
        processes.CHILDREN[process.pid] = process
        write_whole(folder / "process.json", json.dumps({"pid": process.pid}))

    def wait(self, instance: Instance) -> str:
        """Return the address of the server as soon as it answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self._answers(instance):
            if self._ended(instance) or time.monotonic() > deadline:
                log = (self.folder(instance) / "log").read_text(errors="replace").splitlines()[-15:]
                raise NotAnswering(f"the server of {self._answers_for} did not start:\n" + "\n".join(log))
            time.sleep(0.05)
        return self.url(instance)

    def stop(self, instance: Instance) -> None:
        """Stop the server if it runs. Its data are kept."""
        pid = self._pid(instance)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            processes.wait_until_gone(pid, STOP_SECONDS)
        (self.folder(instance) / "process.json").unlink(missing_ok=True)

    def _port(self, instance: Instance) -> int:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int((self.folder(instance) / PORT).read_text())
        above = instance.port + self._above
        first = above if above <= MOST_PORTS - self._above else instance.port - self._above
        return next(port for port in range(first, MOST_PORTS) if is_free(port))

    def _recorded(self, instance: Instance) -> int | None:
        try:
            return int(json.loads((self.folder(instance) / "process.json").read_text())["pid"])
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def _ended(self, instance: Instance) -> bool:
        pid = self._recorded(instance)
        if pid in processes.CHILDREN:  # Linux shows the command of a new process a moment later
            return processes.CHILDREN[pid].poll() is not None
        return self._pid(instance) is None

    def _pid(self, instance: Instance) -> int | None:
        """Return the recorded process, or None if it has ended or is another program."""
        pid = self._recorded(instance)
        if pid is None:
            return None
        command = processes.command_of(pid).replace(b"\0", b" ")
        return pid if f"{self._module} {self.folder(instance)} ".encode() in command else None

    def _answers(self, instance: Instance) -> bool:
        asking = http.client.HTTPConnection(HOST, self._port(instance), timeout=2)
        try:
            asking.request("GET", "/_health")
            answer = asking.getresponse()
            # The server of another instance may have taken the port first. One that runs since an update does not say its process.
            mine = self._recorded(instance)
            return answer.status == http.HTTPStatus.OK and json.loads(answer.read()).get("pid", mine) == mine
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            return False
        finally:
            asking.close()


STRIPE = SideServer("stripe", answers="payments", above=1_000)
AVALARA = SideServer("avalara", answers="taxes", above=2_000)
ALL = (STRIPE, AVALARA)


def listening[T](first: int, listen: Callable[[int], T]) -> T:
    """
    Listen at this port, or at the first one above that can be; 0 is any port.

    Only listening tells: an ended connection of another program keeps its port for a minute, and answers nobody.
    """
    for port in range(first, MOST_PORTS):
        try:
            return listen(port)
        except OSError as taken:
            if taken.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, f"no port from {first} on is free")


def serve(make: Callable[[int, Path], Served]) -> None:
    """Serve until SIGTERM or SIGINT, as a process that was started with a folder and a port."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    server = make(port, folder)
    write_whole(folder / PORT, str(server.port))
    server.start()
    stopping.wait()
    server.stop()
