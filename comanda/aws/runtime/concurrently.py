"""Steps that wait for AWS nearly all of their time, done a few at once."""

from collections.abc import Callable, Iterable

_TOGETHER = 8  # as many as a client keeps connections for


def side_by_side[T](steps: Iterable[Callable[[], T]]) -> list[Callable[[], T]]:
    """The same steps, done; each answers, or raises, where it is called. Clients must have been made before."""
    from concurrent.futures import ThreadPoolExecutor  # few events read that much: no start-up waits for it

    with ThreadPoolExecutor(max_workers=_TOGETHER) as pool:
        return [future.result for future in [pool.submit(step) for step in steps]]
