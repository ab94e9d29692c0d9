"""
Check that the bundles of a request and their components fit together, in an order or in the basket of a promise.

Called by   functions/intake, functions/promise
Returns     a problem for each wrong field
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from comanda.domain.errors import Problem

BUNDLE, COMPONENT = "BUNDLE", "COMPONENT"
WHOLE = 1_000_000  # the price shares of a bundle add up to it


class SentLine(Protocol):
    """A line of a request, which may be a bundle or a component."""

    @property
    def line_id(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def quantity(self) -> int: ...

    @property
    def parent_line_id(self) -> str | None: ...

    @property
    def ratio(self) -> int | None: ...

    @property
    def price_share(self) -> int | None: ...


def is_bundled(line: SentLine) -> bool:
    """Return True if the line says anything of a bundle."""
    return (
        line.kind in (BUNDLE, COMPONENT)
        or line.parent_line_id is not None
        or line.ratio is not None
        or line.price_share is not None
    )


def bundles_of[Sent: SentLine](lines: Iterable[Sent]) -> dict[str, Sent]:
    """Return the bundles by their line ids."""
    return {line.line_id: line for line in lines if line.kind == BUNDLE}


def problems[Sent: SentLine](
    lines: Sequence[Sent], misfits: Callable[[str, Sent, Sent], Iterable[Problem]]
) -> Iterator[Problem]:
    """Yield a problem for each field of a bundle, a component, or another line that takes no place in a bundle.

    `misfits` yields the other problems of a component, from its pointer, itself and its bundle.
    """
    bundles = bundles_of(lines)
    shares: dict[str, list[int]] = {line_id: [] for line_id in bundles}
    kinds = {line.line_id: line.kind for line in lines}
    for i, line in enumerate(lines):
        at = f"/lines/{i}"
        if line.kind != COMPONENT:
            yield from _problems_outside(at, line)
            continue
        yield from _missing(at, line)
        parent = line.parent_line_id
        if parent in bundles:
            shares[parent].append(line.price_share or 0)
            yield from _wrong_quantity(at, line, bundles[parent])
            yield from misfits(at, line, bundles[parent])
        elif parent in kinds:
            message = f"line {parent} is a {kinds[parent]}: only a BUNDLE has components"
            yield problem(f"{at}/parent_line_id", "not-a-bundle", message)
        elif parent is not None:
            yield problem(f"{at}/parent_line_id", "unknown-line", f"there is no line {parent}")
    for i, line in enumerate(lines):
        if line.kind == BUNDLE:
            yield from _problems_of_shares(f"/lines/{i}", shares[line.line_id])


def _problems_outside(at: str, line: SentLine) -> Iterator[Problem]:
    """Yield a problem for each field that only components have."""
    for name, value in (
        ("parent_line_id", line.parent_line_id),
        ("ratio", line.ratio),
        ("price_share", line.price_share),
    ):
        if value is not None:
            what = "a bundle is in no other bundle" if line.kind == BUNDLE else f"this line is a {line.kind}"
            yield problem(f"{at}/{name}", "not-a-component", f"only a COMPONENT has it, and {what}")


def _missing(at: str, line: SentLine) -> Iterator[Problem]:
    for name, value, what in (
        ("parent_line_id", line.parent_line_id, "the line of its bundle"),
        ("ratio", line.ratio, "its units in one set"),
        ("price_share", line.price_share, "its part of the bundle's price, in parts per million"),
    ):
        if value is None:
            yield problem(f"{at}/{name}", "missing", f"a component has {what}")


def _wrong_quantity(at: str, line: SentLine, bundle: SentLine) -> Iterator[Problem]:
    if line.ratio is not None and line.quantity != line.ratio * bundle.quantity:
        message = f"is {line.quantity}: {bundle.quantity} sets of {line.ratio} are {line.ratio * bundle.quantity}"
        yield problem(f"{at}/quantity", "does-not-fit-its-bundle", message)


def _problems_of_shares(at: str, shares: Sequence[int]) -> Iterator[Problem]:
    if not shares:
        yield problem(at, "no-components", "no COMPONENT line names this bundle in parent_line_id")
    elif sum(shares) != WHOLE:
        message = f"the price_share of its components add up to {sum(shares)}, not to {WHOLE}"
        yield problem(at, "shares-do-not-add-up", message)


def problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)
