"""
Decide which rules of holds a change of an order asks again: those that read something which the change adds.

A rule that never held the order is asked when the change adds to what its condition reads. A rule whose hold was resolved is
asked about what nobody has seen: an article, tag, payment method or line that is new, and an amount that has grown by the rule's
limit since then, or reaches it for the first time. New addresses are judged by themselves, as if the order went there alone.

Called by   comanda.domain.lifecycle.changes.added_holds
Returns     True for rules that are asked of the order, or of one of its lines
Raises      nothing
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from comanda.domain.orders import hold_figures, hold_rules, rule_holds
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.hold_figures import Figures
from comanda.domain.orders.hold_rules import Condition, Facts, Velocity
from comanda.domain.orders.holds import LINE
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.rule_holds import HoldType


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An order before and after a change, and what conditions read of it. `added` are lines that the change added."""

    before: Order
    after: Order
    was: Figures
    figures: Figures
    lines_before: Mapping[str, Figures]
    lines: Mapping[str, Figures]
    added: tuple[Line | Bundle, ...]
    tags: frozenset[str]  # new ones
    methods: frozenset[str]  # new ones, of payments


def step(before: Order, after: Order) -> Step:
    """Return what a change did to an order."""
    had = {line.line_id for line in before.as_sent()}
    new = (line for line in after.as_sent() if line.line_id not in had)
    methods = {one.method for one in after.payments} - {one.method for one in before.payments}
    return Step(
        before=before,
        after=after,
        was=hold_figures.of_order(before),
        figures=hold_figures.of_order(after),
        lines_before=hold_figures.of_lines(before),
        lines=hold_figures.of_lines(after),
        added=tuple(line for line in new if hold_figures.units_left(after, line)),
        tags=frozenset(after.tags) - frozenset(before.tags),
        methods=frozenset(methods),
    )


def may_ask(kind: HoldType, made: Step) -> bool:
    """Return True if the change may ask the rule of this type. What it must know is read for these types alone."""
    if kind.level == LINE and made.lines != made.lines_before:
        return True
    scored = kind.score.rules if kind.score else ()
    return any(rule.points < 0 for rule in scored) or any(_adds(when, made, None) for when in kind.conditions())


def asks(kind: HoldType, made: Step, facts: Facts) -> bool:
    """Return True if the change asks the rule of a type that is about the whole order."""
    seen = _seen(kind, made, "")
    if any(_asks(when, made, seen, facts) for when in kind.conditions()):
        return True
    spoke = (rule.when for rule in (kind.score.rules if kind.score else ()) if rule.points < 0)
    return any(_speaks_no_more(when, made, facts) for when in spoke)


def asks_about(line_id: str, kind: HoldType, made: Step, facts: Facts) -> bool:
    """Return True if the change asks the rule of a type that is about lines, about this line of the changed order.

    Amounts and units are those of all lines of its article. A line that is new is asked about, but for an article that the order
    had, whose figures have not grown enough.
    """
    when, was, now = kind.when, _figures_before(made, line_id), made.lines[line_id]
    is_new = line_id not in made.lines_before
    if was is None or when is None:
        return True
    if is_new and when.total_at_least is None and when.units_at_least is None:
        return True
    seen = _seen(kind, made, line_id)
    amount = when.total_at_least[0] if when.total_at_least else None
    if _grows(amount, was.amount, now.amount, seen.amount if seen else None):
        return True
    if _grows(when.units_at_least, was.units, now.units, seen.units if seen else None):
        return True
    beside = replace(when, total_at_least=None, units_at_least=None, skus=(), classes=())
    return _asks(beside, made, made.was if seen else None, facts)


def _figures_before(made: Step, line_id: str) -> Figures | None:
    """Return the figures that the line's article had before the change, None if it is new."""
    alike = _alike(made, line_id)
    return next((figures for name, figures in made.lines_before.items() if name in alike), None)


