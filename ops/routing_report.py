"""
Compare shadow rule sets with the live ones, and modelled costs with the costs that were paid.

Called by   local/cli.py (`comanda routing compare`)
Returns     a report as plain JSON values, and its lines for people
Raises      ops.routing.Unknown
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from itertools import chain
from math import isfinite
from typing import Any

from comanda.aws.directory import directory
from comanda.domain import money
from comanda.domain.evaluation.actual_cost import actual_costs
from comanda.domain.evaluation.compare import ENOUGH, Measure, Pair, measures, paired, share
from comanda.domain.evaluation.shadow import clock_stopped, outcome
from comanda.domain.shipping.carriers import Carrier
from ops.routing import Routed, Tables, Unknown

_GAVE_BACK = ("DECLINED", "SHORTED")
_MICROS = ("modelled", "priced", "invoices of carriers", "labels", "packages that were shipped")
_WORDS = {"modelled": "modelled cost", "priced": "priced cost"}


def compare_days(
    tables: Tables, first: date, last: date, channel: str | None = None, rule_set: str | None = None
) -> dict[str, Any]:
    """Return the report on the orders that were placed on these UTC days. Raises Unknown."""
    if rule_set is not None and rule_set not in (names := tables.names(directory.RULE_SET)):
        raise Unknown(f"there is no rule set {rule_set}: {', '.join(names)}")
    found = report(
        tables.placed(first, last, channel),
        tables.carriers(last.isoformat()),
        tables.regions(),
        rule_set,
    )
    return {"from": first.isoformat(), "to": last.isoformat(), "channel": channel, **found}


def report(
    orders: Iterable[Routed],
    carriers: Mapping[str, Carrier],
    regions: Mapping[str, str],
    rule_set: str | None = None,
) -> dict[str, Any]:
    """
    Return the report on these orders, of the shadows of one rule set or of all.

    `carriers` by id have the rate cards by which packages are priced again. `regions` are those of nodes.
    """
    every = [one for one in orders if one.decisions]
    offers, back = Counter[str](), Counter[str]()
    for one in every:
        gave_back = _gave_back(one)
        offers.update(gave_back | {f.node for f in one.order.fulfillments if f.number not in one.taken_back})
        back.update(gave_back)
    rates = {node: back[node] / count for node, count in offers.items()}
    return {
        "orders": len(every),
        "decisions": sum(len(one.decisions) for one in every),
        "enough": ENOUGH,
        "gave_back": {
            **asdict(share(back.total(), offers.total())),
            "nodes": [{"node": node, **asdict(share(back[node], offers[node]))} for node in sorted(offers)],
        },
        "realised": _realised(every, carriers, regions),
        "shadows": [
            {
                "rule_set": key,
                "currency": currency,
                "orders": len(pairs),
                "differ": sum(differs for _, differs in pairs),
                "measures": [_measure_json(one) for one in measures([pair for pair, _ in pairs], rates)],
            }
            for (key, currency), pairs in sorted(_pairs(every, rule_set).items())
        ],
    }


def _gave_back(one: Routed) -> set[str]:
    """Return the nodes that declined or did not find units of the order. Work that an outage took back does not count."""
    ended = {f.node for f in one.order.fulfillments if f.ended in _GAVE_BACK and f.number not in one.taken_back}
    return ended | ({f.node for f in one.order.fulfillments} & set(chain(*(line.excluded for line in one.order.lines))))


def _pairs(orders: Iterable[Routed], rule_set: str | None) -> dict[tuple[str, str], list[tuple[Pair, bool]]]:
    """
    Return the pairs of a live and a shadow decision by the key of the shadow and the currency of costs.

    Only an order's first decision counts: later ones depend on the results of the live one. Decisions that the time limit
    stopped are left out.
    """
    found: dict[tuple[str, str], list[tuple[Pair, bool]]] = {}
    for one in orders:
        seen: set[str] = set()
        for decision in one.decisions:
            for shadow in decision.get("shadows", ()):
                key = shadow["rule_set"]
                if key in seen or (rule_set is not None and key.rpartition("@")[0] != rule_set):
                    continue
                seen.add(key)
                if clock_stopped(decision) or shadow.get("clock_stopped"):
                    continue
                pair = Pair(placed_on=one.order.placed_at.date().isoformat(), live=outcome(decision), shadow=shadow)
                found.setdefault((key, decision.get("currency", "")), []).append((pair, shadow["differs"]))
    return found


def _realised(
    orders: Iterable[Routed], carriers: Mapping[str, Carrier], regions: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Compare the paid costs of shipping with the priced ones: by carriers' invoices, else by labels, else by packages."""
    by: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for one in orders:
        digits = money.digits(one.order.currency)
        sent = actual_costs(one.order, one.decisions, carriers, regions, digits, one.bills)
        billed = [of.billed for of in sent if of.billed is not None]
        labels = [of.labels for of in sent if of.labels is not None]
        again = [of.repriced for of in sent if of.repriced is not None]
        priced = sum(of.priced for of in sent)
        if sent and len(billed) == len(sent):
            by.setdefault(("invoices of carriers", one.order.currency), []).append((priced, sum(billed)))
        elif sent and len(labels) == len(sent):
            by.setdefault(("labels", one.order.currency), []).append((priced, sum(labels)))
        elif sent and len(again) == len(sent):
            by.setdefault(("packages that were shipped", one.order.currency), []).append((priced, sum(again)))
    found = [(currency, paired(name, pairs)) for (name, currency), pairs in sorted(by.items())]
    return [
        {"currency": currency, **_measure_json(one, ("priced", "realised"))}
        for currency, one in found
        if one is not None
    ]


