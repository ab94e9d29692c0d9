"""Choose at random or by Hypothesis for models and tests, and make the awkward orders that the models begin with."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Protocol

from hypothesis import given, settings
from hypothesis import strategies as st

from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import PROVIDED_KINDS, Line
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Order
from tests.builders import DENVER, a_bundle, a_line, an_order

SKUS = ("TEA", "POT")


class Choose(Protocol):
    """A source of the model's choices."""

    def number(self, low: int, high: int) -> int: ...

    def one[T](self, values: Sequence[T]) -> T: ...


class Seeded:
    """Make choices with a seeded random source."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def one[T](self, values: Sequence[T]) -> T:
        return values[int(self._random.random() * len(values))]


class Drawn:
    """Make choices that Hypothesis draws, and can shrink."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def number(self, low: int, high: int) -> int:
        return self._data.draw(st.integers(low, high))

    def one[T](self, values: Sequence[T]) -> T:
        return self._data.draw(st.sampled_from(values))


def with_choices(times: int) -> Callable[[Callable[[Choose], None]], Callable[..., None]]:
    """Run a test so many times, each time with other choices; HYPOTHESIS_PROFILE=long lets Hypothesis choose, which shrinks failures.

    Drawn by Hypothesis, an order and its network take ten times the seconds of the router that is under test.
    """

    def decorate(test: Callable[[Choose], None]) -> Callable[..., None]:
        def with_seeds() -> None:
            for seed in range(times):
                try:
                    test(Seeded(seed))
                except BaseException as wrong:
                    wrong.add_note(f"with Seeded({seed})")
                    raise

        @given(data=st.data())
        def drawn(data: st.DataObject) -> None:
            test(Drawn(data))

        run = drawn if settings.get_current_profile_name() == "long" else with_seeds
        run.__name__, run.__doc__ = test.__name__, test.__doc__
        return run

    return decorate


def _a_bundle(choose: Choose) -> tuple[tuple[Bundle | Line, ...], int]:
    """Make a bundle of two components. Returns its lines and its price."""
    sets, price, share = choose.number(1, 3), choose.one((0, 1_999, 12_345)), choose.one((250_000, 333_333, 1_000_000))
    parts = [(choose.one(SKUS), choose.number(1, 2), part) for part in (share, 1_000_000 - share)]
    made = a_bundle("SET", sets, price, *parts, together=False, tax=choose.number(0, 500))
    return made, sets * price


def _with_destinations(choose: Choose, order: Order) -> Order:
    """Return the order with two further destinations, to which some of its shipped goods go."""
    places = (
        Destination(country="US", region="CO", latitude=DENVER[0], longitude=DENVER[1]),
        Destination(country="US", region="NY"),
    )
    lines = tuple(
        replace(line, destination=choose.number(0, 2)) if (line.kind, line.method) == ("PRODUCT", SHIP) else line
        for line in order.lines
    )
    return replace(order, lines=lines, destinations=places)


def an_arbitrary_order(choose: Choose) -> Order:
    """Make an order of one to four lines of two skus, with awkward prices, discounts, charges and taxes, and enough money.
    Some lines are digital items and services. Some orders have many destinations, some have a bundle beside them, whose components are sold singly.
    Discounts may take all that an order costs.
    """
    lines = []
    for _ in range(choose.number(1, 4)):
        quantity, price = choose.number(1, 6), choose.one((0, 1, 7, 333, 999, 12345))
        kind = choose.one((*["PRODUCT"] * 6, *sorted(PROVIDED_KINDS)))
        pickup = kind == "PRODUCT" and choose.number(0, 3) == 0
        lines.append(
            a_line(
                choose.one(SKUS),
                quantity,
                price,
                discount=choose.number(0, quantity * price) if choose.number(0, 2) == 0 else 0,
                tax=choose.number(0, 500),
                method=PICKUP if pickup else SHIP,
                node="store-1" if pickup else None,
                service=choose.one(("STANDARD", "EXPRESS")),
                kind=kind,
            )
        )
    bundle, price = _a_bundle(choose) if choose.number(0, 3) == 0 else ((), 0)
    shipping, tax = choose.one((0, 1, 500, 999)), choose.one((0, 0, 33))
    net = sum(line.quantity * line.unit_price - line.discount for line in lines) + price
    discount = choose.one((0, 0, net, choose.number(0, net), net + shipping))
    order = an_order(
        *lines,
        *bundle,
        shipping=shipping,
        shipping_tax=tax,
        discount=discount,
        prices_include_tax=choose.number(0, 2) == 0,
        draft=choose.number(0, 4) == 0,
        priority=choose.number(0, 9),
    )
    if choose.number(0, 2) == 0:
        order = _with_destinations(choose, order)
    first = choose.number(0, order.totals.total)
    tender = replace(order.payments[0], authorized=first) if first else None
    second = replace(
        order.payments[0], reference="auth-2", authorized=order.totals.total - first + choose.number(0, 50)
    )
    return replace(order, payments=(tender, second) if tender else (second,))
