"""
Make the rows of a stage: the lines of an order as one run of a rule wants them.

Called by   comanda.domain.routing.build_stage
Returns     rows in layers; the rows that must ship together
Raises      nothing

Lines of one sku share its stock, so they are one row, unless they may not come from the same nodes: then one is chosen after
the other, in layers. Lines of a group stay together, in sets.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from comanda.domain.optimizer.solve import Together
from comanda.domain.routing.order_rates import WantedSku
from comanda.domain.routing.plan import Want
from comanda.domain.rules import rule_sets
from comanda.domain.rules.rule_sets import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines of one service that one rule set decides about."""

    wants: tuple[Want, ...]
    service: str


@dataclass(slots=True)
class StageRow:
    """One row of a stage: units of a sku, and the lines that want them."""

    wanted: WantedSku
    wants: list[tuple[Want, int]]
    excluded: frozenset[str]
    group: str | None
    alone: bool = False  # a line, or the lines of a group, that go whole from one node

    def shared(self, pieces: int) -> Iterator[tuple[Want, int]]:
        """Yield the units of each line in so many pieces of a group: whole sets, with each line's part."""
        for want, units in self.wants:
            yield want, units * pieces // self.wanted.units


def layers(group: Group, rule: Rule, left: Mapping[str, int]) -> Iterator[list[StageRow]]:
    """Yield the rows in layers. Each sku stands once in a layer."""
    waiting = list(_group_into_rows([(w, left[w.line_id]) for w in group.wants if w.line_id in left], rule))
    while waiting:
        skus: set[str] = set()
        now: list[StageRow] = []
        later: list[StageRow] = []
        put_off: set[str] = set()
        for row in waiting:  # rows of one group stand side by side
            again = row.wanted.sku in skus or (row.group is not None and row.group in put_off)
            if again and row.group is not None:
                put_off.add(row.group)
                later += [r for r in now if r.group == row.group]
                now = [r for r in now if r.group != row.group]
            (later if again else now).append(row)
            skus = {r.wanted.sku for r in now}
        yield now
        waiting = later


def _group_into_rows(waiting: Sequence[tuple[Want, int]], rule: Rule) -> Iterator[StageRow]:
    complete = rule.splits.complete
    excluded: dict[str | None, frozenset[str]] = {}
    for want, _ in waiting:
        if want.group is not None or complete == rule_sets.ORDER:
            key = None if complete == rule_sets.ORDER else want.group
            excluded[key] = excluded.get(key, frozenset()) | frozenset(want.excluded)
    found: dict[tuple[str, str, str, frozenset[str]], list[tuple[Want, int]]] = {}
    for want, units in waiting:
        group = None if complete == rule_sets.ORDER else want.group
        shut = excluded.get(group, frozenset(want.excluded))
        alone = want.line_id if complete == rule_sets.LINE and group is None else ""
        found.setdefault((group or "", alone, want.sku, shut), []).append((want, units))
    # Rows of a group stand side by side and first: rows that may be split fit around them.
    for (in_group, _, sku, shut), wants in sorted(found.items(), key=lambda one: (not one[0][0], one[0][0])):
        wanted = WantedSku(
            sku=sku,
            units=sum(count for _, count in wants),
            grams=max(want.weight_g for want, _ in wants),
            goods=wants[0][0].goods,
        )
        yield StageRow(
            wanted=wanted, wants=wants, excluded=shut, group=in_group or None, alone=complete == rule_sets.LINE
        )


def sets_of(wants: Iterable[tuple[Want, int]]) -> int:
    """Return how many sets these units of a group's lines make, 0 without units. Each line has as many units in each set."""
    return gcd(*(units if not want.in_set or units % want.in_set else units // want.in_set for want, units in wants))


def together(rows: Sequence[StageRow]) -> Iterator[Together]:
    """Yield the rows that must ship together, in sets."""
    groups: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        if row.group is not None:
            groups.setdefault(row.group, []).append(i)
        elif row.alone:
            yield Together(lines=(i,), sets=1)
    for lines in groups.values():
        whole = any(rows[i].alone for i in lines)
        # A set is counted by the lines of the order, of which two may be of one sku.
        sets = sets_of(want_units for i in lines for want_units in rows[i].wants)
        yield Together(lines=tuple(lines), sets=1 if whole else sets)