def _measure_json(one: Measure, names: tuple[str, str] = ("live", "shadow")) -> dict[str, Any]:
    between = one.difference
    return {
        "name": one.name,
        "n": between.n,
        names[0]: one.live,
        names[1]: one.shadow,
        "difference": between.mean,
        "low": between.low if isfinite(between.low) else None,
        "high": between.high if isfinite(between.high) else None,
        "says": between.says,
    }


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a report for people."""
    yield f"{found['orders']} orders, {found['decisions']} decisions"
    back = found["gave_back"]
    yield f"given back: {_share(back)}"
    yield from (f"  {node['node']}: {_share(node)}" for node in back["nodes"])
    yield "shipping that was paid, less what was priced, an order:"
    yield from _table(found["realised"], ("priced", "realised"))
    if not found["realised"]:
        yield "  no order has all its labels, or packages that say what they weigh"
    if not found["shadows"]:
        yield "no rule set ran as a shadow"
    for shadow in found["shadows"]:
        yield ""
        yield f"{shadow['rule_set']} ran as a shadow for {shadow['orders']} orders, would have sent {shadow['differ']} differently"
        yield from _table([{"currency": shadow["currency"], **one} for one in shadow["measures"]], ("live", "shadow"))
        if shadow["orders"] < found["enough"]:
            yield f"  too few to say anything: {found['enough']} orders are needed"


def _share(of: Mapping[str, Any]) -> str:
    if not of["of"]:
        return "nothing was offered"
    return f"{of['count']} of {of['of']} offers ({of['count'] / of['of']:.1%}, {of['low']:.1%} to {of['high']:.1%})"


def _table(rows: Sequence[Mapping[str, Any]], names: tuple[str, str]) -> Iterator[str]:
    if rows:
        yield f"  {'':28}{names[0]:>13}{names[1]:>13}{'difference':>13}     n  95 % interval"
    for row in rows:
        first = row["name"].split()[0]
        micros = row["name"] in _MICROS or first in ("modelled", "priced")
        scale, digits = (1_000_000, 4) if micros else (1, 2)
        name = _WORDS.get(row["name"], row["name"]) + (f" {row['currency']}" if micros else "")
        one, other, less = (f"{row[of] / scale:,.{digits}f}" for of in (*names, "difference"))
        between = "" if row["low"] is None else f"{row['low'] / scale:,.{digits}f} to {row['high'] / scale:,.{digits}f}"
        yield f"  {name:28}{one:>13}{other:>13}{less:>13}{row['n']:>6}  {between}{', ' if between else ''}{row['says']}"
