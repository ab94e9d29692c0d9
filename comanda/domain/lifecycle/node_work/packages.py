"""
Merge and check the packages of a fulfillment. A package that is reported twice is one; together they hold no unit too many.

A package may stand on another one of the fulfillment, as cartons on a pallet. A pallet holds no units of its own.

Called by   comanda.domain.lifecycle.node_work.work (pack), .ship and .repack
Returns     packages
Raises      Invalid for contents that are not there, and for packages that stand on no pallet
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from comanda.domain.check_digit import is_sscc
from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders.fulfillment import Package
from comanda.domain.orders.order import Order


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


def check_all_packed(given: Sequence[Package], after: Sequence[Package], units: Mapping[str, int]) -> None:
    """Raise Invalid if contents were given, each package that is no pallet has some, and a packed unit is in none of them.

    `after` are all packages of the fulfillment, `units` are (line id: packed units). While a package has no contents, it may
    hold the rest.
    """
    pallets = {package.parent for package in after}
    cartons = [package for package in after if package.package_id not in pallets]
    if not any(package.contents for package in given) or not all(package.contents for package in cartons):
        return
    held: dict[str, int] = {}
    for package in cartons:
        for line_id, quantity in package.contents:
            held[line_id] = held.get(line_id, 0) + quantity
    wrong = [
        Problem(
            pointer="/packages",
            code="too-few",
            message=f"line {line_id}: {held.get(line_id, 0)} of {there} packed units are in packages",
        )
        for line_id, there in units.items()
        if held.get(line_id, 0) < there
    ]
    if wrong:
        raise Invalid(*wrong)


def check_labels(order: Order, number: int, given: Sequence[Package]) -> None:
    """Raise Invalid for an SSCC that is none, or that another package of the order has, and for a wrong pallet."""
    after = merge_packages(order.fulfillment(number).packages, tuple(given))
    places = {package.package_id: f"/packages/{i}" for i, package in enumerate(given)}
    wrong = [*_wrong_ssccs(order, number, given), *_wrong_pallets(after, places)]
    if wrong:
        raise Invalid(*wrong)


def _wrong_ssccs(order: Order, number: int, given: Sequence[Package]) -> Iterator[Problem]:
    named = {package.package_id for package in given}
    taken = {
        package.sscc
        for fulfillment in order.fulfillments
        for package in fulfillment.packages
        if fulfillment.number != number or package.package_id not in named
    } - {""}
    for i, package in enumerate(given):
        at = f"/packages/{i}/sscc"
        if package.sscc and not is_sscc(package.sscc):
            yield Problem(pointer=at, code="check-digit", message=f"{package.sscc}: the check digit is wrong")
        elif package.sscc in taken:
            yield Problem(pointer=at, code="sscc-taken", message=f"another package has the SSCC {package.sscc}")
        if package.sscc:
            taken.add(package.sscc)


def _wrong_pallets(after: Sequence[Package], places: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what is wrong with packages and the pallets they stand on, at the package of the request."""
    by_id = {package.package_id: package for package in after}
    for package in after:
        at = places.get(package.package_id) or places.get(package.parent)
        if not package.parent or at is None:
            continue
        pallet = by_id.get(package.parent)
        if pallet is None:
            message, code = f"there is no package {package.parent} in this fulfillment", "unknown-package"
        elif pallet.parent or pallet is package:
            message, code = f"{package.parent} stands on another package itself", "nested-package"
        elif pallet.contents:
            message, code = f"{package.parent} holds units of its own: a pallet holds packages alone", "not-a-pallet"
        else:
            continue
        yield Problem(pointer=f"{at}/parent_id", code=code, message=message)


def with_pallets(named: frozenset[str], packages: Sequence[Package]) -> frozenset[str]:
    """Return the ids of packages with those of the packages that stand on them."""
    return named | {package.package_id for package in packages if package.parent in named}


def on_own_pallets(packages: Sequence[Package]) -> tuple[Package, ...]:
    """Return packages that stand on no pallet that is not among them."""
    there = {package.package_id for package in packages}
    return tuple(replace(p, parent="") if p.parent and p.parent not in there else p for p in packages)


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
