"""
Every request that reaches the embedded AWS, as a line of a file: what the published costs are counted from.

Called by   local/server.py, where COMANDA_TAPE names the file; without it nothing is recorded
Returns     the ASGI application, listened to
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
    async def recorded(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        asked, answered, status = bytearray(), bytearray(), 0

        async def heard() -> Any:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def said(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            answered.extend(message.get("body", b""))
            await send(message)

        await app(scope, heard, said)
        headers = {name.decode().lower(): value.decode(errors="replace") for name, value in scope["headers"]}
        target = headers.get("x-amz-target", "")
        line: dict[str, Any] = {
            "caller": _caller(headers.get("authorization", "")),
            "target": target,
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "asked": len(asked),
            "answered": len(answered),
        }
        if target.startswith(("DynamoDB_", "AWSEvents.")):  # billed by the sizes of items, and by the number of events
            line |= {"request": asked.decode(), "answer": answered.decode()}
        _append(path, line)

    return recorded


def _append(path: Path, line: dict[str, Any]) -> None:
    with _one_writer, path.open("a") as tape:
        tape.write(json.dumps(line) + "\n")


def _caller(authorization: str) -> str:
    """The function that signed, by the session of its role; "" for the operator and for clients of the API."""
    _, _, signed = authorization.partition("Credential=")
    session = sts._sessions.get(signed.partition("/")[0]) or {}  # noqa: SLF001  how else to know who calls
    arn = str(session.get("Arn", ""))
    return arn.rpartition("/")[2] if ":assumed-role/" in arn else ""
