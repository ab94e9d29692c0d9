"""
Merge and check the packages of a fulfillment. A package that is reported twice is one; together they hold no unit too many.

Called by   comanda.domain.lifecycle.node_work.work (pack) and .ship
Returns     packages
Raises      Invalid for contents that are not there
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders.fulfillment import Package


def merge_packages(packages: tuple[Package, ...], more: tuple[Package, ...]) -> tuple[Package, ...]:
    """Merge packages by their id. A later value of a field replaces the earlier one; an empty value does not."""
    by_id = {p.package_id: p for p in packages}
    for p in more:
        given = {name: value for name in Package.__slots__ if (value := getattr(p, name))}
        by_id[p.package_id] = replace(by_id.get(p.package_id, p), **given)
    return tuple(by_id.values())


def check_contents(
    given: Sequence[Package], units: Mapping[str, int], what: str, others: Sequence[Package] = ()
) -> None:
    """Raise Invalid if a package names a line twice or a line without units, or if the packages hold too many units.

    `units` are (line id: units); `what` says in messages what they do ("are packed", "leave"). `others` are packages that hold
    some of the same units.
    """
    wrong: list[Problem] = []
    held: dict[str, int] = {}
    for package in others:
        for line_id, quantity in package.contents:
            held[line_id] = held.get(line_id, 0) + quantity
    for i, package in enumerate(given):
        lines: set[str] = set()
        for j, (line_id, quantity) in enumerate(package.contents):
            at, where = f"/packages/{i}/contents/{j}", f"package {package.package_id}, line {line_id}"
            held[line_id] = held.get(line_id, 0) + quantity
            there = units.get(line_id, 0)
            if line_id in lines:
                wrong.append(Problem(pointer=f"{at}/line_id", code="duplicate", message=f"{where}: stands twice"))
            elif not there:
                message = f"{where}: no unit of this line is among those that {what}"
                wrong.append(Problem(pointer=f"{at}/line_id", code="unknown-line", message=message))
            elif held[line_id] > there:
                so_far = "" if held[line_id] == quantity else f" ({held[line_id]} with the packages before it)"
                message = f"{where}: holds {quantity}{so_far}, {there} {what}"
                wrong.append(Problem(pointer=f"{at}/quantity", code="too-many", message=message))
            lines.add(line_id)
    if wrong:
        raise Invalid(*wrong)


def fit_contents(
    packages: Sequence[Package], named: Sequence[Package], units: Mapping[str, int]
) -> tuple[Package, ...]:
    """Return the packages with contents that fit the units (line id: units).

    Packages in `named` keep the contents that were just reported. The others were packed earlier, and units may have been
    taken out since: they share the units that are left.
    """
    left = dict(units)
    for package in named:
        for line_id, quantity in package.contents:
            left[line_id] = left.get(line_id, 0) - quantity
    reported = {package.package_id for package in named if package.contents}
    found: list[Package] = []
    for package in packages:
        if package.package_id in reported:
            found.append(package)
            continue
        holds: list[tuple[str, int]] = []
        for line_id, quantity in package.contents:
            part = min(quantity, left.get(line_id, 0))
            if part > 0:
                left[line_id] -= part
                holds.append((line_id, part))
        found.append(replace(package, contents=tuple(holds)))
    return tuple(found)
