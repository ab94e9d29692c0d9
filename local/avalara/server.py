"""
Serve one account over HTTP, on 127.0.0.1 only.

Called by   local/side_servers.py, as `python -m local.avalara.server <folder> <port>`; the tests, within their own process
Returns     exit code 0 after SIGTERM or SIGINT
Raises      OSError when no port can be listened at

These doors AvaTax does not have. They need no key.

| door | does |
|---|---|
| `GET /_health` | says that the server answers, and which process it is |
| `GET /_documents` | lists what is kept, in the order in which it came |
| `GET /_faults`, `POST /_faults {"faults": [...], "seed"}`, `DELETE /_faults` | lists, adds, clears faults |

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
import os
import threading
import time
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from local.avalara.documents import Documents
from local.avalara.rates import Refused
from local.instance import HOST
from local.side_servers import listening, serve
from local.stripe.faults import Faults
from local.stripe.refusals import Refused as UnknownFault

ACCOUNT, KEY = "2000000001", "local-key"  # open this server, and nothing else anywhere
_BEFORE = ("timeout_before", "error_before", "rate_limit", "slow", "decline")
_AFTER = ("timeout_after", "error_after")
_STATUS = {"error_before": 500, "error_after": 500, "rate_limit": 429, "decline": 400}


class AvalaraServer:
    """A running server with its documents and faults. With a folder it keeps the documents there; without, in memory."""

    def __init__(self, port: int = 0, folder: Path | None = None) -> None:
        self.documents, self.faults = Documents(folder / "documents.jsonl" if folder else None), Faults()
        self._http = listening(port, lambda port: _Listener(port, self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a request that a fault holds must not hold the stop

    def __init__(self, port: int, server: AvalaraServer) -> None:
        super().__init__((HOST, port), _Handler)
        self.avalara = server


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        """Keep quiet: what came is in the documents."""

    def _answer(self) -> None:
        assert isinstance(self.server, _Listener)
        avalara = self.server.avalara
        path, body = urlsplit(self.path).path, self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if path.startswith("/_"):
            self._send(*_of_door(avalara, self.command, path, body))
            return
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


def _of_door(avalara: AvalaraServer, method: str, path: str, body: bytes) -> tuple[int, Any]:
    match method, path:
        case "GET", "/_health":
            return 200, {"avalara": "v2", "pid": os.getpid()}
        case "GET", "/_documents":
            return 200, list(avalara.documents.kept.values())
        case "GET", "/_faults":
            return 200, avalara.faults.listed()
        case "DELETE", "/_faults":
            avalara.faults.clear()
            return 200, []
        case "POST", "/_faults":
            return _with_faults(avalara.faults, body)
    return 404, _error("EndpointNotFound", "There is no such door.")


def _with_faults(faults: Faults, body: bytes) -> tuple[int, Any]:
    try:
        given = json.loads(body)
        return 200, faults.add(given.get("faults", [given]), given.get("seed"))
    except (ValueError, AttributeError):
        return 400, _error("InvalidJson", "The faults are an object of JSON.")
    except UnknownFault as refused:
        return 400, _error("UnknownFault", str(refused.error))


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


if __name__ == "__main__":
    serve(AvalaraServer)