def _alike(made: Step, line_id: str) -> set[str]:
    """Return the ids of the lines of a line's article, with its own."""
    skus = hold_figures.articles(made.after)
    return {name for name, sku in skus.items() if sku == skus[line_id]}


def _seen(kind: HoldType, made: Step, line_id: str) -> Figures | None:
    """Return the figures of the order, or of a line's article, that were seen when the last hold of the type was resolved.

    None: the type has held none of it. A hold that was resolved before holds kept them counts as resolved just now.
    """
    names = _alike(made, line_id) if line_id else set()
    answered = [hold for hold in rule_holds.of_rule(kind, made.after) if not hold.active and _is_of(hold, names)]
    if not answered:
        return None
    rows = {name: Figures(amount=amount, units=units, lines=lines) for name, amount, units, lines in answered[-1].seen}
    if not line_id:
        return rows.get("") or made.was
    return next((rows[name] for name in rows if name in names), None) or _figures_before(made, line_id)


def _is_of(hold: Hold, line_ids: Collection[str]) -> bool:
    return not line_ids or not hold.lines or not set(line_ids).isdisjoint(hold.lines)


def _asks(when: Condition, made: Step, seen: Figures | None, facts: Facts) -> bool:
    return _adds(when, made, facts) and (seen is None or _is_unseen(when, made, seen, facts))


def _adds(when: Condition, made: Step, facts: Facts | None) -> bool:
    """Return True if the change adds to what the condition reads. Without facts, classes and skus count as read."""
    velocity = when.velocity and when.velocity.total_at_least
    return bool(
        ((when.total_at_least or velocity) and made.figures.amount > made.was.amount)
        or (when.units_at_least and made.figures.units > made.was.units)
        or (when.lines_at_least and made.figures.lines > made.was.lines)
        or not made.tags.isdisjoint(when.tags)
        or not made.methods.isdisjoint(when.payment_methods)
        or ((when.skus or when.classes) and (made.added if facts is None else _names(when, made.added, facts)))
    )


def _is_unseen(when: Condition, made: Step, seen: Figures, facts: Facts) -> bool:
    """Return True if something that the change adds was not there when a hold of the rule was resolved."""
    was, now = made.was, made.figures
    had = {line.sku for line in made.before.as_sent()}
    return (
        _grows(when.total_at_least[0] if when.total_at_least else None, was.amount, now.amount, seen.amount)
        or _grows(when.units_at_least, was.units, now.units, seen.units)
        or _grows(when.lines_at_least, was.lines, now.lines, seen.lines)
        or (when.velocity is not None and _velocity_grows(when.velocity, made, seen, facts))
        or not made.tags.isdisjoint(when.tags)
        or not made.methods.isdisjoint(when.payment_methods)
        or _names(when, (line for line in made.added if line.sku not in had), facts)
    )


def _grows(limit: int | None, was: int, now: int, seen: int | None) -> bool:
    """Return True if a figure grows so that a rule with this limit looks at it. `seen` is None for a rule that never held."""
    if limit is None or now <= was:
        return False
    return seen is None or seen < limit or now >= seen + limit


def _velocity_grows(limit: Velocity, made: Step, seen: Figures, facts: Facts) -> bool:
    """Return True if the value of the order grows by the limit, or lets the orders together reach it for the first time."""
    if limit.total_at_least is None or made.figures.amount <= made.was.amount:
        return False
    least, currency = limit.total_at_least
    others = max((one.totals.get(currency, 0) for one in facts.earlier(limit.per, limit.hours)), default=0)
    return others + seen.amount < least or made.figures.amount >= seen.amount + least


def _names(when: Condition, lines: Iterable[Line | Bundle], facts: Facts) -> bool:
    named = bool(when.skus or when.classes)
    return named and any(hold_rules.names(when, line.sku, facts) for line in lines)


def _speaks_no_more(when: Condition, made: Step, facts: Facts) -> bool:
    """Return True if a condition was true of the order before the change, and is not any more."""
    return hold_rules.true_of_order(when, made.before, facts) and not hold_rules.true_of_order(when, made.after, facts)
