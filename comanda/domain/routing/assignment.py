"""
Build one assignment: track the units taken from shelves, the work that nodes get, and the units left over.

Called by   comanda.domain.routing.assign
Returns     planned fulfillments without dates, leftovers with their reasons, and the choices that were made
Raises      TooDear, from the optimizer
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from comanda.domain.days import days_later, utc_day
from comanda.domain.geography.regions import is_military_region
from comanda.domain.nodes.node import Node
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.queues import Queue
from comanda.domain.routing import chosen, counter
from comanda.domain.routing.build_stage import StageChoice, run_rule
from comanda.domain.routing.candidates import RuleRun, TakenUnits
from comanda.domain.routing.order_rates import OrderRates
from comanda.domain.routing.own_reservation import use_reserved_units
from comanda.domain.routing.plan import Leftover, Limits, PlannedFulfillment, PlannedLine, Want
from comanda.domain.routing.reachable import NO_CAPACITY, ReachableNetwork, Shelves
from comanda.domain.routing.stage_costs import parts_without_choice
from comanda.domain.routing.stage_rows import Group
from comanda.domain.rules import rule_sets
from comanda.domain.rules.rule_sets import NEXT, Rest, Rule, RuleSet, Splits
from comanda.domain.stock.changes import ReservedUnits
from comanda.domain.time_limit import TimeLimit

Gone = Iterable[tuple[str, str, int]]


@dataclass(slots=True)
class RuleSetGroup:
    """Lines of one service that one rule set decides about, and the state of its rules."""

    group: Group
    rule_set: RuleSet
    rule: Rule | None = None  # the last rule that ran: it decides where units without a node wait
    limited: bool = False  # more units would have been sent if that rule allowed more shipments

    @property
    def future_days(self) -> int:
        """Return how many days of expected supplies the last rule allows. It is 0 if no rule ran."""
        return self.rule.rest.future_days if self.rule else 0

    def rules(self, rates: OrderRates) -> Iterator[Rule]:
        """Return the rules that apply to this order, in sequence."""
        lines = [(want.sku, want.service, want.goods) for want in self.group.wants]
        return (rule for rule in self.rule_set.rules if rule.when.matches(rates.facts, lines, rates.network.now))


class Assignment:
    """The units that are assigned so far, and those that no node has yet. Each method assigns more of them."""

    def __init__(
        self, network: ReachableNetwork, limits: Limits, rates: OrderRates, late: TimeLimit, gone: Gone = ()
    ) -> None:
        """Begin with nothing assigned. `gone` are (node, sku, units) that the order sends to its other destinations."""
        self.network, self.limits, self.rates, self.late = network, limits, rates, late
        self.taken = TakenUnits(network)
        self.taken.leave_out(gone)
        self.unassigned: dict[str, int] = {}  # line id -> units without a node
        self.planned: list[PlannedFulfillment] = []
        self.leftovers: list[Leftover] = []
        self.choices: list[StageChoice] = []
        # (rule set, service) -> (node, due, wave) that it sends from: a rule's limit on shipments counts only these.
        self.shipments: dict[tuple[str, str], set[tuple[str, str | None, bool]]] = {}
        self.cut_short: set[str] = set()  # lines that would need more shipments than a plan may have
        self.limited = False  # a limit on shipments kept units from being sent

    def pick_up(self, wants: Sequence[Want]) -> None:
        """Assign pickup lines that leave together to the customer's store, in whole sets, and leave the rest to customer care.

        They are never shipped instead.
        """
        sets, here, why_not_all = counter.count_sets(wants, self.network, self.taken)
        if here:
            node = self.network.nodes[wants[0].node_id or ""]
            got = [(want, want.quantity // sets * here) for want in wants]
            self._plan(node, PICKUP, wants[0].service, got, None)
        for want in wants if here < sets else ():
            self._leave(want, want.quantity // sets * (sets - here), Queue.CUSTOMER_CARE, why_not_all)

    def send_from_chosen(self, wants: Sequence[Want]) -> None:
        """Assign lines that leave together to the node that a person chose, or leave them to a person."""
        if (why := chosen.why_not(wants, self.network, self.taken)) is not None:
            for want in wants:
                self._leave(want, want.quantity, Queue.ROUTING, f"{chosen.CHOSEN}{why}")
            return
        node = self.network.nodes[wants[0].chosen]
        for want in wants:
            begun = any(p.node is node and p.service == want.service and p.due is None for p in self.planned)
            parts = parts_without_choice(self.rates, want, want.quantity, node, first=not begun)
            self._plan(node, SHIP, want.service, [(want, want.quantity)], None, parts)

    def use_reservation(
        self, wants: Sequence[Want], kept: Sequence[ReservedUnits], groups: Iterable[RuleSetGroup]
    ) -> None:
        """Use the order's own reservation first: its units ship from the node, and on the day, for which they are reserved.

        They wait for a wave if the first rule that applies to the order says so.
        """
        waits: set[str] = set()
        for one in groups if kept else ():
            first = next(one.rules(self.rates), None)
            if first is not None and first.release == rule_sets.WAVE:
                waits |= {want.line_id for want in one.group.wants}
        self.unassigned = {want.line_id: want.quantity for want in wants}
        today = utc_day(self.network.now)
        for node_id, due, got in use_reserved_units(wants, kept, self.network, self.taken, today):
            node = self.network.nodes[node_id]
            for want, part in got:
                wave = due is None and want.line_id in waits
                begun = any(p.node is node and p.service == want.service and p.due == due for p in self.planned)
                parts = parts_without_choice(self.rates, want, part, node, first=not begun)
                self._plan(node, SHIP, want.service, [(want, part)], due, parts, wave=wave)
                self._subtract(want.line_id, part)

    def assign_on_hand(self, groups: Iterable[RuleSetGroup], *, in_time: bool) -> None:
        """Assign the units on hand: rule after rule, each with the units that the rule before left."""
        for one in groups:
            if self.unserved(one):
                continue
            for rule in one.rules(self.rates):
                if not any(want.line_id in self.unassigned for want in one.group.wants):
                    break
                one.rule = rule
                self._run_rule(one, rule, self.network.shelves, None, in_time=in_time)
                if rule.rest.then != NEXT:
                    break

    def assign_from_supplies(self, one: RuleSetGroup, days: int) -> None:
        """Assign the units that are left to each later day's expected shelves, by the rule that ran last.

        When the time limit is over, no further day is tried: the units that are left wait where their rule sends them,
        and are served when stock arrives.
        """
        skus = {want.sku for want in self.waiting(one)}
        if not days or not skus or one.rule is None:
            return
        for n, (day, shelves) in enumerate(self.network.expected(skus, days)):
            if not any(want.line_id in self.unassigned for want in one.group.wants) or (n and self.late()):
                return
            self._run_rule(one, one.rule, shelves, day, in_time=False)

    def leave_rest(self, one: RuleSetGroup, reasons: Mapping[str, str]) -> None:
        """Leave over the units of a group that no node got. They wait where their rule says, for these reasons by line."""
        rest = one.rule.rest if one.rule else Rest(then=Queue.ROUTING)
        then = Queue.BACKORDER if rest.then == NEXT else rest.then
        unserved = self.unserved(one)
        for want in self.waiting(one):
            units = self.unassigned[want.line_id]
            if unserved:
                self._leave(want, units, Queue.ROUTING, "no-carrier-serves-it")
            elif one.rule is None:
                self._leave(want, units, Queue.ROUTING, "no-rule-applies")
            elif want.line_id in self.cut_short:
                self._leave(want, units, Queue.ROUTING, "too-many-splits")
            else:
                self._leave(want, units, then, reasons[want.line_id], rest.cancel_after_days)

    def waiting(self, one: RuleSetGroup) -> list[Want]:
        """Return the lines of a group that still have units without a node."""
        return [want for want in one.group.wants if want.line_id in self.unassigned]

    def unserved(self, one: RuleSetGroup) -> bool:
        """Return True if the group goes to military post that no carrier serves, although the country has carriers."""
        to, arrivals = self.network.to, self.rates.arrivals
        if not is_military_region(to.country, to.region):
            return False
        there = any(carrier.country == to.country for carrier in arrivals.carriers)
        return there and not arrivals.offers(one.group.service, to.country)

    def why_left(self, want: Want, one: RuleSetGroup) -> str:
        """Return why no node sends the line now: the first reason that is true of the nodes that have it."""
        stocked = self._nodes_with_stock(want)
        if not stocked:
            return "no-stock"
        able = [node for node in stocked if set(want.goods.requires) <= set(node.tags)]
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

    def _run_rule(self, one: RuleSetGroup, rule: Rule, shelves: Shelves, due: str | None, *, in_time: bool) -> None:
        """Run a rule for the units that a group has left, and plan the units that it chooses."""
        if self.rates.facts.whole:
            rule = replace(rule, splits=Splits(complete=rule_sets.ORDER))
        wave = rule.release == rule_sets.WAVE and due is None
        service = one.group.service
        shipments = self.shipments.setdefault((one.rule_set.key, service), set())
        begun = {
            p.node.node_id for p in self.planned if (p.method, p.service, p.due, p.wave) == (SHIP, service, due, wave)
        }
        most = self.limits.splits - len(join_fulfillments(self.planned))
        if rule.splits.most is not None:
            most = min(most, rule.splits.most - len(shipments))
        rates = self.rates.in_wave() if wave else self.rates
        run = RuleRun(group=one.group, rule=rule, shelves=shelves, due=due, in_time=in_time)
        choices = run_rule(
            run, one.rule_set.key, self.unassigned, self.taken, rates, most=most, begun=begun, late=self.late
        )
        for choice in choices:
            self.choices.append(choice)
            for node_id, got, parts in choice.given:
                self._plan(self.network.nodes[node_id], SHIP, service, got, due, parts, wave=wave)
                for want, units in got:
                    self._subtract(want.line_id, units)
                shipments.add((node_id, due, wave))
            one.limited = choice.limited
            self.limited = self.limited or choice.limited or rule.splits.min_value is not None
            if choice.limited and self.limits.splits <= len(join_fulfillments(self.planned)):
                self.cut_short |= {want.line_id for want in self.waiting(one) if self._nodes_with_stock(want)}

    def _plan(
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
        """Plan units of these lines at a node, and take them from its shelf."""
        self.taken.add(node.node_id, [(want.sku, units) for want, units in got])
        lines = tuple(
            PlannedLine(line_id=want.line_id, sku=want.sku, quantity=units, due=due, wave=wave) for want, units in got
        )
        self.planned.append(PlannedFulfillment(node=node, method=method, service=service, lines=lines, modelled=parts))

    def _subtract(self, line_id: str, units: int) -> None:
        self.unassigned[line_id] -= units
        if not self.unassigned[line_id]:
            del self.unassigned[line_id]

    def _nodes_with_stock(self, want: Want) -> list[Node]:
        """Return the nodes with units of the line on their shelves that are not taken. Nodes that declined it are left out."""
        shelves = self.network.shelves
        stocked = (n for n in shelves if n not in want.excluded and self.taken.left(shelves[n], n, want.sku))
        return [self.network.nodes[node_id] for node_id in stocked]

    def _leave(self, want: Want, units: int, queue: str, reason: str, cancel_after_days: int | None = None) -> None:
        """Leave over units of a line: they wait in the queue for the reason. `cancel_after_days` holds for backorders only."""
        cancel_on = None
        if cancel_after_days is not None and queue == Queue.BACKORDER:
            cancel_on = days_later(utc_day(self.network.now), cancel_after_days)
        self.leftovers.append(
            Leftover(
                line_id=want.line_id, sku=want.sku, quantity=units, queue=queue, reason=reason, cancel_on=cancel_on
            )
        )


def join_fulfillments(planned: Iterable[PlannedFulfillment]) -> tuple[PlannedFulfillment, ...]:
    """Join the planned work of one node, method, service and due day, and of one wave, into one fulfillment each."""
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
    """Join the units that a reservation gave, and those that a rule added, into one planned line each."""
    sums: dict[PlannedLine, int] = {}
    for line in lines:
        alike = replace(line, quantity=0)
        sums[alike] = sums.get(alike, 0) + line.quantity
    return tuple(replace(line, quantity=units) for line, units in sums.items())
