"""Batches in which one bad item must not stop its neighbours."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack


def do_all(steps: Iterable[Callable[[], object]]) -> None:
    """Do every step in turn, whatever the others raise; then raise the last error, the others in its context."""
    with ExitStack() as stack:
        for step in reversed(tuple(steps)):
            stack.callback(step)
