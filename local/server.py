"""
Run the embedded AWS: ministack with our cures and our journal, on 127.0.0.1.

Called by   local/emulator.py, as `python -m local.server` with the environment of an Instance
Returns     exit code 0 after a stop by SIGTERM or SIGINT, when all state is saved and every worker has ended
Raises      cures.shape.Uncured when this is not the ministack that the cures are for
"""

import asyncio
import contextlib
import logging
import os
import signal
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app
from ministack.core import lambda_runtime

from local import cures
from local.instance import HOST, Instance
from local.journal import Journal
from local.queues import SentMessages
from local.tape import App, Scope, taped


async def run(instance: Instance, journal: Journal) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    listening: App = app.app
    if "COMANDA_TAPE" in os.environ:
        listening = taped(listening, Path(os.environ["COMANDA_TAPE"]))

    async def noticed(scope: Scope, receive: Any, send: Any) -> None:
        journal.touched = True
        await listening(scope, receive, send)

    async def until_stopped() -> None:
        await stop.wait()
        # No function may run while state is saved; a running one ends as in a crash, which AWS allows too.
        await asyncio.to_thread(lambda_runtime.reset)

    config = Config()
    config.bind = [f"{HOST}:{instance.port}"]
    config.backlog = 1024  # hundreds of clients may connect at once
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    keeper = asyncio.create_task(journal.keep())
    # Without the journal a kill would lose committed writes: then the server stops.
    keeper.add_done_callback(lambda task: task.cancelled() or loop.call_soon(stop.set))
    await serve(noticed, config, shutdown_trigger=until_stopped)  # type: ignore[arg-type]  # its parameters are looser than ASGI types
    keeper.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeper
    journal.snapshot_tables()


def main() -> None:
    instance = Instance.current()
    for name in ("hypercorn.access", "persistence"):
        logging.getLogger(name).setLevel(logging.WARNING)
    journal = Journal(instance.state)
    cures.apply(mails=instance.state)
    SentMessages(instance.state).attach()
    journal.attach()
    asyncio.run(run(instance, journal))
    # Waiting executions and readers are threads that would not end. All state is saved, so the process exits with them.
    lambda_runtime.reset()
    os._exit(0)


if __name__ == "__main__":
    main()
