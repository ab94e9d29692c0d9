"""Run a few steps at once that wait for AWS nearly all of their time."""

from collections.abc import Callable, Iterable

_TOGETHER = 8  # as many as a client keeps connections for


def run_concurrently[T](steps: Iterable[Callable[[], T]]) -> list[Callable[[], T]]:
    """Run the steps in threads, and return a function for each of them, in their order.

    The function returns what its step returned, or raises what its step raised. Make the clients before the call: two
    threads must not make the same one.
    """
    from concurrent.futures import ThreadPoolExecutor  # few events read that much: no start-up waits for it

    with ThreadPoolExecutor(max_workers=_TOGETHER) as pool:
        return [future.result for future in [pool.submit(step) for step in steps]]
