"""Ctrl-C during `comanda up` leaves nothing behind: no process, no open port."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import emulator
from local.instance import ROOT, Instance, is_free
from tests.local.world import an_instance, eventually, free_port


@pytest.fixture
def instance() -> Iterator[Instance]:
    with pytest.MonkeyPatch.context() as patch:
        own = an_instance(f"test-{free_port()}", patch)
        try:
            yield own
        finally:
            emulator.reset(own)
            shutil.rmtree(own.home, ignore_errors=True)


@pytest.fixture(autouse=True)
def hears_an_interrupt() -> Iterator[None]:
    """Restore Ctrl-C: a shell lets background processes and all that they start ignore it, and this test sends it itself."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes by their environment in /proc")
@pytest.mark.parametrize(
    ("send", "sent"),
    [(os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)],
    ids=["Ctrl-C, which everybody in the foreground hears", "a kill, which it alone hears"],
)
def test_an_interrupted_up_leaves_no_process_and_no_open_port(
    instance: Instance, send: Callable[[int, int], None], sent: signal.Signals
) -> None:
    up = subprocess.Popen(
        [Path(sys.executable).with_name("comanda"), "up"],
        cwd=ROOT,
        env=os.environ | {"COMANDA_NAME": instance.name, "COMANDA_PORT": str(instance.port), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert up.stdout
        started = [next(line for line in up.stdout if "embedded AWS" in line)]
        eventually(lambda: any("infra.app" in command for command in processes(instance)))  # it synthesizes
        send(up.pid, sent)
        said = up.communicate(timeout=180)[0]
    finally:
        if up.poll() is None:
            os.killpg(up.pid, signal.SIGKILL)

    assert "started at" in started[0]
    assert "interrupted: stopping what was started" in said
    assert "Traceback" not in said
    assert up.returncode == 130
    assert processes(instance) == []
    assert is_free(instance.port)
    assert not instance.record.exists()
    assert not instance.scratch.exists()


def processes(instance: Instance) -> list[str]:
    """Return the commands of all processes that were started for this instance, whatever their parent and group are now."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            theirs = (process / "environ").read_bytes().split(b"\0")
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # another user's, or gone meanwhile
            continue
        if f"COMANDA_NAME={instance.name}".encode() in theirs:
            found.append(command)
    return found
