"""A program that a command runs ends with the command, whenever the interrupt comes."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import child

SLEEPS = (sys.executable, "-S", "-c", "import time; time.sleep(60)")


@pytest.fixture(autouse=True)
def interrupts_are_raised() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


def test_the_code_and_the_output_of_a_program_are_returned() -> None:
    done = child.run((sys.executable, "-S", "-c", "import sys; print('out'); sys.exit('complaint')"))

    assert (done.returncode, done.stdout, done.stderr) == (1, "out\n", "complaint\n")


def test_an_interrupt_while_the_program_is_being_started_ends_it(tmp_path: Path) -> None:
    me, noted = os.getpid(), tmp_path / "pid"

    def interrupt() -> None:  # in the child, before it becomes the program
        noted.write_text(str(os.getpid()))
        os.kill(me, signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        child.run(SLEEPS, preexec_fn=interrupt)

    assert is_gone(noted)


def test_an_interrupt_while_the_program_runs_ends_it(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    write = f"pathlib.Path({str(noted)!r}).write_text(str(os.getpid()))"
    code = f"import os, pathlib, time; {write}; os.kill({os.getpid()}, {int(signal.SIGTERM)}); time.sleep(60)"

    with pytest.raises(KeyboardInterrupt):
        child.run((sys.executable, "-S", "-c", code))

    assert is_gone(noted)


def is_gone(noted: Path) -> bool:
    """Return True if no process has the noted id, not even one that ended and was not waited for."""
    try:
        os.kill(int(noted.read_text()), 0)
    except ProcessLookupError:
        return True
    return False


def test_handlers_are_as_before_when_the_program_cannot_be_started() -> None:
    with pytest.raises(FileNotFoundError):
        child.run(("/no/such/program",))

    assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
