"""
Open pages of the console with AWS stubbed at the wire and the API's answers served by another process.

Called by   bench/console.py, in a fresh interpreter, with a file of pages and their answers
Prints      the median of the milliseconds of CPU of each page, as JSON: the session, the calls, and the page itself
"""

import json
import statistics
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from bench import scenes, wire

_WARM, _TIMES = 5, 30


def main(name: str) -> None:
    pages = json.loads(Path(name).read_text(encoding="utf-8"))
    ours, theirs = get_context("spawn").Pipe()
    server = get_context("spawn").Process(target=_serve, args=(theirs, pages), daemon=True)
    server.start()
    address = f"http://127.0.0.1:{ours.recv()}"
    scenes.set_environment()
    scene = _scene()
    scene["always"]["GetSecretValue"] = {"SecretString": "bench"}
    for parameter in scene["always"]["GetParameters"]["Parameters"]:
        if parameter["Name"].endswith("/api-url"):
            parameter["Value"] = address
    with wire.stubbed(wire.answering(scene)):
        from functions.console.handler import handler

        print(json.dumps({page: _cpu(handler, scene["event"], one["path"]) for page, one in pages.items()}))
    server.terminate()


def _scene() -> Any:
    """Return the request of a signed-in person with the tables' answers, made in an interpreter of its own."""
    command = [sys.executable, "-m", "bench.events", "functions.console.handler"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _cpu(handler: Any, scene: dict[str, Any], path: str) -> float:
    bare, _, query = path.partition("?")
    event = {
        **scene,
        "resource": "/console/{page+}" if bare else "/console",
        "path": f"/console/{bare}".rstrip("/"),
        "pathParameters": {"page": bare} if bare else None,
        "multiValueQueryStringParameters": parse_qs(query) or None,
    }
    took = []
    for _ in range(_WARM + _TIMES):
        began = time.process_time()
        answer = handler(event, None)
        took.append(time.process_time() - began)
        if answer["statusCode"] != 200:
            raise RuntimeError(f"{path}: {answer['statusCode']} {answer['body'][:500]}")
    return round(statistics.median(took[_WARM:]) * 1_000, 1)


def _serve(pipe: Connection, pages: dict[str, Any]) -> None:
    """Serve the kept answers on this machine until the process is ended."""
    kept = {(method, target): rest for one in pages.values() for method, target, *rest in one["answers"]}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, text = kept["GET", self.path]
            body = text.encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_port)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
