"""
Explain a stored decision in words, from the record alone: one paragraph for each fulfillment and each kind of leftover.

Called by   functions/intake (`GET /v1/orders/{id}/decisions`), ops/routing.py
Returns     English text
Raises      nothing
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from comanda.domain.evaluation import phrases
from comanda.domain.evaluation.phrases import LISTED, DecisionRecord, listed, money
from comanda.domain.evaluation.reason_texts import LEFT_OVER, WAITS, count_reasons
from comanda.domain.orders.methods import PICKUP
from comanda.domain.routing.reachable import NO_CAPACITY

WITHOUT_STAGES = (
    "This decision is from before choices were stored: its candidates are kept, and nothing more can be told of them."
)
NOTHING = "No unit wanted a node."


def paragraphs(decision: DecisionRecord) -> list[str]:
    """Return one paragraph for each fulfillment, each kind of leftover, and each rule set that ran as a shadow."""
    if "stages" not in decision:
        return [WITHOUT_STAGES]
    found = [_fulfillment(one, decision) for one in decision["fulfillments"]]
    found += [_leftover(kind, rows, decision) for kind, rows in _by_kind(decision["leftovers"]).items()]
    found += [_shadow(one, decision) for one in decision.get("shadows", ())]
    return found or [NOTHING]


def _fulfillment(one: DecisionRecord, decision: DecisionRecord) -> str:
    stages = [stage for stage in decision["stages"] if _given(stage, one)]
    sentences = [_goods_and_node(one), *_when(one, decision.get("deliver_by"))]
    sentences += _without_choice(one, stages, decision)
    currency = decision.get("currency", "")
    sentences += _costs(one, currency)
    for stage in stages[:2]:
        sentences += _choice(stage, decision, currency)
    if len(stages) > 2:
        sentences.append(f"{len(stages) - 2} more choices added to it.")
    if stages:
        sentences += _excluded(decision)
    return " ".join(sentences)


def _without_choice(one: DecisionRecord, stages: Sequence[DecisionRecord], decision: DecisionRecord) -> Iterator[str]:
    """Yield why units are sent from the node that no rule chose: a store, a person's choice, or a reservation."""
    if one["method"] == PICKUP:
        if not stages:
            yield "It is the customer's own store."
        return
    chosen = {line_id for line_id, node, _ in decision.get("chosen", ()) if node == one["node"]}
    by_person = sum(units for line_id, _, units in one["lines"] if line_id in chosen)
    all_units = phrases.units(one["lines"])
    if by_person == all_units:
        yield "A person chose this node."
    elif by_person:
        yield f"A person chose this node for {by_person} of these."
    reserved = all_units - by_person - sum(_given(stage, one) for stage in stages)
    if reserved > 0 and not stages and not by_person:
        yield "Its units were reserved there before, for this order."
    elif reserved > 0:
        yield f"{reserved} of these {'was' if reserved == 1 else 'were'} reserved there before."


def _given(stage: DecisionRecord, one: DecisionRecord) -> int:
    """Return the units that the choice gave to the fulfillment."""
    if (stage["service"], stage.get("due")) != (one["service"], one.get("due")) or one["method"] == PICKUP:
        return 0
    lines = {line_id for line_id, _, _ in one["lines"]}
    mine = (got for node, got in stage["given"] if node == one["node"])
    return sum(units for got in mine for line_id, units in got if line_id in lines)


def _excluded(decision: DecisionRecord) -> Iterable[str]:
    """Yield which nodes may not ship there, whatever a rule says. Nodes without room are left out: they may ship later
    units."""
    barred = {why: nodes for why, nodes in decision["excluded"].items() if why != NO_CAPACITY}
    if barred:
        yield f"May not send there at all: {count_reasons(barred)}."


def _goods_and_node(one: DecisionRecord) -> str:
    goods = phrases.goods(one["lines"])
    if one["method"] == PICKUP:
        return f"{goods} handed over at {one['node']}."
    return f"{goods} sent from {one['node']}, {one['km']:g} km away, as {one['service']}."


