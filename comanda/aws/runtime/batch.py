"""Do every step of a batch, also after one of them failed."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack


def do_all(steps: Iterable[Callable[[], object]]) -> None:
    """Do every step in turn, also after one raised an error.

    Raises the last error, with the earlier ones in its context.
    """
    with ExitStack() as stack:
        for step in reversed(tuple(steps)):
            stack.callback(step)
