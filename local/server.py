"""
Run the embedded AWS: ministack with our cures and our journal, on 127.0.0.1.

Called by   local/emulator.py, as `python -m local.server` with the environment of an Instance
Returns     exit code 0 after a stop by SIGTERM or SIGINT, when all state is saved and every worker has ended
Raises      cures.shape.Uncured when this is not the ministack that the cures are for
"""

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import lambda_runtime
from uvicorn import Config, Server

from local import cures
from local.cures import workers
from local.instance import HOST, Instance
from local.journal import Journal
from local.queues import SentMessages
from local.tape import App, Scope, caller, taped

ENDING_SECONDS = 40  # most functions may run for 30
STOPPING = {
    "type": "urn:comanda:problem:unavailable",
    "title": "What answers could not be reached",
    "status": 503,
    "detail": "The embedded AWS is being stopped, and nothing was applied. Send it again with the same key after the next start.",
    "errors": [],
}

log = logging.getLogger("comanda.server")


class QuietServer(Server):
    """A server that leaves signals and its end to `run`, where uvicorn's asks ten times a second whether it is over."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.stopped = asyncio.Event()

    async def main_loop(self) -> None:
        await self.stopped.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


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
        if stop.is_set() and scope["type"] == "http" and not caller(_authorization(scope)):
            await _refuse(send)
        else:
            await listening(scope, receive, send)

    # ministack's own server parses HTTP in Python, which takes a third of the emulator's time.
    config = Config(
        noticed,
        host=HOST,
        port=instance.port,
        backlog=1024,  # hundreds of clients may connect at once
        http="httptools",
        ws="none",
        lifespan="on",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        reset_contextvars=True,  # the account of a request is such a variable
        proxy_headers=False,
        date_header=False,  # ministack writes its own
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="error",
    )
    server = QuietServer(config)

    async def end_when_stopped() -> None:
        await stop.wait()
        # A function that has sent a mail, and not saved yet that it did, would send it again after the next start.
        workers.start_no_more()
        if not await workers.running_have_ended(ENDING_SECONDS):
            log.warning("functions still ran after %s s: ended as by a crash", ENDING_SECONDS)
        # No function may run while state is saved; one that never ends is ended as by a crash, which AWS allows too.
        await asyncio.to_thread(lambda_runtime.reset)
        server.should_exit = True
        server.stopped.set()

    ending = asyncio.create_task(end_when_stopped())
    keeper = asyncio.create_task(journal.keep())
    # Without the journal a kill would lose committed writes: then the server stops.
    keeper.add_done_callback(lambda task: task.cancelled() or loop.call_soon(stop.set))
    await server.serve()
    ending.cancel()
    keeper.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeper
    journal.snapshot_tables()


def _authorization(scope: Scope) -> str:
    return next((value.decode(errors="replace") for name, value in scope["headers"] if name == b"authorization"), "")


async def _refuse(send: Any) -> None:
    """Answer a client who asks during the stop. The functions that end have their calls answered."""
    headers = [(b"content-type", b"application/problem+json"), (b"retry-after", b"1"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": STOPPING["status"], "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(STOPPING).encode()})


def main() -> None:
    instance = Instance.current()
    logging.getLogger("persistence").setLevel(logging.WARNING)
    journal = Journal(instance.state)
    cures.apply(state=instance.state)
    SentMessages(instance.state).attach()
    journal.attach()
    # State and modules stay until the end: to look for garbage in them again and again took a twentieth of the time.
    gc.freeze()
    gc.set_threshold(20_000, 10, 20)
    asyncio.run(run(instance, journal))
    # Waiting executions and readers are threads that would not end. All state is saved, so the process exits with them.
    lambda_runtime.reset()
    os._exit(0)


if __name__ == "__main__":
    main()
