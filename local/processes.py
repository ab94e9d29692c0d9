"""
Look at processes of this machine, and wait for their end.

Called by   local/emulator.py, local/side_servers.py
Returns     the command of a process; whether it ended by itself
"""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

# The processes that this process started: each stays a zombie until this process has read its exit code.
CHILDREN: dict[int, subprocess.Popen[bytes]] = {}


def command_of(pid: int) -> bytes:
    """Return the command line of a process, with a NUL after each part; nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)  # noqa: S607  where it lies differs by system
        return answer.stdout


def wait_until_gone(pid: int, seconds: float) -> bool:
    """Return whether the process ended by itself within so many seconds. Otherwise the process is killed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if pid in CHILDREN and CHILDREN[pid].poll() is not None:
            del CHILDREN[pid]
        if not command_of(pid):  # a zombie has no command either: read its exit code
            if pid in CHILDREN:
                CHILDREN.pop(pid).wait()
            return True
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return False
