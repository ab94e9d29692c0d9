"""
Pack one fulfillment: what goes into a parcel, and the parcel's number, carrier, tracking number and weight.

Called by   functions/console/handler.py: /console/nodes/{node}/pack/{fulfillment}
Returns     the page
"""

from collections.abc import Mapping

from comanda.aws.api.replies import Reply
from functions.console import node_form, node_rules, node_work, parcels, problems
from functions.console.node_work import One
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken


def show(request: Request) -> Reply:
    found = node_work.one(request, parcels.CARRIERS)
    return found if isinstance(found, Reply) else _page(request, found)


def act(request: Request) -> Reply:
    """Pack the typed units into the typed parcel, once for the form's key."""
    sent = node_form.read(request, ("pack",), parcels.FIELDS, parcels.CARRIERS)
    if isinstance(sent, Reply):
        return sent
    found, fields = sent.found, sent.fields
    lines = sent.lines(request, node_rules.units_left(found.work, "pack"))
    if isinstance(lines, Refusal):
        return _page(request, found, refused=lines, fields=fields)
    given = parcels.typed(request, fields)
    if isinstance(given, Refusal):
        return _page(request, found, refused=given, fields=fields)
    before = found.work["packages"] if sent.is_of_now else ()
    packages = [parcels.with_contents(package, lines, before) for package in given[:1]]
    answer = node_work.step(request, "pack", {"lines": lines, "packages": packages})
    if not answer.ok:
        pointers = node_work.pointers(lines, sent.typed) | parcels.POINTERS
        return _page(request, found, refused=problems.refusal(answer, pointers), fields=fields)
    path = node_rules.next_page(answer.body) or f"nodes/{found.place.id}"
    return request.done(path, spoken("The units are packed."))


def _page(
    request: Request, found: One, refused: Refusal | None = None, fields: Mapping[str, str] | None = None
) -> Reply:
    return node_form.form_page(
        request,
        "node_pack.html",
        found,
        node_rules.lines_left(found.work, "pack"),
        refused,
        fields,
        scans="fields",
        parcel=parcels.shown((), fields)[0],
        carriers=parcels.carrier_options(found.others[0]),
    )
