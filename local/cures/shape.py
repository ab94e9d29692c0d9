"""
Check that the code that a cure replaces is still the code that the cure was written for.

Called by   the other modules of local/cures, local/journal.py
Raises      Uncured
"""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any


class Uncured(RuntimeError):
    """Upstream changed code that a cure replaces: read the change, then adapt or drop the cure."""


def expect(condition: object, what: str) -> None:
    """Raise Uncured, which names `what`, unless the condition holds."""
    if not condition:
        raise Uncured(f"ministack no longer looks as the cure expects: {what}")


def source_has(function: Callable[..., Any], *pieces: str) -> None:
    """Raise Uncured unless the function's source has every piece."""
    text = inspect.getsource(function)
    for piece in pieces:
        expect(piece in text, f"{function.__module__}.{function.__qualname__} without {piece!r}")


def replaced_in(old: object, new: object, *modules: ModuleType) -> None:
    """Replace a value under each of its names in these modules. Raises Uncured when none has it."""
    replaced = 0
    for module in modules:
        for name, value in list(vars(module).items()):
            if value is old:
                setattr(module, name, new)
                replaced += 1
    expect(replaced, f"{old!r} is still where it was")
