"""
Ship one fulfillment: which units leave, in which parcels.

Called by   functions/console/handler.py: /console/nodes/{node}/ship/{fulfillment}
Returns     the page
"""

from collections.abc import Mapping

from comanda.aws.api.replies import Reply
from functions.console import node_form, node_rules, node_work, parcels, problems
from functions.console.node_work import One
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_PACKED = ("PACKED",)


def show(request: Request) -> Reply:
    found = node_work.one(request, parcels.CARRIERS)
    return found if isinstance(found, Reply) else _page(request, found)


def act(request: Request) -> Reply:
    """Ship the typed units in the typed parcels, once for the form's key."""
    sent = node_form.read(request, ("ship",), parcels.FIELDS, parcels.CARRIERS)
    if isinstance(sent, Reply):
        return sent
    found, fields = sent.found, sent.fields
    lines = sent.lines(request, node_rules.units_in(found.work, _PACKED))
    if isinstance(lines, Refusal):
        return _page(request, found, refused=lines, fields=fields)
    packages = parcels.typed(request, fields)
    if isinstance(packages, Refusal):
        return _page(request, found, refused=packages, fields=fields)
    answer = node_work.step(request, "ship", {"lines": lines, "packages": packages})
    if not answer.ok:
        pointers = node_work.pointers(lines, sent.typed) | parcels.POINTERS
        return _page(request, found, refused=problems.refusal(answer, pointers), fields=fields)
    return request.done(f"nodes/{found.place.id}/ship", spoken("The parcel has left."))


def _page(
    request: Request, found: One, refused: Refusal | None = None, fields: Mapping[str, str] | None = None
) -> Reply:
    return node_form.form_page(
        request,
        "node_ship.html",
        found,
        node_rules.lines_in(found.work, _PACKED),
        refused,
        fields,
        scans="fields",
        parcels=parcels.shown(found.work["packages"], fields),
        carriers=parcels.carrier_options(found.others[0]),
    )
