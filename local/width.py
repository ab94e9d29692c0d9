"""
Send many requests at once, as many as the other side can take: fewer while it is slow or busy, more while it is fast.

Called by   local/seed.py
Returns     the answers of the jobs, in their order
Raises      the first error of a job, after those that were under way have ended
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

SLOW_SECONDS, FAST_SECONDS = 4.0, 1.0


class Width:
    """The number of requests at once. `most` is the number where every answer is fast. The number is halved by a slow
    answer, and grows by one with a fast one."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.now, self._clock = most, most, clock
        self._under_way = 0
        self._changed = threading.Condition()

    def run[Answer](self, jobs: Iterable[Callable[[], Answer]]) -> Iterator[Answer]:
        """Do every job once; answers come in the jobs' order."""
        with ThreadPoolExecutor(self.most) as pool:
            started = [pool.submit(self._one, job) for job in jobs]
            try:
                for future in started:
                    yield future.result()
            finally:
                for future in started:
                    future.cancel()

    def _one[Answer](self, job: Callable[[], Answer]) -> Answer:
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self.now)
            self._under_way += 1
        began = self._clock()
        try:
            return job()
        finally:
            self._ended(self._clock() - began)

    def _ended(self, seconds: float) -> None:
        with self._changed:
            self._under_way -= 1
            if seconds > SLOW_SECONDS:
                self.now = max(1, self.now // 2)
            elif seconds < FAST_SECONDS:
                self.now = min(self.most, self.now + 1)
            self._changed.notify_all()
