"""A process that ends before or after any call of AWS or of the provider moves the money once, and the books agree."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from comanda.aws.payments.stripe_calls import Calls
from tests.faults import Between, Crashed
from tests.functions.crashes import Crashes
from tests.functions.pay.test_pay import later, operations, shipped
from tests.functions.world import World
from tests.invariants import broken

pytestmark = pytest.mark.usefixtures("few_pages")


class ProviderCrash:
    """End the process before or after the `at`-th call of the provider (from 1). `at` 0 only counts."""

    def __init__(self, at: int = 0, *, after: bool = False) -> None:
        self.at, self.after, self.calls = at, after, 0

    def wrapped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **more: Any) -> Any:
            self.calls += 1
            crashes = self.calls == self.at
            if crashes and not self.after:
                raise Crashed
            answer = call(*args, **more)
            if crashes:
                raise Crashed
            return answer

        return made


@contextmanager
def provider_crash(patch: pytest.MonkeyPatch, at: int = 0, *, after: bool = False) -> Iterator[ProviderCrash]:
    crash = ProviderCrash(at, after=after)
    with patch.context() as patched:
        for name in ("write", "read"):
            patched.setattr(Calls, name, crash.wrapped(getattr(Calls, name)))
        yield crash


@pytest.fixture
def begin(request: pytest.FixtureRequest, world: World, shop: Any, half_cancelled: Any) -> Callable[[str], str]:
    return lambda purpose: shipped(world, shop) if purpose == "capture" else half_cancelled()


def sent_by_two_processes(world: World, written: Callable[[], str]) -> Iterator[str]:
    """Yield an order of `written` for each call of AWS that the room pay makes, once the room ran before that call, too.

    `written` returns an order whose operation is written and not sent.
    """

    def pay(order_id: str) -> None:
        world.hops.invoke("pay", {"orders": [order_id]})

    order_id = written()
    with Between() as counted:
        pay(order_id)
    assert counted.calls >= 4
    for at in range(1, counted.calls + 1):
        order_id = written()
        with Between(at, partial(pay, order_id)):
            pay(order_id)
        world.pass_time(3_700)
        pay(order_id)
        yield order_id


def moved(sdk: Any, purpose: str, order_id: str) -> list[int]:
    """Return the amounts that the provider moved for an order."""
    if purpose == "refund":
        return [one.amount for one in sdk.refunds.list({"limit": 100}).data if order_id in one.metadata["operation"]]
    found = sdk.payment_intents.list({"limit": 100}).data
    return [one.amount_received for one in found if any(name.startswith("capture-") for name in one.metadata.to_dict())]


@pytest.mark.parametrize("purpose", ["capture", "refund"])
def test_a_process_that_ends_at_any_call_of_aws_moves_money_once(
    world: World, begin: Callable[[str], str], sdk: Any, door: Any, purpose: str
) -> None:
    def begun() -> tuple[str, int]:
        order_id = begin(purpose)
        return order_id, len(moved(sdk, purpose, order_id)) if purpose == "capture" else 0

    runs = Crashes(world, begun, lambda *_: world.settle(), room="pay", least=3)
    for crash, (order_id, before), _ in runs:
        later(world, hours=2)
        assert operations(world, order_id) == [(purpose, "DONE")], crash.happened
        assert moved(sdk, purpose, order_id)[before:] == [1000], crash.happened
        assert broken(world.tables()) == [], crash.happened


@pytest.mark.parametrize("purpose", ["capture", "refund"])
@pytest.mark.parametrize("after", [False, True])
def test_a_process_that_ends_at_any_call_of_the_provider_moves_money_once(
    world: World,
    begin: Callable[[str], str],
    sdk: Any,
    monkeypatch: pytest.MonkeyPatch,
    purpose: str,
    after: bool,
) -> None:
    order_id = begin(purpose)
    with provider_crash(monkeypatch, 1, after=after):
        world.settle()
    with provider_crash(monkeypatch, 1, after=after):  # the question about it, too
        later(world, hours=1)
    later(world, hours=2)

    assert operations(world, order_id) == [(purpose, "DONE")]
    assert moved(sdk, purpose, order_id) == [1000]
    assert broken(world.tables()) == []


@pytest.mark.parametrize("purpose", ["capture", "refund"])
def test_two_processes_at_once_move_money_once(
    world: World, begin: Callable[[str], str], sdk: Any, purpose: str
) -> None:
    def written() -> str:
        world.hops.stopped.discard("relay")
        order_id = begin(purpose)
        world.hops.stopped.add("relay")
        world.settle()
        assert operations(world, order_id) == [(purpose, "WRITTEN")]
        return order_id

    for order_id in sent_by_two_processes(world, written):
        assert operations(world, order_id) == [(purpose, "DONE")]
        (paid,) = world.order(order_id)["payments"]
        refunds = sdk.refunds.list({"payment_intent": paid["reference"]}).data
        captured = sdk.payment_intents.retrieve(paid["reference"]).amount_received
        assert (captured, [one.amount for one in refunds]) == ((1000, []) if purpose == "capture" else (2000, [1000]))
