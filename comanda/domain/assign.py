"""
Assign: which node gets which units. Route and promise both call this, so a promise is what a route would do.

A `Scene` is looked at once (who is fit, how far, what is there), then any number of assignments are made in it. For each line
a rule set speaks; its rules run in sequence over what is on hand. First the promised date is a limit; what finds no node is
tried again without it, and lateness costs. Then what waits for a dated supply, day by day, the same way. It promises:
deterministic, never more than a node holds or has room for, never an excluded node, every unit assigned or left over.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from comanda.domain import rulesets, stock
from comanda.domain.candidates import Taken, Turn
from comanda.domain.costing import Costing
from comanda.domain.movements import Held
from comanda.domain.network import Node
from comanda.domain.order import PICKUP, SHIP
from comanda.domain.plan import Leftover, Limits, PlannedFulfillment, PlannedLine, Rules, Want
from comanda.domain.queues import BACKORDER, CUSTOMER_CARE, ROUTING
from comanda.domain.rows import Group
from comanda.domain.rulesets import NEXT, Rest, Rule, RuleSet, Splits
from comanda.domain.scene import NO_CAPACITY, Scene, Shelves
from comanda.domain.staging import Made, staged

Late = Callable[[], bool]  # the clock's safety stop


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """`made`: every choice with its inputs, in order. Fulfillments have no dates yet."""

    fulfillments: tuple[PlannedFulfillment, ...]
    leftovers: tuple[Leftover, ...]
    made: tuple[Made, ...] = ()


@dataclass(slots=True)
class _Spoken:
    """A group of wants of one service that one rule set speaks for, and where its rules have come to."""

    group: Group
    rule_set: RuleSet
    rule: Rule | None = None  # the last one that ran, which says what becomes of the rest

    @property
    def future_days(self) -> int:
        return self.rule.rest.future_days if self.rule else 0

    def rules(self, costing: Costing) -> Iterator[Rule]:
        """Those that are for this order, in sequence."""
        lines = [(want.sku, want.service, want.goods) for want in self.group.wants]
        return (rule for rule in self.rule_set.rules if rule.when.holds(costing.asked, lines, costing.scene.now))


def assign(
    wants: Sequence[Want],
    scene: Scene,
    limits: Limits,
    costing: Costing,
    future_days: int | None = None,
    kept: Sequence[Held] = (),
    late: Late = _never,
) -> Assigned:
    """Every wanted unit at a node, or left over with a reason.

    `future_days`: units may wait for supplies of so many days to come, whatever the rules say. `kept`: what the order has
    reserved already, and the positions show as free for it.
    """
    taking = _Taking(scene, limits, costing, late)
    for want in wants:
        if want.method == PICKUP:
            taking.pick_up(want)
    shipped = [want for want in wants if want.method != PICKUP]
    spoken = _spoken(shipped, scene.rules, costing)
    taking.hand_over(shipped, kept, spoken)
    taking.now(spoken, in_time=costing.asked.deliver_by is not None)
    if taking.left and costing.asked.deliver_by is not None:
        taking.now(spoken, in_time=False)
    in_the_way = {want.line_id: taking.in_the_way(want) for want in shipped if want.line_id in taking.left}
    for one in spoken:
        taking.later(one, one.future_days if future_days is None else future_days)
    for one in spoken:
        taking.leave_rest(one, in_the_way)
    return Assigned(fulfillments=joined(taking.planned), leftovers=tuple(taking.leftovers), made=tuple(taking.made))


def _spoken(wants: Iterable[Want], rules: Rules, costing: Costing) -> list[_Spoken]:
    """The wants by who speaks for them and by service, in this order. What belongs together is spoken for by the set of its
    first line."""
    found: dict[tuple[str, str], tuple[RuleSet, list[Want]]] = {}
    of_group: dict[str, RuleSet] = {}
    default = rulesets.built_in(rules.future_days)
    for want in wants:
        speaks = of_group.get(want.group or "")
        if speaks is None:
            speaks = (
                rulesets.choose(rules.sets, costing.asked, want.sku, want.goods, SHIP, costing.scene.now) or default
                if rules.sets
                else default
            )
            if want.group is not None:
                of_group[want.group] = speaks
        found.setdefault((speaks.key, want.service), (speaks, []))[1].append(want)
    return [
        _Spoken(group=Group(wants=tuple(of), service=service), rule_set=speaks)
        for (_, service), (speaks, of) in sorted(found.items(), key=lambda one: (one[0][1], one[0][0]))
    ]


class _Taking:
    """One assignment as it is made: what is taken of the shelves, who has what."""

    def __init__(self, scene: Scene, limits: Limits, costing: Costing, late: Late) -> None:
        self.scene, self.limits, self.costing, self.late = scene, limits, costing, late
        self.taken = Taken(scene)
        self.left: dict[str, int] = {}
        self.planned: list[PlannedFulfillment] = []
        self.leftovers: list[Leftover] = []
        self.made: list[Made] = []
        self.cut_short: set[str] = set()  # lines that would need more shipments than anybody may make

    def pick_up(self, want: Want) -> None:
        """A pickup line is filled at the customer's store whole, or customer care is asked: never shipped instead."""
        node = self.scene.nodes.get(want.node_id or "")
        if node is None or not node.pickup or not self.scene.works(node):
            self.leave(want, want.quantity, CUSTOMER_CARE, "pickup-node-closed")
        elif node.node_id in want.excluded:
            self.leave(want, want.quantity, CUSTOMER_CARE, "pickup-declined")
        elif self.taken.left(self.scene.counter(node.node_id), node.node_id, want.sku) < want.quantity:
            self.leave(want, want.quantity, CUSTOMER_CARE, "pickup-out-of-stock")
        elif (room := self.taken.room(node.node_id, {}, None)) is not None and room < want.quantity:
            self.leave(want, want.quantity, CUSTOMER_CARE, "pickup-no-capacity")
        else:
            self.give(node, PICKUP, want.service, [(want, want.quantity)], None)

    def hand_over(self, wants: Sequence[Want], kept: Sequence[Held], spoken: Iterable[_Spoken]) -> None:
        """What the order's own reservation keeps goes where it is kept, on the day that it is kept for: as was promised. It
        goes when the first rule that is for the order says."""
        waits: set[str] = set()
        for one in spoken if kept else ():
            first = next(one.rules(self.costing), None)
            if first is not None and first.release == rulesets.WAVE:
                waits |= {want.line_id for want in one.group.wants}
        self.left = {want.line_id: want.quantity for want in wants}
        today = stock.day(self.scene.now)
        for units in kept:
            if units.node not in self.scene.km:
                continue  # it may not ship there, or is closed: the router finds another place
            over = units.quantity
            for want in wants:
                part = min(over, self.left.get(want.line_id, 0)) if want.sku == units.sku else 0
                if part and units.node not in want.excluded:
                    due = units.due if units.due > today else None
                    wave = due is None and want.line_id in waits
                    self.give(self.scene.nodes[units.node], SHIP, want.service, [(want, part)], due, wave=wave)
                    over -= part
                    self._less(want.line_id, part)

    def now(self, spoken: Iterable[_Spoken], *, in_time: bool) -> None:
        """What is on hand: rule after rule, each with what the one before has left."""
        for one in spoken:
            for rule in one.rules(self.costing):
                if not any(want.line_id in self.left for want in one.group.wants):
                    break
                one.rule = rule
                self._stage(one, rule, self.scene.shelves, None, in_time=in_time)
                if rule.rest.then != NEXT:
                    break

    def later(self, one: _Spoken, days: int) -> None:
        """What is expected of what is left: each day's shelves, by the rule that ran last."""
        skus = {want.sku for want in one.group.wants if want.line_id in self.left}
        if not days or not skus or one.rule is None or self.cut_short & {want.line_id for want in one.group.wants}:
            return
        for day, shelves in self.scene.expected(skus, days):
            if not any(want.line_id in self.left for want in one.group.wants):
                return
            self._stage(one, one.rule, shelves, day, in_time=False)

    def _stage(self, one: _Spoken, rule: Rule, shelves: Shelves, due: str | None, *, in_time: bool) -> None:
        if self.costing.asked.whole:
            rule = replace(rule, splits=Splits(complete=rulesets.ORDER))
        wave = rule.release == rulesets.WAVE and due is None
        of_service = (p for p in self.planned if p.method == SHIP and p.service == one.group.service)
        mine = {(p.node.node_id, p.due, p.wave) for p in of_service}
        nodes = {node_id for node_id, *when in mine if when == [due, wave]}
        most = self.limits.splits - len(joined(self.planned))
        if rule.splits.most is not None:
            most = min(most, rule.splits.most - len(mine))
        costing = self.costing.in_wave() if wave else self.costing
        turn = Turn(group=one.group, rule=rule, shelves=shelves, due=due, in_time=in_time)
        for made in staged(
            turn, one.rule_set.key, self.left, self.taken, costing, most=most, begun=nodes, late=self.late
        ):
            self.made.append(made)
            for node_id, got, parts in made.given:
                self._give_stage(self.scene.nodes[node_id], one.group.service, got, due, parts, wave=wave)
            if made.limited and self.limits.splits <= len(joined(self.planned)):
                self.cut_short |= {want.line_id for want in one.group.wants if want.line_id in self.left}

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

    def in_the_way(self, want: Want) -> str:
        """Why nobody has it now: it is on no shelf; or on one that has no room for it, or that no rule allows."""
        shelves = self.scene.shelves
        stands = [
            node for node in shelves if node not in want.excluded and self.taken.left(shelves[node], node, want.sku)
        ]
        if not stands:
            return "no-stock"
        full = any(self.taken.room(node, shelves[node], None) == 0 for node in stands)
        return NO_CAPACITY if full else "no-node-allowed"

    def leave_rest(self, one: _Spoken, in_the_way: Mapping[str, str]) -> None:
        """What is left of a group waits where its rule says."""
        rest = one.rule.rest if one.rule else Rest(then=ROUTING)
        then = BACKORDER if rest.then == NEXT else rest.then
        for want in one.group.wants:
            if want.line_id not in self.left:
                continue
            if one.rule is None:
                self.leave(want, self.left[want.line_id], ROUTING, "no-rule-applies")
                continue
            if want.line_id in self.cut_short:
                self.leave(want, self.left[want.line_id], ROUTING, "too-many-splits")
                continue
            why = in_the_way[want.line_id]
            self.leave(want, self.left[want.line_id], then, why, rest.cancel_after_days)

    def leave(self, want: Want, units: int, queue: str, reason: str, cancel_after_days: int | None = None) -> None:
        cancel_on = None
        if cancel_after_days is not None and queue == BACKORDER:
            cancel_on = stock.later(stock.day(self.scene.now), cancel_after_days)
        self.leftovers.append(
            Leftover(
                line_id=want.line_id, sku=want.sku, quantity=units, queue=queue, reason=reason, cancel_on=cancel_on
            )
        )


def joined(planned: Iterable[PlannedFulfillment]) -> tuple[PlannedFulfillment, ...]:
    """Pickup lines of one store are one fulfillment; so are shipments of one node and service that are due together."""
    together: dict[tuple[str, str, str, str | None, bool], PlannedFulfillment] = {}
    for p in planned:
        key = (p.node.node_id, p.method, p.service, p.due, p.wave)
        had = together.get(key)
        if had is None:
            together[key] = p
        else:
            parts = tuple(map(sum, zip(had.modelled, p.modelled, strict=True))) if had.modelled else p.modelled
            together[key] = replace(had, lines=(*had.lines, *p.lines), modelled=parts or had.modelled)
    return tuple(together.values())


__all__ = ["Assigned", "assign", "joined"]
