"""
Explain: a stored decision in words, from nothing but what is stored. A paragraph for each package of work and for what is left.

Called by   functions/intake (`GET /v1/orders/{id}/decisions`), local/routing.py
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from comanda.domain.order import PICKUP
from comanda.domain.queues import BACKORDER, CUSTOMER_CARE, ROUTING

type Said = Mapping[str, Any]

BEFORE = (
    "This decision is from before choices were stored: its candidates are kept, and nothing more can be told of them."
)
NOTHING = "No unit wanted a node."
_LISTED = 5  # lines and nodes that are named; of more, their number

# Why a node was not chosen from: of one node, of several.
OUT: Mapping[str, tuple[str, str]] = {
    "does-not-ship": ("does not ship", "do not ship"),
    "other-country": ("is in another country", "are in another country"),
    "closed": ("is closed in the days to come", "are closed in the days to come"),
    "no-capacity": ("has no room left", "have no room left"),
    "type-not-allowed": ("is of a type that the rule leaves out", "are of a type that the rule leaves out"),
    "node-not-allowed": ("is not among the nodes of the rule", "are not among the nodes of the rule"),
    "group-not-allowed": ("is in no group of the rule", "are in no group of the rule"),
    "lacks-tag": ("lacks a tag that the rule asks for", "lack a tag that the rule asks for"),
    "no-pickup": ("hands nothing over, as the rule asks", "hand nothing over, as the rule asks"),
    "too-far": ("is farther away than the rule allows", "are farther away than the rule allows"),
    "too-many-splits": ("would be one shipment too many", "would be shipments too many"),
    "late": ("could not make the wanted date", "could not make the wanted date"),
    "gave-it-back": ("gave it back before", "gave it back before"),
    "lacks-a-tag-of-the-goods": ("lacks a tag that such goods need", "lack a tag that such goods need"),
    "keeps-its-last-units": ("keeps its last units, as the rule asks", "keep their last units, as the rule asks"),
    "taken-by-other-lines": ("gives all of it to the order already", "give all of it to the order already"),
    "dominated": (
        "is needless: another has as much and is nowhere dearer",
        "are needless: others have as much and are nowhere dearer",
    ),
}

# Why units are left over.
LEFT: Mapping[str, str] = {
    "no-stock": "no node has it",
    "no-capacity": "the nodes that have it have no room left",
    "kit-incomplete": "no node that has it has the rest of its kit as well",
    "lacks-tag": "nodes have it, and none of them has the tags that such goods need",
    "splits-used-up": "nodes have it, and the rule allows no more shipments",
    "not-worth-it": "a shipment would be worth less than the rule's minimum",
    "no-node-allowed": "nodes have it, and no rule lets them send it",
    "no-rule-applies": "no rule of the set is for this order",
    "too-many-splits": "it would take more shipments than are allowed",
    "too-many-declines": "so many nodes gave it back that a person decides",
    "pickup-node-closed": "the customer's store is closed, or hands nothing over",
    "pickup-declined": "the customer's store gave it back, and a pickup is never sent instead",
    "pickup-out-of-stock": "the customer's store has too little of it",
    "pickup-no-capacity": "the customer's store has no room left",
}

WAITS: Mapping[str, str] = {
    BACKORDER: "for stock, in the backorder queue",
    ROUTING: "for a planner, in the routing queue",
    CUSTOMER_CARE: "for customer care, in its queue",
}


def paragraphs(decision: Said) -> list[str]:
    """One for each fulfillment, each kind of leftover, and each rule set that looked on."""
    if "stages" not in decision:
        return [BEFORE]
    told = [_fulfillment(one, decision) for one in decision["fulfillments"]]
    told += [_leftover(kind, rows, decision) for kind, rows in _by_kind(decision["leftovers"]).items()]
    told += [_shadow(one, decision) for one in decision.get("shadows", ())]
    return told or [NOTHING]


def _fulfillment(one: Said, decision: Said) -> str:
    stages = [stage for stage in decision["stages"] if _gave(stage, one)]
    sentences = [_who(one), *_when(one, decision.get("deliver_by"))]
    if not stages:
        sentences.append(
            "It is the customer's own store."
            if one["method"] == PICKUP
            else "Its units were reserved there before, for this order."
        )
    currency = decision.get("currency", "")
    sentences += _costs(one, currency)
    for stage in stages[:2]:
        sentences += _choice(stage, decision.get("deliver_by"), currency)
    if len(stages) > 2:
        sentences.append(f"{len(stages) - 2} more choices added to it.")
    if stages and decision["excluded"]:
        sentences.append(f"May not send there at all: {_counted(decision['excluded'])}.")
    return " ".join(sentences)


def _gave(stage: Said, one: Said) -> bool:
    """Whether the choice gave units to the fulfillment."""
    if (stage["service"], stage.get("due")) != (one["service"], one.get("due")) or one["method"] == PICKUP:
        return False
    lines = {line_id for line_id, _, _ in one["lines"]}
    return any(node == one["node"] and lines & {line_id for line_id, _ in got} for node, got in stage["given"])


def _who(one: Said) -> str:
    goods = _goods(one["lines"])
    if one["method"] == PICKUP:
        return f"{goods} handed over at {one['node']}."
    return f"{goods} sent from {one['node']}, {one['km']:g} km away, as {one['service']}."


def _goods(lines: Sequence[Sequence[Any]]) -> str:
    named = [f"{units} of {sku} (line {line_id})" for line_id, sku, units, *_ in lines[:_LISTED]]
    if len(lines) > _LISTED:
        named.append(f"{sum(line[2] for line in lines[_LISTED:])} units of {len(lines) - _LISTED} more lines")
    single = len(lines) == 1 and lines[0][2] == 1
    return f"{_listed(named)} {'is' if single else 'are'}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _when(one: Said, wanted: str | None) -> Iterable[str]:
    if due := one.get("due"):
        yield f"Waits there for the supply of {due}."
    arrives = one.get("deliver_on")
    if arrives is None:
        return
    if one["method"] == PICKUP:
        yield f"Ready on {arrives}{_against(arrives, wanted)}."
        return
    packages = one.get("packages", 1)
    boxes = "1 package" if packages == 1 else f"{packages} packages"
    by = f" with {one['carrier']}" if one.get("carrier") else ""
    yield f"Leaves on {one['ship_on']}{by} in {boxes} and arrives on {arrives}{_against(arrives, wanted)}."


def _against(arrives: str, wanted: str | None) -> str:
    if not wanted:
        return ", with no date promised or asked for"
    days = (date.fromisoformat(wanted) - date.fromisoformat(arrives)).days
    if not days:
        return ", the wanted date"
    return f", {_days(abs(days))} {'before' if days > 0 else 'after'} the wanted {wanted}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _costs(one: Said, currency: str) -> Iterable[str]:
    modelled, priced = _sum(one["modelled_micros"], currency), _sum(one["priced_micros"], currency)
    if modelled and modelled == priced:
        yield f"Costs {modelled}, as modelled and as priced."
    elif modelled:
        yield f"Modelled at {modelled}; with its real parcels {priced or _money(0, currency)}."
    elif priced:
        yield f"Costs {priced}."


def _sum(parts: Mapping[str, int], currency: str) -> str:
    if not parts:
        return ""
    named = ", ".join(f"{name} {_amount(micros)}" for name, micros in parts.items())
    return f"{_money(sum(parts.values()), currency)} ({named})"


def _money(micros: int, currency: str) -> str:
    return f"{currency} {_amount(micros)}".strip()


def _amount(micros: int) -> str:
    """To the hundredth; what is less than one of these, as far as it has two digits."""
    if micros and abs(micros) < 10_000:
        return f"{micros / 1_000_000:.{4 if abs(micros) >= 1_000 else 6}f}"
    return f"{micros / 1_000_000:,.2f}"


def _choice(stage: Said, wanted: str | None, currency: str) -> Iterable[str]:
    name, _, version = stage["rule_set"].rpartition("@")
    criteria = stage["stage"].get("criteria")
    how = f"first by {', then '.join(criteria)}" if criteria else "as the cheapest plan"
    yield f'Chosen by rule "{stage["rule"]}" of rule set {name}, version {version}, {how}.'
    if wanted and not stage["in_time"] and not stage.get("due"):
        yield "Nothing could be there by the wanted date, so lateness was a cost and no limit."
    if "cost_micros" in stage:
        yield from _next_best(stage, currency)
        yield _proof(stage, currency)
    yield _looked_at(stage)


def _next_best(stage: Said, currency: str) -> Iterable[str]:
    chosen = {node for node, _ in stage["given"]}
    cost, alone = stage["cost_micros"], stage.get("alone_micros", ())
    others = [(node, micros) for node, micros in alone if {node} != chosen]
    if others:
        node, micros = others[0]
        which = "the next best" if len(chosen) == 1 else "the cheapest that has it"
        yield f"All of it from {node}, {which}, would cost {_money(micros, currency)} against {_money(cost, currency)}."
    elif alone:
        yield "No other node has all of it."
    else:
        yield "No node has all of it."


def _proof(stage: Said, currency: str) -> str:
    cost, bound = stage["cost_micros"], stage["lower_bound_micros"]
    searched = stage["nodes_searched"]
    steps = f" in {searched} {'step' if searched == 1 else 'steps'} of search" if searched else ""
    if stage["proven"]:
        return f"Proven to be the cheapest under these costs{steps}."
    gap = f" ({(cost - bound) / cost:.2%})" if cost > 0 else ""
    stopped = "The clock stopped the search: not" if stage.get("clock_stopped") else "Not"
    return f"{stopped} proven{steps}: a better plan could save {_money(max(0, cost - bound), currency)}{gap} at most."


def _looked_at(stage: Said) -> str:
    stay = len(stage["stage"]["nodes"]) + stage.get("cut", 0)
    out = stage["out"]
    every = stay + sum(map(len, out.values()))
    had = f"{every} {'node has' if every == 1 else 'nodes have'} some of what was wanted, {stay} to choose from"
    return f"{had}; {_counted(out)}." if out else f"{had}."


def _counted(why: Mapping[str, Sequence[str]]) -> str:
    """How many for which reason, the most first."""
    most_first = sorted(why.items(), key=lambda one: (-len(one[1]), one[0]))
    return ", ".join(f"{len(nodes)} {words_of(reason, len(nodes))}" for reason, nodes in most_first)


def words_of(reason: str, count: int = 1) -> str:
    """A reason in words; one of a later version of this code as it is."""
    one, many = OUT.get(reason, (reason, reason))
    return one if count == 1 else many


def _by_kind(leftovers: Iterable[Sequence[Any]]) -> dict[tuple[str, str, str | None], list[Sequence[Any]]]:
    found: dict[tuple[str, str, str | None], list[Sequence[Any]]] = {}
    for row in leftovers:
        _, _, _, queue, reason, *cancel_on = row
        found.setdefault((queue, reason, cancel_on[0] if cancel_on else None), []).append(row)
    return found


def _leftover(kind: tuple[str, str, str | None], rows: Sequence[Sequence[Any]], decision: Said) -> str:
    queue, reason, cancel_on = kind
    waits = WAITS.get(queue, f"in the queue {queue}")
    sentences = [f"{_goods(rows)} left over: {LEFT.get(reason, reason)}."]
    sentences.append(f"Waits {waits}{f', and is cancelled on {cancel_on} if it still does' if cancel_on else ''}.")
    skus = {row[1] for row in rows}
    why: dict[str, str] = {}
    for stage in decision["stages"]:
        if skus & set(stage["stage"]["skus"]):
            why |= {node: out for out, nodes in stage["out"].items() for node in nodes}
            why = {node: out for node, out in why.items() if node not in stage["stage"]["nodes"]}
    by_reason: dict[str, list[str]] = {}
    for node, out in sorted(why.items()):
        by_reason.setdefault(out, []).append(node)
    if by_reason and reason != "no-stock":
        sentences.append(f"Of the nodes that have some of what was wanted {_counted(by_reason)}.")
    if decision["excluded"] and not reason.startswith("pickup-"):
        sentences.append(f"May not send there at all: {_counted(decision['excluded'])}.")
    return " ".join(sentences)


def _shadow(one: Said, decision: Said) -> str:
    name, _, version = one["rule_set"].rpartition("@")
    on = f"Rule set {name}, version {version}, looked on without effect"
    if not one["differs"]:
        return f"{on}: it would have done the same."
    currency = decision.get("currency", "")
    nodes = sorted({row[0] for row in one["fulfillments"]})
    shown = _listed(nodes[:_LISTED]) + (f" and {len(nodes) - _LISTED} more" if len(nodes) > _LISTED else "")
    sent = f"it would have sent {_shipments(one['shipments'])} from {shown}" if nodes else "it would have sent nothing"
    cost = _money(sum(one["priced_micros"].values()), currency)
    arrives = f", the last on {one['deliver_on']}" if one.get("deliver_on") else ""
    return f"{on}: {sent}{arrives}, for {cost} and {one['carbon_g']} g of CO2e."


def _shipments(count: int) -> str:
    return "1 shipment" if count == 1 else f"{count} shipments"
