"""The packages of a fulfillment: what is said of one twice is one package, and together they hold no unit that is not there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders.fulfillment import Package


def merge_packages(packages: tuple[Package, ...], more: tuple[Package, ...]) -> tuple[Package, ...]:
    """Packages by id. What is said of one later wins; what is not said again stays."""
    by_id = {p.package_id: p for p in packages}
    for p in more:
        said = {name: value for name in Package.__slots__ if (value := getattr(p, name))}
        by_id[p.package_id] = replace(by_id.get(p.package_id, p), **said)
    return tuple(by_id.values())


def check_contents(
    given: Sequence[Package], units: Mapping[str, int], what: str, others: Sequence[Package] = ()
) -> None:
    """Raise Invalid when packages hold a line twice, one that is not among (line id: units), or more units than there are.

    `what` says of the units what they are ("are packed", "leave"); `others` are packages that hold units of the same.
    """
    wrong: list[Problem] = []
    held: dict[str, int] = {}
    for package in others:
        for line_id, quantity in package.contents:
            held[line_id] = held.get(line_id, 0) + quantity
    for i, package in enumerate(given):
        lines: set[str] = set()
        for j, (line_id, quantity) in enumerate(package.contents):
            at, of = f"/packages/{i}/contents/{j}", f"package {package.package_id}, line {line_id}"
            held[line_id] = held.get(line_id, 0) + quantity
            there = units.get(line_id, 0)
            if line_id in lines:
                wrong.append(Problem(pointer=f"{at}/line_id", code="duplicate", message=f"{of}: stands twice"))
            elif not there:
                message = f"{of}: no unit of this line is among those that {what}"
                wrong.append(Problem(pointer=f"{at}/line_id", code="unknown-line", message=message))
            elif held[line_id] > there:
                so_far = "" if held[line_id] == quantity else f" ({held[line_id]} with the packages before it)"
                message = f"{of}: holds {quantity}{so_far}, {there} {what}"
                wrong.append(Problem(pointer=f"{at}/quantity", code="too-many", message=message))
            lines.add(line_id)
    if wrong:
        raise Invalid(*wrong)


def fit_contents(
    packages: Sequence[Package], named: Sequence[Package], units: Mapping[str, int]
) -> tuple[Package, ...]:
    """Return the packages with no more in them than the units there are.

    Packages that are named last hold what was said of them; the others, packed earlier, hold what is left: units may have
    been taken out since.
    """
    left = dict(units)
    for package in named:
        for line_id, quantity in package.contents:
            left[line_id] = left.get(line_id, 0) - quantity
    now_named = {package.package_id for package in named if package.contents}
    found: list[Package] = []
    for package in packages:
        if package.package_id in now_named:
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
