"""
Set and remove lines of a draft, one by one.

Called by   functions/drafts
Returns     the lines afterwards, and where a refused line stands in the request
Raises      Invalid for a line that is not there to remove, or that is named twice
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from comanda.domain.drafts.draft import DraftLine
from comanda.domain.errors import Invalid, Problem


def with_lines(
    lines: Sequence[DraftLine], wanted: Sequence[DraftLine], removed: Sequence[str]
) -> tuple[DraftLine, ...]:
    """Return the lines without those that are `removed`, and with those that are `wanted`: each at the place of the line with
    its id, or else behind the last one."""
    if wrong := list(_problems(lines, wanted, removed)):
        raise Invalid(*wrong)
    new = {line.line_id: line for line in wanted}
    gone = set(removed)
    kept = [new.pop(line.line_id, line) for line in lines if line.line_id not in gone]
    return (*kept, *new.values())


def _problems(lines: Sequence[DraftLine], wanted: Sequence[DraftLine], removed: Sequence[str]) -> Iterable[Problem]:
    there, named = {line.line_id for line in lines}, set[str]()
    places = [(f"/set_lines/{i}/line_id", line.line_id) for i, line in enumerate(wanted)]
    for at, name in (*places, *((f"/remove_lines/{i}", name) for i, name in enumerate(removed))):
        if name in named:
            yield Problem(pointer=at, code="duplicate", message=f"{name} stands twice")
        named.add(name)
    for i, name in enumerate(removed):
        if name not in there:
            yield Problem(pointer=f"/remove_lines/{i}", code="unknown-line", message=f"there is no line {name}")


def as_sent(problem: Problem, lines: Sequence[DraftLine], wanted: Sequence[DraftLine]) -> Problem:
    """Return a problem of a line with its place among the lines that the request sets. Another line keeps its place in the
    draft."""
    _, _, rest = problem.pointer.partition("/lines/")
    place, _, field = rest.partition("/")
    if not (problem.pointer.startswith("/lines/") and place.isdigit() and int(place) < len(lines)):
        return problem
    sent = [line.line_id for line in wanted]
    name = lines[int(place)].line_id
    if name not in sent:
        return problem
    return replace(problem, pointer=f"/set_lines/{sent.index(name)}" + (f"/{field}" if field else ""))
