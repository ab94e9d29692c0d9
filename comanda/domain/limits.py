"""
Decide whether a person may give what a step gives away: the one place that knows what the limits of persons mean.

A sale is compared with what its goods usually cost, which no person can move: by price lists, or by its shop. A step is
refused only for what it makes larger: what was given before it stands, whoever gave it.

Called by   functions/drafts and functions/intake, for persons; comanda.domain.drafts.giving and
            comanda.domain.lifecycle.changes.giving, which say what a sale gives
Returns     nothing; limits as they are stored
Raises      Forbidden with a problem for each part of a sale that is above a limit
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from comanda.domain.errors import Forbidden, Problem
from comanda.domain.money import shown

ALL = 100  # percent: who may give goods away for nothing may price what has no usual price


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Say what a person may give on one sale, together with everybody else.

    `percent` of the usual price of goods, before and after the sale; `amounts` of discounts after it, by currency.
    """

    percent: int = 0
    amounts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def stored(cls, row: Mapping[str, Any]) -> Self:
        """Return the limits of a person as they are stored: what is missing is nothing at all."""
        amounts = {one["currency"]: int(one["amount"]) for one in row.get("appeasement") or ()}
        return cls(percent=int(row.get("override_percent") or 0), amounts=amounts)

    def in_currency(self, currency: str) -> tuple[int, int]:
        """Return the percent and the amount on a sale in this currency."""
        return self.percent, self.amounts.get(currency, 0)

    @classmethod
    def for_currency(cls, currency: str, limits: tuple[int, int]) -> Self:
        """Return the limits that `in_currency` returned for this currency."""
        percent, amount = limits
        return cls(percent=percent, amounts={currency: amount})


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Compare the price of units, or of a charge, with the usual one. Amounts are minor units of all of it.

    `usual` is None if nothing says what it costs. `asked` is its price without its own discounts of persons, `shared` its part
    of their discounts on the whole sale, rounded by less than one minor unit. `at` points to it in the request. `part`: it is
    no goods, or a part of other goods of the sale, and does not add to their worth.
    """

    at: str
    asked: int
    usual: int | None
    shared: int = 0
    part: bool = False

    @property
    def worth(self) -> int:
        return self.asked if self.usual is None else self.usual

    @property
    def lowered(self) -> int:
        return max(0, self.worth - self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Say what a draft or an order gives away: by the prices of its goods, and besides before and after the sale.

    `off` are the discounts before the sale, by name, the shop's too; `given` are discounts after it. `off_at` and `given_at`
    point to their fields of the request.
    """

    currency: str
    goods: Mapping[str, Goods] = field(default_factory=dict)
    off: Mapping[str, int] = field(default_factory=dict)
    given: int = 0
    off_at: str = ""
    given_at: str = ""

    @property
    def worth(self) -> int:
        """Return what its goods usually cost."""
        return sum(one.worth for one in self.goods.values() if not one.part)


def require(before: Sale, after: Sale, limits: Limits) -> None:
    """Raise Forbidden if a step of a person makes a sale give more than the person may."""
    if wrong := {problem.pointer: problem for problem in reversed(list(_problems(before, after, limits)))}:
        raise Forbidden("the step is above your limit", *reversed(wrong.values()))


def _problems(before: Sale, after: Sale, limits: Limits) -> Iterator[Problem]:
    grows = any(amount > before.off.get(name, 0) for name, amount in after.off.items())
    for name, one in after.goods.items():
        own = _gives_more(one, before.goods.get(name))
        message = _too_cheap(one, limits.percent, after.currency) if own or (grows and one.shared) else None
        if message:
            yield Problem(pointer=one.at if own else after.off_at, code="above-limit", message=message)
    off, was = sum(after.off.values()), sum(before.off.values())
    larger = off * max(before.worth, 1) > was * after.worth
    if (grows or larger) and off * 100 > after.worth * limits.percent:
        message = f"discounts take at most {limits.percent} percent off goods of {shown(after.worth, after.currency)}"
        yield Problem(pointer=after.off_at, code="above-limit", message=message)
    most = limits.amounts.get(after.currency, 0)
    if after.given > max(most, before.given):
        message = f"you may give at most {shown(most, after.currency)} on one order"
        yield Problem(pointer=after.given_at, code="above-limit", message=message)


def _gives_more(one: Goods, was: Goods | None) -> bool:
    """Return True if this is cheaper than it was in the sale, or gives more of it away."""
    if was is None or (one.usual is None) != (was.usual is None):
        return one.usual is None or one.lowered > 0
    if one.usual is None:
        return one.asked != was.asked
    return one.lowered > was.lowered or one.lowered * was.worth > was.lowered * one.worth


def _too_cheap(one: Goods, percent: int, currency: str) -> str | None:
    if one.usual is None:
        message = "nothing says what it usually costs, so only who may lower a price by 100 percent sets one"
        return message if percent < ALL else None
    paid = one.asked - one.shared + (1 if one.shared else 0)
    if paid * 100 < one.usual * (100 - percent):
        message = f"you may lower a price by at most {percent} percent, discounts included"
        return f"{message}: it usually costs {shown(one.usual, currency)}"
    return None
