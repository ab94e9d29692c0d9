"""
Rows: the lines of an order as a stage of its assignment wants them.

Lines of one sku share its stock, so they are one row, unless they may not come from the same nodes: then they are chosen for
one after the other, in layers. Lines of a group stay together, in sets.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from comanda.domain.optimizer.solve import Together
from comanda.domain.routing.costs import WantedSku
from comanda.domain.routing.plan import Want
from comanda.domain.rules import rule_sets
from comanda.domain.rules.rule_sets import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Wants of one service that one rule set speaks for."""

    wants: tuple[Want, ...]
    service: str


@dataclass(slots=True)
class StageRow:
    """A row of a stage, and whose it is."""

    row: WantedSku
    wants: list[tuple[Want, int]]
    excluded: frozenset[str]
    group: str | None
    alone: bool = False  # a line, or the lines of a group, that go whole from one node

    def shared(self, pieces: int) -> Iterator[tuple[Want, int]]:
        """Whose so many pieces of a group are: whole sets, of each line its part."""
        for want, units in self.wants:
            yield want, units * pieces // self.row.units


def layers(group: Group, rule: Rule, left: Mapping[str, int]) -> Iterator[list[StageRow]]:
    """Rows by layers in which each sku stands once."""
    waiting = list(_rows([(w, left[w.line_id]) for w in group.wants if w.line_id in left], rule))
    while waiting:
        skus: set[str] = set()
        now: list[StageRow] = []
        later: list[StageRow] = []
        put_off: set[str] = set()
        for row in waiting:  # rows of one group stand side by side
            again = row.row.sku in skus or (row.group is not None and row.group in put_off)
            if again and row.group is not None:
                put_off.add(row.group)
                later += [r for r in now if r.group == row.group]
                now = [r for r in now if r.group != row.group]
            (later if again else now).append(row)
            skus = {r.row.sku for r in now}
        yield now
        waiting = later


def _rows(wanted: Sequence[tuple[Want, int]], rule: Rule) -> Iterator[StageRow]:
    complete = rule.splits.complete
    excluded: dict[str | None, frozenset[str]] = {}
    for want, _ in wanted:
        if want.group is not None or complete == rule_sets.ORDER:
            key = None if complete == rule_sets.ORDER else want.group
            excluded[key] = excluded.get(key, frozenset()) | frozenset(want.excluded)
    found: dict[tuple[str, str, str, frozenset[str]], list[tuple[Want, int]]] = {}
    for want, units in wanted:
        group = None if complete == rule_sets.ORDER else want.group
        shut = excluded.get(group, frozenset(want.excluded))
        alone = want.line_id if complete == rule_sets.LINE and group is None else ""
        found.setdefault((group or "", alone, want.sku, shut), []).append((want, units))
    # Rows of a group stand side by side, and first: what may be split finds its place around them.
    for (in_group, _, sku, shut), of in sorted(found.items(), key=lambda one: (not one[0][0], one[0][0])):
        row = WantedSku(
            sku=sku,
            units=sum(count for _, count in of),
            grams=max(want.weight_g for want, _ in of),
            goods=of[0][0].goods,
        )
        yield StageRow(row=row, wants=of, excluded=shut, group=in_group or None, alone=complete == rule_sets.LINE)


def together(rows: Sequence[StageRow]) -> Iterator[Together]:
    groups: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        if row.group is not None:
            groups.setdefault(row.group, []).append(i)
        elif row.alone:
            yield Together(lines=(i,), sets=1)
    for lines in groups.values():
        whole = any(rows[i].alone for i in lines)
        # A set is counted by the lines of the order, of which two may be of one sku.
        sets = gcd(*(units for i in lines for _, units in rows[i].wants))
        yield Together(lines=tuple(lines), sets=1 if whole else sets)
