"""
Assign: which node gets which units. Route and promise both call this, so a promise is what a route would do.

A `ReachableNetwork` is made once (who is fit, how far, what is there), then any number of assignments are made in it. For each line
a rule set speaks; its rules run in sequence over what is on hand. First the promised date is a limit; what finds no node is
tried again without it, and lateness costs. Then what waits for a dated supply, day by day, the same way. It promises:
deterministic, never more than a node holds or has room for, never an excluded node, every unit assigned or left over.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from comanda.domain.days import days_later, utc_day
from comanda.domain.geography.regions import is_military_region
from comanda.domain.nodes.node import Node
from comanda.domain.orders.line import PICKUP, SHIP
from comanda.domain.orders.queues import Queue
from comanda.domain.routing.build_stage import StageChoice, run_rule
from comanda.domain.routing.candidates import RuleRun, TakenUnits
from comanda.domain.routing.costs import OrderRates
from comanda.domain.routing.own_reservation import use_reserved_units
from comanda.domain.routing.plan import Leftover, Limits, PlannedFulfillment, PlannedLine, Rules, Want
from comanda.domain.routing.reachable import NO_CAPACITY, ReachableNetwork, Shelves
from comanda.domain.routing.stage_rows import Group
from comanda.domain.rules import rule_sets
from comanda.domain.rules.rule_sets import NEXT, Rest, Rule, RuleSet, Splits
from comanda.domain.stock.changes import ReservedUnits

Late = Callable[[], bool]  # the clock's safety stop


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """`made`: every choice with its inputs, in order. Fulfillments have no dates yet."""

    fulfillments: tuple[PlannedFulfillment, ...]
    leftovers: tuple[Leftover, ...]
    made: tuple[StageChoice, ...] = ()


@dataclass(slots=True)
class _RuleSetGroup:
    """A group of wants of one service that one rule set speaks for, and where its rules have come to."""

    group: Group
    rule_set: RuleSet
    rule: Rule | None = None  # the last one that ran, which says what becomes of the rest
    limited: bool = False  # more shipments than it allows would have sent more

    @property
    def future_days(self) -> int:
        return self.rule.rest.future_days if self.rule else 0

    def rules(self, rates: OrderRates) -> Iterator[Rule]:
        """Those that are for this order, in sequence."""
        lines = [(want.sku, want.service, want.goods) for want in self.group.wants]
        return (rule for rule in self.rule_set.rules if rule.when.holds(rates.facts, lines, rates.network.now))


def assign(
    wants: Sequence[Want],
    network: ReachableNetwork,
    limits: Limits,
    rates: OrderRates,
    future_days: int | None = None,
    kept: Sequence[ReservedUnits] = (),
    late: Late = _never,
) -> Assigned:
    """Every wanted unit at a node, or left over with a reason.

    `future_days`: units may wait for supplies of so many days to come, whatever the rules say. `kept`: what the order has
    reserved already, and the positions show as free for it.
    """
    taking, spoken = _assign_on_hand(wants, kept, _Assignment(network, limits, rates, late), in_time_first=True)
    if taking.left and taking.stinted and rates.facts.deliver_by is not None:
        # What came in time took the shipments that all of it would have needed: whoever sends more is chosen.
        other, of_other = _assign_on_hand(wants, kept, _Assignment(network, limits, rates, late), in_time_first=False)
        if sum(other.left.values()) < sum(taking.left.values()):
            taking, spoken = other, of_other
    in_the_way = {want.line_id: taking.in_the_way(want, one) for one in spoken for want in taking.waiting(one)}
    for one in spoken:
        taking.later(one, one.future_days if future_days is None else future_days)
    for one in spoken:
        taking.leave_rest(one, in_the_way)
    return Assigned(
        fulfillments=join_fulfillments(taking.planned), leftovers=tuple(taking.leftovers), made=tuple(taking.made)
    )


def _assign_on_hand(
    wants: Sequence[Want], kept: Sequence[ReservedUnits], taking: "_Assignment", *, in_time_first: bool
) -> "tuple[_Assignment, list[_RuleSetGroup]]":
    """What is on hand, given away. With a promised date it is a limit first, and then a cost; or only a cost."""
    for want in wants:
        if want.method == PICKUP:
            taking.pick_up(want)
    shipped = [want for want in wants if want.method != PICKUP]
    spoken = _rule_set_groups(shipped, taking.network.rules, taking.rates)
    taking.hand_over(shipped, kept, spoken)
    promised = taking.rates.facts.deliver_by is not None
    if promised and in_time_first:
        taking.now(spoken, in_time=True)
    if taking.left:
        taking.now(spoken, in_time=False)
    return taking, spoken


def _rule_set_groups(wants: Iterable[Want], rules: Rules, rates: OrderRates) -> list[_RuleSetGroup]:
    """The wants by who speaks for them and by service, in this order. What belongs together is spoken for by the set of its
    first line, and so is all of an order that the customer wants in one shipment."""
    found: dict[tuple[str, str], tuple[RuleSet, list[Want]]] = {}
    of_group: dict[str, RuleSet] = {}
    default = rule_sets.built_in(rules.future_days)
    for want in wants:
        group = want.service if rates.facts.whole else want.group
        speaks = of_group.get(group or "")
        if speaks is None:
            speaks = (
                rule_sets.choose(rules.sets, rates.facts, want.sku, want.goods, SHIP, rates.network.now) or default
                if rules.sets
                else default
            )
            if group is not None:
                of_group[group] = speaks
        found.setdefault((speaks.key, want.service), (speaks, []))[1].append(want)
    return [
        _RuleSetGroup(group=Group(wants=tuple(of), service=service), rule_set=speaks)
        for (_, service), (speaks, of) in sorted(found.items(), key=lambda one: (one[0][1], one[0][0]))
    ]


class _Assignment:
    """One assignment as it is made: what is taken of the shelves, who has what."""

    def __init__(self, network: ReachableNetwork, limits: Limits, rates: OrderRates, late: Late) -> None:
        self.network, self.limits, self.rates, self.late = network, limits, rates, late
        self.taken = TakenUnits(network)
        self.left: dict[str, int] = {}
        self.planned: list[PlannedFulfillment] = []
        self.leftovers: list[Leftover] = []
        self.made: list[StageChoice] = []
        # (rule set, service) -> (node, due, wave) that it sends from: a limit on shipments counts its own only.
        self.of_set: dict[tuple[str, str], set[tuple[str, str | None, bool]]] = {}
        self.cut_short: set[str] = set()  # lines that would need more shipments than anybody may make
        self.stinted = False  # a limit on shipments kept something back

    def pick_up(self, want: Want) -> None:
        """A pickup line is filled at the customer's store whole, or customer care is asked: never shipped instead."""
        node = self.network.nodes.get(want.node_id or "")
        if node is None or not node.pickup or not self.network.works(node):
            self.leave(want, want.quantity, Queue.CUSTOMER_CARE, "pickup-node-closed")
        elif node.node_id in want.excluded:
            self.leave(want, want.quantity, Queue.CUSTOMER_CARE, "pickup-declined")
        elif self.taken.left(self.network.counter(node.node_id), node.node_id, want.sku) < want.quantity:
            self.leave(want, want.quantity, Queue.CUSTOMER_CARE, "pickup-out-of-stock")
        elif (room := self.taken.room(node.node_id, {}, None)) is not None and room < want.quantity:
            self.leave(want, want.quantity, Queue.CUSTOMER_CARE, "pickup-no-capacity")
        else:
            self.give(node, PICKUP, want.service, [(want, want.quantity)], None)

    def hand_over(self, wants: Sequence[Want], kept: Sequence[ReservedUnits], spoken: Iterable[_RuleSetGroup]) -> None:
        """What the order's own reservation keeps goes where it is kept, on the day that it is kept for: as was promised. It
        goes when the first rule that is for the order says."""
        waits: set[str] = set()
        for one in spoken if kept else ():
            first = next(one.rules(self.rates), None)
            if first is not None and first.release == rule_sets.WAVE:
                waits |= {want.line_id for want in one.group.wants}
        self.left = {want.line_id: want.quantity for want in wants}
        today = utc_day(self.network.now)
        for node_id, due, got in use_reserved_units(wants, kept, self.network, self.taken, today):
            node = self.network.nodes[node_id]
            for want, part in got:
                wave = due is None and want.line_id in waits
                begun = any(p.node is node and p.service == want.service and p.due == due for p in self.planned)
                parts = self.rates.alone(want, part, node, first=not begun)
                self.give(node, SHIP, want.service, [(want, part)], due, parts, wave=wave)
                self._less(want.line_id, part)

    def now(self, spoken: Iterable[_RuleSetGroup], *, in_time: bool) -> None:
        """What is on hand: rule after rule, each with what the one before has left."""
        for one in spoken:
            if self.unserved(one):
                continue
            for rule in one.rules(self.rates):
                if not any(want.line_id in self.left for want in one.group.wants):
                    break
                one.rule = rule
                self._stage(one, rule, self.network.shelves, None, in_time=in_time)
                if rule.rest.then != NEXT:
                    break

    def unserved(self, one: _RuleSetGroup) -> bool:
        """Return whether the group goes to military post that no carrier serves, although there are carriers of its
        country."""
        to, arrivals = self.network.to, self.rates.arrivals
        if not is_military_region(to.country, to.region):
            return False
        there = any(carrier.country == to.country for carrier in arrivals.carriers)
        return there and not arrivals.offers(one.group.service, to.country)

    def later(self, one: _RuleSetGroup, days: int) -> None:
        """Assign the units that are left to each later day's expected shelves, by the rule that ran last. When the
        search is late, no further day is looked at: the units that are left wait where their rule says, and are served
        when stock arrives."""
        skus = {want.sku for want in one.group.wants if want.line_id in self.left}
        if not days or not skus or one.rule is None:
            return
        for n, (day, shelves) in enumerate(self.network.expected(skus, days)):
            if not any(want.line_id in self.left for want in one.group.wants) or (n and self.late()):
                return
            self._stage(one, one.rule, shelves, day, in_time=False)

    def _stage(self, one: _RuleSetGroup, rule: Rule, shelves: Shelves, due: str | None, *, in_time: bool) -> None:
        if self.rates.facts.whole:
            rule = replace(rule, splits=Splits(complete=rule_sets.ORDER))
        wave = rule.release == rule_sets.WAVE and due is None
        mine = self.of_set.setdefault((one.rule_set.key, one.group.service), set())
        nodes = {
            p.node.node_id
            for p in self.planned
            if (p.method, p.service, p.due, p.wave) == (SHIP, one.group.service, due, wave)
        }
        most = self.limits.splits - len(join_fulfillments(self.planned))
        if rule.splits.most is not None:
            most = min(most, rule.splits.most - len(mine))
        rates = self.rates.in_wave() if wave else self.rates
        turn = RuleRun(group=one.group, rule=rule, shelves=shelves, due=due, in_time=in_time)
        for made in run_rule(
            turn, one.rule_set.key, self.left, self.taken, rates, most=most, begun=nodes, late=self.late
        ):
            self.made.append(made)
            for node_id, got, parts in made.given:
                self._give_stage(self.network.nodes[node_id], one.group.service, got, due, parts, wave=wave)
                mine.add((node_id, due, wave))
            one.limited = made.limited
            self.stinted = self.stinted or made.limited or rule.splits.min_value is not None
            if made.limited and self.limits.splits <= len(join_fulfillments(self.planned)):
                self.cut_short |= {want.line_id for want in self.waiting(one) if self._stands(want)}

    def _give_stage(
        self,
        node: Node,
        service: str,
        got: Sequence[tuple[Want, int]],
        due: str | None,
        parts: tuple[int, ...],
        *,
        wave: bool,
    ) -> None:
        self.give(node, SHIP, service, got, due, parts, wave=wave)
        for want, units in got:
            self._less(want.line_id, units)

    def _less(self, line_id: str, units: int) -> None:
        self.left[line_id] -= units
        if not self.left[line_id]:
            del self.left[line_id]

    def give(
        self,
        node: Node,
        method: str,
        service: str,
        got: Sequence[tuple[Want, int]],
        due: str | None,
        parts: tuple[int, ...] = (),
        *,
        wave: bool = False,
    ) -> None:
        self.taken.add(node.node_id, [(want.sku, units) for want, units in got])
        lines = tuple(
            PlannedLine(line_id=want.line_id, sku=want.sku, quantity=units, due=due, wave=wave) for want, units in got
        )
        self.planned.append(PlannedFulfillment(node=node, method=method, service=service, lines=lines, modelled=parts))

    def waiting(self, one: _RuleSetGroup) -> list[Want]:
        return [want for want in one.group.wants if want.line_id in self.left]

    def _stands(self, want: Want) -> list[Node]:
        """The nodes that have some of it that nobody has, and did not give it back."""
        shelves = self.network.shelves
        has = (n for n in shelves if n not in want.excluded and self.taken.left(shelves[n], n, want.sku))
        return [self.network.nodes[node_id] for node_id in has]

    def in_the_way(self, want: Want, one: _RuleSetGroup) -> str:
        """Why nobody has it now: it is on no shelf; or where it is, the first of these is true."""
        stands = self._stands(want)
        if not stands:
            return "no-stock"
        able = [node for node in stands if set(want.goods.requires) <= set(node.tags)]
        if not able:
            return "lacks-tag"
        shelves = self.network.shelves
        if all(self.taken.room(node.node_id, shelves[node.node_id], None) == 0 for node in able):
            return NO_CAPACITY
        if one.limited:
            return "splits-used-up"
        if want.group is not None:
            return "kit-incomplete"
        return "not-worth-it" if one.rule and one.rule.splits.min_value else "no-node-allowed"

    def leave_rest(self, one: _RuleSetGroup, in_the_way: Mapping[str, str]) -> None:
        """What is left of a group waits where its rule says."""
        rest = one.rule.rest if one.rule else Rest(then=Queue.ROUTING)
        then = Queue.BACKORDER if rest.then == NEXT else rest.then
        for want in one.group.wants:
            if want.line_id not in self.left:
                continue
            if self.unserved(one):
                self.leave(want, self.left[want.line_id], Queue.ROUTING, "no-carrier-serves-it")
                continue
            if one.rule is None:
                self.leave(want, self.left[want.line_id], Queue.ROUTING, "no-rule-applies")
                continue
            if want.line_id in self.cut_short:
                self.leave(want, self.left[want.line_id], Queue.ROUTING, "too-many-splits")
                continue
            why = in_the_way[want.line_id]
            self.leave(want, self.left[want.line_id], then, why, rest.cancel_after_days)

    def leave(self, want: Want, units: int, queue: str, reason: str, cancel_after_days: int | None = None) -> None:
        cancel_on = None
        if cancel_after_days is not None and queue == Queue.BACKORDER:
            cancel_on = days_later(utc_day(self.network.now), cancel_after_days)
        self.leftovers.append(
            Leftover(
                line_id=want.line_id, sku=want.sku, quantity=units, queue=queue, reason=reason, cancel_on=cancel_on
            )
        )


def join_fulfillments(planned: Iterable[PlannedFulfillment]) -> tuple[PlannedFulfillment, ...]:
    """Pickup lines of one store are one fulfillment; so are shipments of one node and service that are due together."""
    together: dict[tuple[str, str, str, str | None, bool], PlannedFulfillment] = {}
    for p in planned:
        key = (p.node.node_id, p.method, p.service, p.due, p.wave)
        had = together.get(key)
        if had is None:
            together[key] = p
        else:
            parts = tuple(map(sum, zip(had.modelled, p.modelled, strict=True))) if had.modelled else p.modelled
            together[key] = replace(had, lines=_join_lines((*had.lines, *p.lines)), modelled=parts or had.modelled)
    return tuple(together.values())


def _join_lines(lines: Iterable[PlannedLine]) -> tuple[PlannedLine, ...]:
    """What a reservation gave and what a rule added to it is one line."""
    sums: dict[PlannedLine, int] = {}
    for line in lines:
        alike = replace(line, quantity=0)
        sums[alike] = sums.get(alike, 0) + line.quantity
    return tuple(replace(line, quantity=units) for line, units in sums.items())
