"""
Log each error that a room did not expect as JSON, and raise it again without the text that strangers wrote.

Called by   every handler of a Lambda, which is decorated with `room`
Raises      every error that the handler raises: errors of this project as they are, all others as a `Fault`

An error that leaves a room is written to logs, to the history of an execution, to the failures bucket and to queues of
people. The text of an error of AWS, of a library or of Python may quote the value that was wrong, also a customer's address.
So only its name is passed on, AWS's code (`MessageRejected`) or the class (`KeyError`), and the place where it arose. Errors
of this project carry ids and counts, never a person's data.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from json import JSONDecodeError
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any, NoReturn

from aws_lambda_powertools import Logger

from comanda.domain.errors import ComandaError, Edge, Held

OURS = ("comanda.", "functions.")
_MOST_FRAMES = 12
_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)\b")
_EXPECTED = (Edge, Held)  # edges that a machine takes; they are no failures

logger = Logger()

Handler = Callable[[dict[str, Any], Any], Any]


class Fault(Exception):
    """Stand for an error that was not expected, without its text.

    The class has the name of AWS's code or of the error's class, and is a subclass of the latter.
    """

    def __init__(self, text: str) -> None:
        Exception.__init__(self, text)  # whatever arguments the other class takes
        self.text = text

    def __str__(self) -> str:
        return self.text


def room[H: Handler](handler: H) -> H:
    """Wrap the handler of a Lambda: log each error that it raises with level ERROR, and pass the error on without its text.

    Edges of a machine are not logged.
    """

    @wraps(handler)
    def reporting(event: dict[str, Any], context: Any) -> Any:
        with _ErrorReport(event, context):
            return handler(event, context)

    reporting.__dict__["is_room"] = True
    return reporting  # type: ignore[return-value]  # it has the signature of the handler


class _ErrorReport:
    """Report every error that leaves the room; suppress none."""

    def __init__(self, event: Any, context: Any) -> None:
        self.event, self.context = event, context

    def __enter__(self) -> None:
        """Do nothing before the event is handled."""

    def __exit__(self, _kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if not isinstance(error, Exception) or isinstance(error, _EXPECTED):
            return
        report(error, self.event, self.context)
        if not is_ours(error):
            _raise(error, trace)
        # Lambda's own log shows the errors that came before this one, too.
        error.__cause__, error.__suppress_context__ = None, True


def report(error: Exception, event: Any, context: Any) -> None:
    """Log an error that was not expected, by its name and the places of the code that it passed.

    The fields are {"error", "where", "operation", "not_granted", "after", "order_id", "route", "request_id"}, each if it is
    known.
    """
    logger.error("failed", extra=_facts(error, error.__traceback__) | _about(event, context))


def _about(event: Any, context: Any) -> dict[str, str]:
    """Return the ids of the order and of the request that the event is about, if the event has them."""
    found = {"request_id": getattr(context, "aws_request_id", None)}
    if isinstance(event, dict):
        found |= {"order_id": event.get("order_id"), "route": route_of(event)}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def is_ours(error: BaseException) -> bool:
    """Return True if this project wrote the error's text."""
    return isinstance(error, ComandaError | Fault) or type(error).__module__.startswith(OURS)


def name_of(error: BaseException) -> str:
    """Return AWS's code if AWS refused a call, else the name of the error's class."""
    answer = getattr(error, "response", None)
    code = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    return str(code or type(error).__name__)


def _missing_right(error: BaseException) -> str | None:
    """Return the action that no policy grants, such as `dynamodb:PutItem`, or None if no right is missing.

    No other part of AWS's text is passed on.
    """
    if not name_of(error).startswith("AccessDenied"):
        return None
    found = _ACTION.search(str(error))
    return found[1] if found else None


def fault(error: BaseException) -> Fault:
    """Return the same error without its text, to be raised `from None`."""
    operation, name, right = getattr(error, "operation_name", None), name_of(error), _missing_right(error)
    if isinstance(error, JSONDecodeError):
        text = str(error)  # a rule of JSON and a position, never the text that broke it
    elif operation:
        text = f"AWS refused {operation}" + (f": {right} is not granted" if right else "")
    else:
        text = "its text may hold a person's data: the log says where it arose"
    try:
        made: Fault = type(name, (Fault, type(error)), {})(text)
    except TypeError:  # a class that cannot have subclasses, such as pydantic's
        made = type(name, (Fault,), {})(text)
    if operation:
        made.__dict__.update(response={"Error": {"Code": name}}, operation_name=operation)
    return made


def _raise(error: Exception, trace: TracebackType | None) -> NoReturn:
    raise fault(error).with_traceback(trace) from None


def _facts(error: Exception, trace: TracebackType | None) -> dict[str, Any]:
    earlier = list(dict.fromkeys(map(name_of, _earlier_errors(error))))
    facts: dict[str, Any] = {"error": name_of(error), "where": _where(trace)}
    if operation := getattr(error, "operation_name", None):
        facts["operation"] = operation
    if right := _missing_right(error):
        facts["not_granted"] = right
    if earlier:
        facts["after"] = earlier
    return facts


def _earlier_errors(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors that led to this one, the latest first.

    That is its cause, or else the error that was being handled when it arose, and so on. In a batch they may be about
    another item than this error.
    """
    seen = {id(error)}
    earlier = error.__cause__ or error.__context__
    while earlier is not None and id(earlier) not in seen:  # a chain may lead back to an error of itself
        seen.add(id(earlier))
        yield earlier
        earlier = earlier.__cause__ or earlier.__context__


def _where(trace: TracebackType | None) -> list[str]:
    """Return the innermost places of the code that the error passed, the outermost of them first."""
    frames = [
        f"{'/'.join(Path(frame.f_code.co_filename).parts[-3:])}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(trace)
    ]
    return frames[-_MOST_FRAMES:]


_MOST_LETTERS = 20  # of a step


def route_of(event: Mapping[str, Any]) -> str | None:
    """Return the route of a request. Steps share a method of the gateway, and a word that can be none is left out."""
    resource: str | None = event.get("resource")
    step = str((event.get("pathParameters") or {}).get("step") or "")
    named = step.isascii() and step.replace("-", "").isalpha() and len(step) <= _MOST_LETTERS
    return resource.replace("{step}", step) if resource and named else resource
