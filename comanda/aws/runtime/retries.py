"""
Do a piece of work again when another writer was faster: load, decide and save, all anew.

Called by   whatever saves under the condition that nobody else has saved since it loaded
Returns     what the work returns
Raises      the last error when all tries lost the race, and at once each error of another kind
"""

from collections.abc import Callable

from comanda.domain.errors import Busy

MOST_DELIVERIES = 4  # of a message of a queue, before it is a dead letter


def retry[T](tries: int, work: Callable[[], T], on: type[Busy] = Busy) -> T:
    """Return what the work returns. It is done again after an error of the class `on`, up to `tries` times in all."""
    for _ in range(tries - 1):
        try:
            return work()
        except on:
            continue
    return work()
