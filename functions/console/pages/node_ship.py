"""
Ship one fulfillment: which units leave, in which parcels.

Called by   functions/console/handler.py: /console/nodes/{node}/ship/{fulfillment}
Returns     the page
"""

from collections.abc import Mapping

from functions.console import node_rules, node_work, parcels, problems
from functions.console.node_work import One
from functions.console.problems import Refusal
from functions.console.reply import Reply
from functions.console.request import Request
from functions.console.view import spoken

_PACKED = ("PACKED",)


def show(request: Request) -> Reply:
    found = node_work.one(request, parcels.CARRIERS)
    return found if isinstance(found, Reply) else _page(request, found)


def act(request: Request) -> Reply:
    """Ship the typed units in the typed parcels, once for the form's key."""
    form = request.form
    if form.do != "ship":
        return request.missing()
    fields = form.take(*parcels.FIELDS, *node_rules.LINE_FIELDS)
    found = node_work.one(request, parcels.CARRIERS)
    if isinstance(found, Reply):
        return found
    typed = node_rules.typed_units(fields)
    left = node_rules.units_in(found.work, _PACKED) if form.version == found.version else None
    lines, packages = node_work.typed_lines(request, typed, left), parcels.typed(request, fields)
    if isinstance(lines, Refusal):
        return _page(request, found, refused=lines, fields=fields)
    if isinstance(packages, Refusal):
        return _page(request, found, refused=packages, fields=fields)
    answer = node_work.step(request, "ship", {"lines": lines, "packages": packages})
    if not answer.ok:
        pointers = node_work.pointers(lines, typed) | parcels.POINTERS
        return _page(request, found, refused=problems.refusal(answer, pointers), fields=fields)
    return request.done(f"nodes/{found.place.id}/ship", spoken("The parcel has left."))


def _page(
    request: Request, found: One, refused: Refusal | None = None, fields: Mapping[str, str] | None = None
) -> Reply:
    work = found.work
    lines = node_rules.lines_in(work, _PACKED)
    shown = lines[: node_rules.MOST_LINES]
    return request.page(
        "node_ship.html",
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
        parcels=parcels.shown(work["packages"], fields),
        carriers=parcels.carrier_options(found.others[0]),
        refused=refused,
        errors=refused.fields if refused else {},
    )