def _when(one: DecisionRecord, wanted: str | None) -> Iterable[str]:
    if due := one.get("due"):
        yield f"Waits there for the supply of {due}."
    if one.get("wave"):
        yield "Waits there for the wave of the next hour, which may still move it."
    arrives = one.get("deliver_on")
    if arrives is None:
        if one["method"] != PICKUP:
            yield "On which day it arrives is not known."
        return
    if one["method"] == PICKUP:
        yield f"Ready on {arrives}{phrases.against(arrives, wanted)}."
        return
    packages = one.get("packages", 1)
    boxes = "1 package" if packages == 1 else f"{packages} packages"
    by = f" with {one['carrier']}" if one.get("carrier") else ""
    yield f"Leaves on {one['ship_on']}{by} in {boxes} and arrives on {arrives}{phrases.against(arrives, wanted)}."


def _costs(one: DecisionRecord, currency: str) -> Iterable[str]:
    modelled, priced = phrases.costs(one["modelled_micros"], currency), phrases.costs(one["priced_micros"], currency)
    if modelled and "ship_on" not in one:
        yield f"Costs {modelled}, as modelled."
    elif modelled and modelled == priced:
        yield f"Costs {modelled}, as modelled and as priced."
    elif modelled:
        yield f"Modelled at {modelled}; with its real parcels {priced or money(0, currency)}."
    elif priced:
        yield f"Costs {priced}."


def _choice(stage: DecisionRecord, decision: DecisionRecord, currency: str) -> Iterable[str]:
    name, _, version = stage["rule_set"].rpartition("@")
    criteria = stage["stage"].get("criteria")
    how = f"first by {', then '.join(criteria)}" if criteria else "as the cheapest plan"
    yield f'Chosen by rule "{stage["rule"]}" of rule set {name}, version {version}, {how}.'
    if decision.get("deliver_by") and not stage["in_time"] and not stage.get("due"):
        yield _no_limit(stage, decision)
    if "cost_micros" in stage:
        weights = stage.get("weights", {})
        if weights:
            percents = listed([f"{name} at {percent} %" for name, percent in weights.items()])
            yield f"The rule weighs {percents}: the next figures are so weighed, and no money."
        unit = "" if weights else currency
        yield from _next_best(stage, unit)
        yield _proof(stage, unit)
    yield _candidates(stage)


def _no_limit(stage: DecisionRecord, decision: DecisionRecord) -> str:
    """Return that the wanted date was no limit of the choice, and how many nodes were left out while it was one."""
    skus = set(stage["stage"]["skus"])
    before = [
        first
        for first in decision["stages"]
        if first["in_time"]
        and (first["rule_set"], first["service"]) == (stage["rule_set"], stage["service"])
        and skus & set(first["stage"]["skus"])
    ]
    late = {node for first in before for node in first["out"].get("late", ())}
    costs = "cost_micros" in stage and stage.get("weights", {}).get("lateness", 100)
    now = "lateness was a cost and no limit" if costs else "the date was no limit"
    if late:
        return f"At first {len(late)} {'node was' if len(late) == 1 else 'nodes were'} left out as late; then {now}."
    if before:
        return f"What was chosen within the wanted date left this over; then {now}."
    return f"Within the wanted date fewer units could be sent, so {now}."


def _next_best(stage: DecisionRecord, currency: str) -> Iterable[str]:
    chosen = {node for node, _ in stage["given"]}
    cost, alone = stage["cost_micros"], stage.get("alone_micros", ())
    others = [(node, micros) for node, micros in alone if {node} != chosen]
    if others:
        node, micros = others[0]
        which = "the next best" if len(chosen) == 1 else "the cheapest that has it"
        mine = f"{money(cost, currency)}{f' of these {len(chosen)} together' if len(chosen) > 1 else ''}"
        against = f"as much: {mine}" if micros == cost else f"{money(micros, currency)} against {mine}"
        yield f"All of it from {node}, {which}, would cost {against}."
    elif alone:
        yield "No other node to choose from could send all of it."
    else:
        yield "No node to choose from could send all of it."


def _proof(stage: DecisionRecord, currency: str) -> str:
    cost, bound = stage["cost_micros"], stage["lower_bound_micros"]
    searched = stage["nodes_searched"]
    steps = f" in {searched} {'step' if searched == 1 else 'steps'} of search" if searched else ""
    if stage["proven"]:
        return f"Proven to be the cheapest under these costs{steps}."
    stopped = "The clock stopped the search: not" if stage.get("clock_stopped") else "Not"
    if stage["stage"].get("min_value"):  # the bound does not include the minimum value
        return f"{stopped} proven{steps}: another plan whose shipments are worth the rule's minimum may be cheaper."
    gap = f" ({(cost - bound) / cost:.2%})" if cost > 0 else ""
    return f"{stopped} proven{steps}: a better plan could save {money(max(0, cost - bound), currency)}{gap} at most."


