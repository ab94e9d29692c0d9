"""
Do something again and again, each time with a process that ends at another of its calls of AWS.

Called by   the tests of crashes of every room, and those of tests/storms
Returns     each crash that leaves AWS in another state, with what the run began with and what it gave in the end
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from functools import partial
from time import monotonic
from typing import Any
from unittest import mock

from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from comanda.aws.directory import directory
from comanda.aws.orders import capacity
from comanda.aws.reservations import expiry
from tests.faults import Crash
from tests.functions.world import World
from tests.moto_aws import REGION


class Moment:
    """A world as it was, to begin from again and again."""

    def __init__(self, world: World) -> None:
        self.world, self.now, self.hops = world, world.now, world.hops.keep()
        self.items = {name: deepcopy(table.items) for name, table in _tables().items()}

    def back_in(self, world: World) -> None:
        """Begin in the world of another test, which has the same settings."""
        self.world = world
        self.back()

    def back(self) -> None:
        directory.forget()
        capacity.forget()
        self.world.now = self.now
        self.world.hops.back_to(self.hops)
        for name, table in _tables().items():
            table.items = deepcopy(self.items[name])


def _tables() -> dict[str, Any]:
    return dict(dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables)


class Crashes[S, T]:
    """
    The crashes of what a test does, one for each point of a room, or of all, at which an end leaves AWS in another state.

    Every run begins anew with `begin`. `act` lets another process take over after the crash, or leaves that to the hops.
    """

    def __init__(
        self, world: World, begin: Callable[[], S], act: Callable[[Crash, S], T], *, room: str = "", least: int = 2
    ) -> None:
        self._world, self._begin, self._act = world, begin, act
        for _ in range(2):  # what a process keeps for its life is read in the first run only
            self.counted = Crash()
            self._run(self.counted)
        self.points = self.counted.points(room)
        assert len(self.points) >= least

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[tuple[Crash, S, T]]:
        """Yield (crash, what `begin` returned, what `act` returned)."""
        for at, after in self.points:
            crash = Crash(at, after=after)
            given, answer = self._run(crash)
            assert crash.happened.endswith(f" {self.counted.calls[at - 1]}"), (crash.happened, self.counted.calls)
            yield crash, given, answer

    def _run(self, crash: Crash) -> tuple[S, T]:
        with _caches_that_do_not_end():
            self._world.hops.follow(Crash())  # what was before is nobody's crash
            given = self._begin()
            self._world.hops.follow(crash)
            with crash:
                return given, self._act(crash, given)


@contextmanager
def _caches_that_do_not_end() -> Iterator[None]:
    """Begin with empty caches that keep what they read: on a busy machine theirs would end in a run, which reads again then."""
    began = monotonic()
    with ExitStack() as patched:
        for module in (directory, capacity, expiry):
            module.forget()
            patched.enter_context(mock.patch.object(module, "monotonic", partial(float, began)))
        yield
