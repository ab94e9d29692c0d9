"""
End a command well: an expected error is one clear message, and Ctrl-C stops the processes that the command started.

Called by   local/cli.py, local/number_commands.py
Raises      typer.Exit with 1 for an expected error, with 130 for an interrupt
"""

import contextlib
import signal
from collections.abc import Iterator

import typer
from rich.console import Console

from local import emulator
from local.instance import Instance

console = Console(highlight=False)


@contextlib.contextmanager
def undone_by_an_interrupt(instance: Instance) -> Iterator[Instance]:
    """Let Ctrl-C stop the embedded AWS if this command started it, and leave one alone that ran before."""
    ran_before = emulator.is_running(instance)
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal hangs up, and nohup ignores that
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        yield instance
    except KeyboardInterrupt:
        if not ran_before:
            with contextlib.suppress(OSError):  # the terminal may be gone
                console.print("\ninterrupted: stopping what was started")
            emulator.stop(instance)
        raise typer.Exit(130) from None


@contextlib.contextmanager
def failing_clearly() -> Iterator[None]:
    """Print an expected error as one message and exit with 1. An unexpected one keeps its stack trace."""
    import httpx
    from botocore.exceptions import BotoCoreError, ClientError

    from local.assembly import Failed
    from local.deploy import NotDeployed, RoomFailed, SynthesisFailed
    from local.side_servers import NotAnswering
    from ops.carrier_files import BadFiles
    from ops.client import Problem
    from ops.number_series import NotSet
    from ops.routing import Unknown

    try:
        yield
    except (BotoCoreError, httpx.TransportError) as silent:
        console.print(f"no answer: {silent or type(silent).__name__}", markup=False, style="red", soft_wrap=True)
        raise typer.Exit(1) from None
    except (
        *(BadFiles, ClientError, Failed, NotAnswering, NotDeployed, NotSet, Problem, RoomFailed, SynthesisFailed),
        *(Unknown, emulator.NotStarted),
    ) as failed:
        console.print(str(failed), markup=False, style="red", soft_wrap=True)
        raise typer.Exit(1) from None
