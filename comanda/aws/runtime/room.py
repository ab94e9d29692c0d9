"""
Log an error that a room did not expect as JSON, and raise it again without strangers' words.

`room` is around every handler of a Lambda. What leaves it stands in logs, in the history of an execution, in the failures
bucket and in queues of people. The text of an error of AWS, of a library or of Python may quote the value that was wrong, a
customer's address too, so only its name goes on: AWS's code (`MessageRejected`) or the class (`KeyError`), and where it arose.
Errors of this project carry ids and counts, never a person's data. They pass as they are.
"""

import re
from collections.abc import Callable, Iterator
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
_EXPECTED = (Edge, Held)  # edges that a machine takes: nothing is wrong

logger = Logger()

Handler = Callable[[dict[str, Any], Any], Any]


class Fault(Exception):
    """An error that was not expected, without its text. Its class has the name of AWS's code or of the error's class,
    and is a subclass of the latter."""

    def __init__(self, text: str) -> None:
        Exception.__init__(self, text)  # whatever the other class would want to be told
        self.text = text

    def __str__(self) -> str:
        return self.text


def room[H: Handler](handler: H) -> H:
    """Wrap the handler of a Lambda. Every error that it raises is logged with level ERROR and leaves without strangers'
    words."""

    @wraps(handler)
    def entered(event: dict[str, Any], context: Any) -> Any:
        with _Leaving(event, context):
            return handler(event, context)

    entered.__dict__["is_room"] = True
    return entered  # type: ignore[return-value]  # it takes and returns what the handler does


class _Leaving:
    """A context that reports every error that leaves the room, and suppresses none."""

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
    """Log an error that was not expected, by its name and the places of the code that it passed. The fields are
    {"error", "where", "operation", "after", "order_id", "route", "request_id"}, each where it is known."""
    logger.error("failed", extra=_facts(error, error.__traceback__) | _about(event, context))


def _about(event: Any, context: Any) -> dict[str, str]:
    """Return the ids of the order and of the request that the event is about, where the event has them."""
    found = {"request_id": getattr(context, "aws_request_id", None)}
    if isinstance(event, dict):
        found |= {"order_id": event.get("order_id"), "route": event.get("resource")}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def is_ours(error: BaseException) -> bool:
    """Return whether this project wrote the error's text."""
    return isinstance(error, ComandaError | Fault) or type(error).__module__.startswith(OURS)


def name_of(error: BaseException) -> str:
    """Return AWS's code where AWS refused a call, else the name of the error's class."""
    answer = getattr(error, "response", None)
    code = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    return str(code or type(error).__name__)


def _missing_right(error: BaseException) -> str | None:
    """Return the action that no policy grants, such as `dynamodb:PutItem`: the only part of AWS's text that is passed
    on."""
    if not name_of(error).startswith("AccessDenied"):
        return None
    found = _ACTION.search(str(error))
    return found[1] if found else None


def fault(error: BaseException) -> Fault:
    """Return the same error without its text, to be raised `from None`."""
    asked, name, right = getattr(error, "operation_name", None), name_of(error), _missing_right(error)
    if isinstance(error, JSONDecodeError):
        text = str(error)  # a rule of JSON and a position, never the text that broke it
    elif asked:
        text = f"AWS refused {asked}" + (f": {right} is not granted" if right else "")
    else:
        text = "its text may hold a person's data: the log says where it arose"
    try:
        made: Fault = type(name, (Fault, type(error)), {})(text)
    except TypeError:  # a class that must not have others below it, such as pydantic's
        made = type(name, (Fault,), {})(text)
    if asked:
        made.__dict__.update(response={"Error": {"Code": name}}, operation_name=asked)
    return made


def _raise(error: Exception, trace: TracebackType | None) -> NoReturn:
    raise fault(error).with_traceback(trace) from None


def _facts(error: Exception, trace: TracebackType | None) -> dict[str, Any]:
    earlier = list(dict.fromkeys(map(name_of, _earlier_errors(error))))
    facts: dict[str, Any] = {"error": name_of(error), "where": _where(trace)}
    if asked := getattr(error, "operation_name", None):
        facts["operation"] = asked
    if right := _missing_right(error):
        facts["not_granted"] = right
    if earlier:
        facts["after"] = earlier
    return facts


def _earlier_errors(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors that led to this one, the latest first: its cause, or else the error that was being handled when
    it arose, and so on. In a batch they may be about another item than this error."""
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
