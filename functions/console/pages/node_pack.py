"""
Pack one fulfillment: what goes into a parcel, and the parcel's number, carrier, tracking number and weight.

Called by   functions/console/handler.py: /console/nodes/{node}/pack/{fulfillment}
Returns     the page
"""

from collections.abc import Mapping

from functions.console import node_rules, node_work, parcels, problems
from functions.console.node_work import One
from functions.console.problems import Refusal
from functions.console.reply import Reply
from functions.console.request import Request
from functions.console.view import spoken


def show(request: Request) -> Reply:
    found = node_work.one(request, parcels.CARRIERS)
    return found if isinstance(found, Reply) else _page(request, found)


def act(request: Request) -> Reply:
    """Pack the typed units into the typed parcel, once for the form's key."""
    form = request.form
    if form.do != "pack":
        return request.missing()
    fields = form.take(*parcels.FIELDS, *node_rules.LINE_FIELDS)
    found = node_work.one(request, parcels.CARRIERS)
    if isinstance(found, Reply):
        return found
    now, typed = form.version == found.version, node_rules.typed_units(fields)
    left = node_rules.units_left(found.work, "pack") if now else None
    lines = node_work.typed_lines(request, typed, left)
    if isinstance(lines, Refusal):
        return _page(request, found, refused=lines, fields=fields)
    given = parcels.typed(request, fields)
    if isinstance(given, Refusal):
        return _page(request, found, refused=given, fields=fields)
    before = found.work["packages"] if now else ()
    packages = [parcels.with_contents(package, lines, before) for package in given[:1]]
    answer = node_work.step(request, "pack", {"lines": lines, "packages": packages})
    if not answer.ok:
        pointers = node_work.pointers(lines, typed) | parcels.POINTERS
        return _page(request, found, refused=problems.refusal(answer, pointers), fields=fields)
    path = node_rules.next_page(answer.body) or f"nodes/{found.place.id}"
    return request.done(path, spoken("The units are packed."))


def _page(
    request: Request, found: One, refused: Refusal | None = None, fields: Mapping[str, str] | None = None
) -> Reply:
    work = found.work
    lines = node_rules.lines_left(work, "pack")
    shown = lines[: node_rules.MOST_LINES]
    return request.page(
        "node_pack.html",
        title=node_rules.name_of(work),
        status=refused.status if refused else 200,
        handheld=True,
        scans="fields",
        place=found.place,
        work=work,
        name=node_rules.name_of(work),
        version=found.version,
        elsewhere=node_rules.next_page(work),
        lines=shown,
        hidden=len(lines) - len(shown),
        units=node_rules.typed_or_all(shown, fields),
        parcel=parcels.shown((), fields)[0],
        carriers=parcels.carrier_options(found.others[0]),
        refused=refused,
        errors=refused.fields if refused else {},
    )
