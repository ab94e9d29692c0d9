"""
Record every request to the embedded AWS as a line of a file. The published costs are counted from it.

Called by   local/server.py: `taped` when COMANDA_TAPE names the file, `caller` during a stop
Returns     the ASGI application, with recording; the function that signed a request
"""

import json
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ministack.services import sts

Scope = dict[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]

_one_writer = threading.Lock()


def taped(app: App, path: Path) -> App:
    """Return the application, which then also writes each HTTP request into the file."""

    async def recorded(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        request, answer, status = bytearray(), bytearray(), 0

        async def receive_and_note() -> Any:
            message = await receive()
            request.extend(message.get("body", b""))
            return message

        async def send_and_note(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            answer.extend(message.get("body", b""))
            await send(message)

        await app(scope, receive_and_note, send_and_note)
        headers = {name.decode().lower(): value.decode(errors="replace") for name, value in scope["headers"]}
        target = headers.get("x-amz-target", "")
        line: dict[str, Any] = {
            "caller": caller(headers.get("authorization", "")),
            "target": target,
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "asked": len(request),
            "answered": len(answer),
        }
        if target.startswith(("DynamoDB_", "AWSEvents.")):  # billed by the sizes of items, and by the number of events
            line |= {"request": request.decode(), "answer": answer.decode()}
        _append(path, line)

    return recorded


def _append(path: Path, line: dict[str, Any]) -> None:
    with _one_writer, path.open("a") as tape:
        tape.write(json.dumps(line) + "\n")


def caller(authorization: str) -> str:
    """Return the function that signed the request, by the session of its role; "" for the operator and API clients."""
    _, _, signed = authorization.partition("Credential=")
    session = sts._sessions.get(signed.partition("/")[0]) or {}  # noqa: SLF001  ministack has no public way to name a caller
    arn = str(session.get("Arn", ""))
    return arn.rpartition("/")[2] if ":assumed-role/" in arn else ""
