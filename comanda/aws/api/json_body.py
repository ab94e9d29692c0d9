"""
Read the body of a request as JSON, and refuse what is no text, no JSON or too large.

Called by   comanda.aws.api.http and idempotency
Raises      TooLarge; BadRequest for a body that is not JSON; Invalid for each text with half of a surrogate pair
"""

import json
import re
from typing import Any, NoReturn

from comanda.aws.api.json_pointer import pointer
from comanda.aws.api.problems import BadRequest, TooLarge
from comanda.domain import text
from comanda.domain.errors import Invalid, Problem

MOST_BYTES = 1_000_000
HALF_A_PAIR = "holds half of a surrogate pair, which is no text"


def read_json(event: dict[str, Any]) -> Any:
    """Return the body as JSON, {} for an empty body."""
    raw = raw_body(event)
    if len(raw) > MOST_BYTES:
        raise TooLarge(f"{len(raw)} bytes, {MOST_BYTES} are taken")
    try:
        found = json.loads(raw.decode() or "{}", parse_constant=_refuse_constant, object_pairs_hook=_unique_fields)
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise BadRequest("the body has a number that is too long") from error
    if _ESCAPED_SURROGATE.search(raw):
        _refuse_halves(found)
    return found


# A surrogate that is written as an escape. The two halves of a pair are written so, too, and together they are text.
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def raw_body(event: dict[str, Any]) -> bytes:
    """Return the body's bytes. Raises BadRequest when its base64 is wrong."""
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        import base64

        try:
            return base64.b64decode(body)
        except ValueError as error:
            raise BadRequest("the body is not what it was sent as") from error
    return str(body).encode("utf-8", "surrogatepass")  # `read_json` then refuses the bytes, which are not UTF-8


def _refuse_halves(found: Any) -> None:
    """Raise Invalid for every text in a JSON document that holds half of a surrogate pair."""
    wrong: list[Problem] = []
    waiting: list[tuple[list[str], Any]] = [([], found)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, dict):
            wrong += [_half([*at, name]) for name in value if not text.is_text(name)]
            waiting += [([*at, name], inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [([*at, str(i)], inner) for i, inner in enumerate(value)]
        elif isinstance(value, str) and not text.is_text(value):
            wrong.append(_half(at))
    if wrong:
        raise Invalid(*sorted(wrong, key=lambda problem: problem.pointer))


def _half(at: list[str]) -> Problem:
    return Problem(pointer=pointer(at), code="not-text", message=HALF_A_PAIR)


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequest(f"{name} is not JSON")


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object. Raises BadRequest for a field that stands twice, because one of its values would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise BadRequest(f"field {next(n for n in names if names.count(n) > 1)} stands twice")
    return found
