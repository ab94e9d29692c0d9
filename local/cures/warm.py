"""
Hold what every room imports, and become a worker at each request: a fork takes a hundredth of the time of the imports.

Called by   local/cures/forks.py, as a script of the bare interpreter: it has the standard library and the layers only
Returns     exit code 0 when the emulator has closed the connection, by an end or by a kill

Its arguments: the number of the connection, the folders of the emulator's workers, which tell whose process this is, and
the folders of the layers. A request is a line of JSON with the three files of the new process. The answer is its id and
a handle of it, which becomes readable when the process has ended.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import socket
import sys
from pathlib import Path
from typing import Any

# What most rooms import from the layer before or at their first call. To import it reads no setting of a function, whose
# environment is not here yet: a test imports each (tests/local/test_forks.py).
IMPORTED = (
    "aws_lambda_powertools.logging",
    "aws_lambda_powertools.metrics",
    "botocore.client",
    "botocore.endpoint",
    "botocore.handlers",
    "botocore.httpsession",
    "botocore.session",
    "botocore.signers",
    "pydantic.main",
    "pydantic.types",
    "comanda.aws.api.resolver",
    "comanda.aws.directory.directory",
    "comanda.aws.orders.orders",
    "comanda.aws.stock.position_writes",
    "comanda.aws.stock.stock_changes",
    "comanda.domain.billing.invoices",
    "comanda.domain.lifecycle.next_look",
)
LONGEST = 1 << 20


def main() -> None:
    connection = socket.socket(fileno=int(sys.argv[1]))
    before = sys.path[1:]
    sys.path[:0] = sys.argv[3:]
    for name in IMPORTED:
        with contextlib.suppress(ImportError):  # a function without this layer
            importlib.import_module(name)
    sys.path[:] = before
    gc.collect()
    gc.freeze()
    running: dict[int, int] = {}  # handle -> process
    while True:
        ready, _, _ = select.select([connection.fileno(), *running], [], [])
        for handle in running.keys() & set(ready):
            os.waitpid(running.pop(handle), 0)
            os.close(handle)
        if connection.fileno() in ready:
            line, files, _, _ = socket.recv_fds(connection, LONGEST, 3)
            if not line:
                return
            process = os.fork()
            if not process:
                connection.close()
                for handle in running:
                    os.close(handle)
                become(json.loads(line), files)
                return
            for file in files:
                os.close(file)
            handle = os.pidfd_open(process)
            running[handle] = process
            socket.send_fds(connection, [str(process).encode()], [handle])


def become(request: dict[str, Any], files: list[int]) -> None:
    """Turn this process, which was forked for it, into the worker: its files, environment, folder and script."""
    for target, file in enumerate(files):
        os.dup2(file, target)
        os.close(file)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    Path("/proc/self/comm").write_text(request["name"])  # its command line is still that of the process that forked it
    sys.path.insert(0, str(Path(request["script"]).parent))
    runpy.run_path(request["script"], run_name="__main__")


if __name__ == "__main__":
    main()
