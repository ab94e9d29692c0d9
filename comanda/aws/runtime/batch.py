"""Do every step of a batch, also after one of them failed."""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType


def do_all(steps: Iterable[Callable[[], object]]) -> None:
    """Do every step in turn, also after one raised an error.

    Raises the last error, with the earlier ones in its context.
    """
    errors = _Errors()
    for step in tuple(steps):
        with errors:
            step()
    if errors.last is not None:
        raise errors.last


class _Errors:
    """Suppress the errors of steps, and keep the last one with the earlier ones in its context."""

    def __init__(self) -> None:
        self.last: BaseException | None = None

    def __enter__(self) -> None:
        """Do nothing before a step."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> bool:
        if error is None:
            return False
        if self.last is not None:
            *_, first = _contexts(error)
            if first not in _contexts(self.last):  # one error that is raised twice must not become its own context
                first.__context__ = self.last
        self.last = error
        return True


def _contexts(error: BaseException) -> Iterator[BaseException]:
    """Yield the error, its context, the context of that one, and so on."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__context__