def _candidates(stage: DecisionRecord) -> str:
    out = stage["out"]
    able = len(set(stage["stage"]["nodes"]).difference(*out.values())) + stage.get("cut", 0)
    every = able + sum(map(len, out.values()))
    had = f"{every} {'node has' if every == 1 else 'nodes have'} some of what was wanted, {able} to choose from"
    return f"{had}; {count_reasons(out)}." if out else f"{had}."


def _by_kind(leftovers: Iterable[Sequence[Any]]) -> dict[tuple[str, str, str | None], list[Sequence[Any]]]:
    found: dict[tuple[str, str, str | None], list[Sequence[Any]]] = {}
    for row in leftovers:
        _, _, _, queue, reason, *cancel_on = row
        found.setdefault((queue, reason, cancel_on[0] if cancel_on else None), []).append(row)
    return found


def _leftover(kind: tuple[str, str, str | None], rows: Sequence[Sequence[Any]], decision: DecisionRecord) -> str:
    queue, reason, cancel_on = kind
    waits = WAITS.get(queue, f"in the queue {queue}")
    sentences = [f"{phrases.goods(rows)} left over: {LEFT_OVER.get(reason, reason)}."]
    sentences.append(f"Waits {waits}{f', and is cancelled on {cancel_on} if it still does' if cancel_on else ''}.")
    skus = {row[1] for row in rows}
    why: dict[str, str] = {}
    for stage in decision["stages"]:
        if skus & set(stage["stage"]["skus"]):
            why |= {node: out for out, nodes in stage["out"].items() for node in nodes}
            able = set(stage["stage"]["nodes"]).difference(*stage["out"].values())
            why = {node: out for node, out in why.items() if node not in able}
    by_reason: dict[str, list[str]] = {}
    for node, out in sorted(why.items()):
        by_reason.setdefault(out, []).append(node)
    if by_reason and reason != "no-stock":
        sentences.append(f"Of the nodes that have some of what was wanted, {count_reasons(by_reason)}.")
    if reason == "no-node-allowed" and any(_kept_whole(stage, skus) for stage in decision["stages"]):
        sentences.append("It is to leave one node whole, and no node to choose from could send all of it.")
    if not reason.startswith("pickup-"):
        sentences += _excluded(decision)
    return " ".join(sentences)


def _kept_whole(stage: DecisionRecord, skus: set[str]) -> bool:
    """Return True if the choice had nodes, and sent none of the units that must leave one node whole: the order, or a
    line."""
    of, sent = stage["stage"], {i for i, _, _ in stage["assignment"]}
    if not of["nodes"] or skus.isdisjoint(of["skus"]):
        return False
    lines = {i for rows, sets in of.get("together", ()) if sets == 1 == len(rows) for i in rows}
    return bool(of.get("one_node") and not sent) or any(of["skus"][i] in skus for i in lines - sent)


def _shadow(one: DecisionRecord, decision: DecisionRecord) -> str:
    name, _, version = one["rule_set"].rpartition("@")
    on = f"Rule set {name}, version {version}, ran as a shadow, without effect"
    if not one["differs"]:
        return f"{on}: it would have done the same."
    currency = decision.get("currency", "")
    nodes = sorted({row[0] for row in one["fulfillments"] if row[1] != PICKUP})
    shown = listed(nodes[:LISTED]) + (f" and {len(nodes) - LISTED} more" if len(nodes) > LISTED else "")
    sent = (
        f"it would have sent {phrases.shipments(one['shipments'])} from {shown}"
        if nodes
        else "it would have sent nothing"
    )
    cost = money(sum(one["priced_micros"].values()), currency)
    arrives = f", the last on {one['deliver_on']}" if one.get("deliver_on") else ""
    left = f", with {one['left_over']} units left over" if one.get("left_over") else ""
    return f"{on}: {sent}{arrives}{left}, for {cost} and {one['carbon_g']} g of CO2e."
