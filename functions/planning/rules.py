"""
Check a rule set beyond its shape, check when a version may hold, and write both as JSON.

Called by   functions/planning/handler.py
Returns     problems by pointer, spans of time, answers
Raises      Invalid
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.directory.rule_set_versions import StoredRuleSet
from comanda.aws.runtime import clock
from comanda.domain.errors import Invalid, Problem
from comanda.domain.geography.regions import Regions
from comanda.domain.orders.queues import Queue
from comanda.domain.rules import in_force
from comanda.domain.rules.in_force import Shadow, Span
from comanda.domain.rules.rule_sets import NEXT
from functions.planning import contract

BUILT_IN = "built-in"  # the name in decisions of the rules that hold where no set applies
MOST_SHADOW_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryNames:
    """The names that exist. `nodes` are documents by id: all of them if the set names groups or tags."""

    channels: Mapping[str, Mapping[str, Any]]
    nodes: Mapping[str, Mapping[str, Any]]
    skus: Collection[str]
    regions: Callable[[str], Regions] = Regions  # of a country

    def of_nodes(self, field: str) -> set[str]:
        return {value for doc in self.nodes.values() for value in doc.get(field, ())}

    @property
    def sellers(self) -> set[str]:
        return {doc.get("seller") or name for name, doc in self.channels.items()}

    @property
    def countries(self) -> set[str]:
        return {country for doc in self.channels.values() for country in doc["countries"]}

    @property
    def currencies(self) -> set[str]:
        return {currency for doc in self.channels.values() for currency in doc["currencies"]}


def skus(doc: contract.RuleSet) -> set[str]:
    """Return the skus that a set names anywhere."""
    tests = [test for rule in doc.rules if rule.when for test in (rule.when.any_line, rule.when.all_lines)]
    return {sku for named in (doc.applies_to, *tests) if named for sku in named.skus or ()}


def nodes(doc: contract.RuleSet) -> tuple[set[str], bool]:
    """Return the nodes that a set names, and True if it names groups or tags, which any node may have."""
    filters = [rule.nodes for rule in doc.rules if rule.nodes]
    named = {name for one in filters for name in (*(one.nodes or ()), *(one.not_nodes or ()))}
    return named, any(one.groups or one.tags for one in filters)


def problems(doc: contract.RuleSet, known: DirectoryNames) -> Iterator[Problem]:
    """Yield names that do not exist, and rules that can never have an effect."""
    yield from _unknown("/applies_to/sellers", doc.applies_to.sellers, known.sellers, "seller")
    yield from _unknown("/applies_to/skus", doc.applies_to.skus, known.skus, "sku")
    yield from _regions("/applies_to/regions", doc.applies_to.regions, known)
    names: set[str] = set()
    for i, rule in enumerate(doc.rules):
        place = f"/rules/{i}"
        if rule.name in names:
            yield _wrong(f"{place}/name", "duplicate-name", f"another rule is called {rule.name}")
        names.add(rule.name)
        if rule.when:
            yield from _when(f"{place}/when", rule.when, known)
        if rule.nodes:
            yield from _nodes(f"{place}/nodes", rule.nodes, known)
        if rule.splits:
            yield from _amount(f"{place}/splits/min_value", rule.splits.min_value, known)
        if rule.rest.then == NEXT and rule.rest.future_days:
            says = "the next rule says what waits for a supply"
            yield _wrong(f"{place}/rest/future_days", "not-before-next", says)
        if rule.rest.then == NEXT and rule is doc.rules[-1]:
            yield _wrong(f"{place}/rest/then", "no-next-rule", "this is the last rule: say what becomes of the rest")
        if rule.rest.cancel_after_days is not None and rule.rest.then != Queue.BACKORDER:
            yield _wrong(f"{place}/rest/cancel_after_days", "not-in-backorder", "only units in backorder are cancelled")


def _when(place: str, when: contract.When, known: DirectoryNames) -> Iterator[Problem]:
    yield from _unknown(f"{place}/channels", when.channels, known.channels, "channel")
    for i, name in enumerate(when.countries or ()):
        if name not in known.countries:
            yield _wrong(f"{place}/countries/{i}", "unknown-country", f"no channel sells in {name}")
    yield from _regions(f"{place}/regions", when.regions, known)
    for name, test in (("any_line", when.any_line), ("all_lines", when.all_lines)):
        yield from _unknown(f"{place}/{name}/skus", test.skus if test else None, known.skus, "sku")
    low, high = when.value_from, when.value_below
    yield from _amount(f"{place}/value_from", low, known)
    yield from _amount(f"{place}/value_below", high, known)
    if low and high and (low.currency != high.currency or low.amount >= high.amount):
        yield _wrong(f"{place}/value_below", "never-true", "no order is worth both")
    if when.from_day and when.to_day and when.to_day < when.from_day:
        yield _wrong(f"{place}/to_day", "upside-down", f"{when.to_day} is before {when.from_day}")


def _regions(place: str, names: Iterable[str] | None, known: DirectoryNames) -> Iterator[Problem]:
    """Yield a problem for each region of a country where no channel sells, and for each region that its country does
    not have."""
    for i, name in enumerate(names or ()):
        country, _, region = name.partition("-")
        there = known.regions(country)
        if country not in known.countries:
            yield _wrong(f"{place}/{i}", "unknown-country", f"no channel sells in {country}")
        elif region and there.listed and there.code(region) is None:
            yield _wrong(f"{place}/{i}", "unknown-region", f"{country} has no region {region} in ISO 3166-2")


def by_code(doc: dict[str, Any], regions: Callable[[str], Regions]) -> dict[str, Any]:
    """Return the document with each region by its code, once: US-NY for "US-New York"."""
    named = [doc.get("applies_to", {}), *(rule["when"] for rule in doc["rules"] if rule.get("when"))]
    for one in named:
        if one.get("regions"):
            one["regions"] = list(dict.fromkeys(_coded(name, regions) for name in one["regions"]))
    return doc


def _coded(name: str, regions: Callable[[str], Regions]) -> str:
    country, dash, region = name.partition("-")
    return f"{country}-{regions(country).code(region) or region}" if dash else name


def _nodes(place: str, nodes: contract.Nodes, known: DirectoryNames) -> Iterator[Problem]:
    yield from _unknown(f"{place}/nodes", nodes.nodes, known.nodes, "node")
    yield from _unknown(f"{place}/not_nodes", nodes.not_nodes, known.nodes, "node")
    yield from _unknown(f"{place}/groups", nodes.groups, known.of_nodes("groups"), "node-group")
    yield from _unknown(f"{place}/tags", nodes.tags, known.of_nodes("tags"), "node-tag")
    for i, name in enumerate(nodes.not_nodes or ()):
        if name in (nodes.nodes or ()):
            yield _wrong(f"{place}/not_nodes/{i}", "named-in-both", f"{name} is among the nodes as well")


def _unknown(place: str, names: Iterable[str] | None, known: Collection[str], what: str) -> Iterator[Problem]:
    for i, name in enumerate(names or ()):
        if name not in known:
            yield _wrong(f"{place}/{i}", f"unknown-{what}", f"there is no {what.replace('-', ' ')} {name}")


def _amount(place: str, amount: contract.Worth | None, known: DirectoryNames) -> Iterator[Problem]:
    if amount and amount.currency not in known.currencies:
        yield _wrong(f"{place}/currency", "unknown-currency", f"no channel sells in {amount.currency}")


def _wrong(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)


# The times when a version holds


def span(kept: StoredRuleSet, given: contract.Activation, by: str, now: datetime) -> Span:
    """Return the requested span of time. Raises Invalid."""
    starts, ends = given.starts or now, given.ends
    wrong = [no_such(kept)] if given.version > kept.version else []
    if starts < now:
        wrong.append(_past("/starts", starts))
    if ends and ends <= starts:
        wrong.append(_wrong("/ends", "upside-down", "it ends before it starts"))
    if wrong:
        raise Invalid(*wrong)
    return Span(version=given.version, starts=starts, ends=ends, by=by)


def scheduled(spans: tuple[Span, ...], now: datetime) -> tuple[Span, ...]:
    """Return the spans of a set as they are stored. Raises Invalid when too many of them are still to come."""
    if sum(span.starts > now for span in spans) > in_force.MOST_TO_COME:
        says = f"{in_force.MOST_TO_COME} times are still to come, and no more are kept: retire the set from some day on first"
        raise Invalid(_wrong("/starts", "too-many", says))
    return in_force.without_old_spans(spans, now)


def shadowing(kept: StoredRuleSet, given: contract.Shadowing, others: Collection[str], now: datetime) -> Shadow | None:
    """Return the requested shadow, beside those of other sets; None ends the shadow. Raises Invalid."""
    if given.version is None or given.until is None:
        return None
    wrong = [no_such(kept)] if given.version > kept.version else []
    if not now < given.until <= now + timedelta(days=MOST_SHADOW_DAYS):
        says = f"a shadow ends within the next {MOST_SHADOW_DAYS} days"
        wrong.append(_wrong("/until", "out-of-range", says))
    if len(others) >= in_force.MOST_SHADOWS:
        says = f"{in_force.MOST_SHADOWS} sets are evaluated as shadows, which is the most: {', '.join(sorted(others))}"
        wrong.append(_wrong("/version", "too-many-shadows", says))
    if wrong:
        raise Invalid(*wrong)
    return Shadow(version=given.version, until=given.until)


def moment(given: contract.Retirement, now: datetime) -> datetime:
    """Return the time from which no version of a set holds. Raises Invalid."""
    at = given.at or now
    if at < now:
        raise Invalid(_past("/at", at))
    return at


def no_such(kept: StoredRuleSet) -> Problem:
    return _wrong("/version", "unknown-version", f"the newest version is {kept.version}")


def _past(pointer: str, at: datetime) -> Problem:
    return _wrong(pointer, "in-the-past", f"{clock.text(at)} has passed")


# The answers


def rule_set_json(kept: StoredRuleSet, now: datetime) -> dict[str, Any]:
    """Return a set without its rules: its newest version, and the times at which its versions hold."""
    state = in_force.state(None, kept.spans, kept.shadow, now)
    return {"id": kept.id, "name": kept.doc["name"], "version": kept.version, "state": state, **_times_json(kept, now)}


def version_json(
    kept: StoredRuleSet, number: int, doc: Mapping[str, Any], by: str, at: str, now: datetime
) -> dict[str, Any]:
    """Return one version, whole, and the times of its set."""
    return {
        "id": kept.id,
        "version": number,
        "newest": kept.version,
        "state": in_force.state(number, kept.spans, kept.shadow, now),
        "by": by,
        "at": clock.text(datetime.fromisoformat(at)),
        **_times_json(kept, now),
        **doc,
    }


def _times_json(kept: StoredRuleSet, now: datetime) -> dict[str, Any]:
    holds, shadow = in_force.span_in_force(kept.spans, now), kept.shadow
    return {
        "in_force": holds.version if holds else None,
        "activations": [
            {
                "version": span.version,
                "starts": clock.text(span.starts),
                "ends": clock.text(span.ends) if span.ends else None,
                "by": span.by,
            }
            for span in kept.spans
        ],
        "shadow": {"version": shadow.version, "until": clock.text(shadow.until)}
        if shadow and now < shadow.until
        else None,
    }
