"""
Measure how long each part of a command took.

Called by   local/cli.py (`comanda demo`), which prints it; local/deploy.py and local/demo.py, which mark their parts
Returns     Parts
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Parts:
    """Seconds by the names of parts, in the order in which they first began. The times of a part that occurs twice are
    added up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = clock

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        began = self._clock()
        self.seconds.setdefault(name, 0.0)
        try:
            yield
        finally:
            self.seconds[name] += self._clock() - began

    def __str__(self) -> str:
        each = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.seconds.items())
        return f"{each}; together {sum(self.seconds.values()):.0f} s"
