"""
Run another program to its end, and end it too when this process is interrupted.

Called by   local/deploy.py
Returns     the program's exit code and output
Raises      KeyboardInterrupt, after the program has ended

`subprocess.run` does not know its child while the child is being started, so an interrupt in that moment would leave it
running. Here interrupts wait until the child is known.
"""

import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command as `subprocess.run` does, with its output kept as text. `options` are those of `subprocess.Popen`."""
    waiting: list[int] = []
    before = _hold(waiting)
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    except BaseException:
        _restore(before)
        raise
    try:
        _restore(before)
        _raise_held(waiting)
        out, complaints = process.communicate()
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return subprocess.CompletedProcess(command, process.returncode, out, complaints)


def _hold(waiting: list[int]) -> dict[signal.Signals, Any]:
    """Note interrupts instead of raising them, and return the handlers of before. Only the main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    heard = {number: signal.getsignal(number) for number in _INTERRUPTS}
    held = {number: handler for number, handler in heard.items() if callable(handler)}
    for number in held:
        signal.signal(number, lambda number, _: waiting.append(number))
    return held


def _raise_held(waiting: list[int]) -> None:
    if waiting:
        raise KeyboardInterrupt


def _restore(handlers: dict[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
