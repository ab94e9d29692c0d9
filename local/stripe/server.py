"""
Serve one account over HTTP, on 127.0.0.1 only.

Called by   local/side_servers.py, as `python -m local.stripe.server <folder> <port>`; the tests, within their own process
Returns     exit code 0 after SIGTERM or SIGINT
Raises      OSError when no port can be listened at

It listens at the port or at the first one above that nobody uses, and writes the number into the folder.
"""

import json
import socket
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.instance import HOST
from local.side_servers import listening, serve
from local.stripe import pages, pix_page
from local.stripe.account import Account
from local.stripe.api import Answer, Api, Request
from local.stripe.clockwork import Clockwork
from local.stripe.doors import Doors
from local.stripe.faults import Faults
from local.stripe.refusals import Refused

KEY = "sk_test_local"  # opens this server, and nothing else anywhere
LONGEST_BODY = 200_000


class StripeServer:
    """A running server. With a folder it keeps its account there; without, in memory."""

    def __init__(self, port: int = 0, folder: Path | None = None) -> None:
        self.account = Account(folder / "stripe.sqlite" if folder else None)
        self.faults = Faults()
        self.api = Api(self.account, self.faults, KEY)
        self.doors = Doors(self.account, self.faults)
        self.clockwork = Clockwork(self.account, self.faults)
        self._http = listening(port, lambda port: _Listener(port, self))
        self.account.address = self.url
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        self.clockwork.start()
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self.clockwork.stop()
        self.account.store.close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a request that a fault holds must not hold the stop
    request_queue_size = 128

    def __init__(self, port: int, stripe: StripeServer) -> None:
        super().__init__((HOST, port), _Handler)
        self.stripe = stripe


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    @property
    def _stripe(self) -> StripeServer:
        assert isinstance(self.server, _Listener)
        return self.server.stripe

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_: Any) -> None:
        """Keep quiet: what happened is in the events."""

    def _answer(self) -> None:
        address = urlsplit(self.path)
        body = self._body()
        if body is None:
            return
        content = address.query if self.command == "GET" else body
        if address.path.startswith("/_"):
            self._send(*_of_door(self._stripe, self.command, address.path, content))
            return
        if self.command in ("GET", "POST") and (page := self._page(address.path, content)) is not None:
            self._stripe.clockwork.wake()
            self._send(page, pages.KIND)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(method=self.command, path=address.path, content=content, headers=headers)
        answer = self._stripe.api.answer(request)
        self._stripe.clockwork.wake()
        if answer is None:
            self.close_connection = True
            return
        self._send(answer, "application/json")

    def _page(self, path: str, content: str) -> Answer | None:
        """Return a page that a customer sees. None: the path is that of no page."""
        account = self._stripe.account
        if path.startswith(pages.PATH):
            return pages.answer(account, self._stripe.faults, self.command, path, content)
        if path == pix_page.PATH or path.startswith(f"{pix_page.PATH}/"):
            return pix_page.answer(account, self.command, path, content)
        return None

    def _body(self) -> str | None:
        """Read the body. Returns None when it was refused, and the connection ends."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self.send_error(413)
            return None
        return self.rfile.read(int(length)).decode("utf-8", "replace")

    def _send(self, answer: Answer, kind: str) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        headers: Mapping[str, str] = {"Content-Type": kind, "Content-Length": str(len(body)), **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _of_door(server: StripeServer, method: str, path: str, content: str) -> tuple[Answer, str]:
    try:
        result = server.doors.answer(method, path, content)
    except Refused as refused:
        return Answer(status=refused.status, body=json.dumps({"error": refused.error}, default=str)), "application/json"
    server.clockwork.wake()
    if isinstance(result, str):
        return Answer(status=200, body=result), "text/csv"
    return Answer(status=200, body=json.dumps(result)), "application/json"


if __name__ == "__main__":
    serve(StripeServer)
