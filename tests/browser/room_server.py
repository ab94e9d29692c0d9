"""Serve the pages of one room on 127.0.0.1, as the gateway passes its requests on."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class _Handler(BaseHTTPRequestHandler):
    one = Lock()  # a Lambda has one event at a time
    room: str
    resource: str
    parameter: str  # the last part of the path

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length", 0))
        event: dict[str, Any] = {
            "httpMethod": self.command,
            "resource": self.resource,
            "path": parts.path,
            "pathParameters": {self.parameter: parts.path.rpartition("/")[2]},
            "headers": dict(self.headers.items()),
            "queryStringParameters": dict(parse_qsl(parts.query)) or None,
            "body": self.rfile.read(length).decode() if length else None,
            "isBase64Encoded": False,
            "requestContext": {"requestId": "r-page", "identity": {"sourceIp": "127.0.0.1"}},
        }
        with self.one:
            answer = import_module(f"functions.{self.room}.handler").handler(event, None)
        self.send_response(answer["statusCode"])
        for name, values in answer["multiValueHeaders"].items():
            self.send_header(name, values[0])
        content = answer["body"].encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _answer  # noqa: N815  the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Write nothing: a test says itself what went wrong."""


@contextmanager
def serving(room: str, resource: str) -> Iterator[str]:
    """Serve the pages of a room, whose route ends with a parameter, and give the address of the server."""
    parameter = resource.rpartition("/")[2].strip("{}")
    of_room = type("_OfRoom", (_Handler,), {"room": room, "resource": resource, "parameter": parameter})
    with ThreadingHTTPServer(("127.0.0.1", 0), of_room) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
