"""
Serve one account over HTTP, on 127.0.0.1 only.

Called by   the tests, within their own process
Returns     a running server

| fault | does |
|---|---|
| `timeout_before` | no answer, and no effect |
| `timeout_after` | the effect, and no answer |
| `error_before` | 500 without effect |
| `error_after` | the effect, and 500 |
| `rate_limit` | 429 without effect |
| `slow` | the right answer, `seconds` later |
| `decline` | 400 with the error `code` |
"""

import json
import threading
import time
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from local.avalara.documents import Documents
from local.avalara.rates import Refused
from local.instance import HOST
from local.stripe.faults import Faults

ACCOUNT, KEY = "2000000001", "local-key"  # open this server, and nothing else anywhere
_BEFORE = ("timeout_before", "error_before", "rate_limit", "slow", "decline")
_AFTER = ("timeout_after", "error_after")
_STATUS = {"error_before": 500, "error_after": 500, "rate_limit": 429, "decline": 400}


class AvalaraServer:
    """A running server with its documents and faults, in memory."""

    def __init__(self) -> None:
        self.documents, self.faults = Documents(), Faults()
        self._http = _Listener(self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._http.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a request that a fault holds must not hold the stop

    def __init__(self, server: AvalaraServer) -> None:
        super().__init__((HOST, 0), _Handler)
        self.avalara = server


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        """Keep quiet: what came is in the documents."""

    def _answer(self) -> None:
        assert isinstance(self.server, _Listener)
        avalara = self.server.avalara
        path, body = urlsplit(self.path).path, self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.headers["Authorization"] != f"Basic {b64encode(f'{ACCOUNT}:{KEY}'.encode()).decode()}":
            self._send(401, _error("AuthenticationException", "The account or the key is wrong."))
            return
        before = avalara.faults.pick(_BEFORE, path)
        if before:
            time.sleep(before.seconds)
        if before and before.kind != "slow":
            self._fail(before.kind, before.code)
            return
        status, answer = _answered(avalara.documents, self.command, path, body)
        after = avalara.faults.pick(_AFTER, path)
        if after:
            self._fail(after.kind, after.code)
            return
        self._send(status, answer)

    def _fail(self, kind: str, code: str) -> None:
        if kind.startswith("timeout"):
            self.close_connection = True
            return
        self._send(_STATUS[kind], _error(code if kind == "decline" else "ServerError", "It did not work."))

    def _send(self, status: int, answer: Any) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _answered(documents: Documents, method: str, path: str, body: bytes) -> tuple[int, Any]:
    try:
        match method, [unquote(part) for part in path.split("/")[1:]]:
            case "POST", ["api", "v2", "transactions", "create"]:
                return 201, documents.create(json.loads(body))
            case "GET", ["api", "v2", "companies", company, "transactions", code, "types", kind]:
                return 200, documents.find(company, code, kind)
    except Refused as refused:
        return 404 if refused.code == "EntityNotFoundError" else 400, _error(refused.code, str(refused))
    return 404, _error("EndpointNotFound", "There is no such call.")


def _error(code: str, message: str) -> dict[str, Any]:
    detail = {"code": code, "message": message, "description": message, "faultCode": "Client", "severity": "Error"}
    return {"error": {"code": code, "message": message, "target": "Unknown", "details": [detail]}}
