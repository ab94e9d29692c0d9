"""
Change an order after the sale: show what it takes, preview what was typed, and make exactly what the preview showed.

Called by   functions/console/handler.py: /console/orders/{order_id}/change
Returns     the page; after the change, the order

One form has two buttons. `preview` asks the API what the typed changes would do, and changes nothing. `make` names that preview:
when the order has moved or something else is typed, the API refuses, and the page shows a new preview with what was typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Call, get
from comanda.domain.lifecycle.changes.changed_amounts import AppeasementReason
from functions.console import (
    change_form,
    change_rules,
    changed_delivery,
    changed_lines,
    changed_sums,
    order_rules,
    places,
    problems,
    reasons,
)
from functions.console.change_form import Typed
from functions.console.change_rules import Offer
from functions.console.formats import Formats
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_PENDING, _NOT_FOUND, _PRECONDITION = 202, 404, 412
_STALE, _ANOTHER = "preview-stale", "another-change"
_MOST_NODES = "100"
_APPEASEMENTS = tuple(map(str, AppeasementReason))
_PRESSED = ("preview", "make", "wait")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """Keep what the page read of the API. `contact` and `limits` are None when they could not be read."""

    order: Mapping[str, Any]
    version: str | None
    offer: Offer
    contact: Mapping[str, Any] | None
    limits: Mapping[str, Any] | None
    reasons: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """Keep what the page shows beside the order: what was typed, why it was refused, and a preview with its rows."""

    form: Form | None = None
    refused: Refusal | None = None
    preview: Mapping[str, Any] | None = None
    rows: Sequence[Mapping[str, Any]] = ()


def show(request: Request) -> Reply:
    read = _read(request)
    return read if isinstance(read, Reply) else _page(request, read, _Shown())


def act(request: Request) -> Reply:
    """Preview the typed changes, or make them once for the form's key."""
    form = request.form
    if form.do not in _PRESSED:
        return request.missing()
    read = _read(request)
    if isinstance(read, Reply):
        return read
    of_lines = [f"{name}.{i}" for name in changed_lines.OF_LINES for i in range(len(read.order["lines"]))]
    form = _with_list_prices(request, form, form.take(*change_form.OF_ORDER, *of_lines), read.order)
    typed = change_form.read(form.take(*change_form.OF_ORDER, *of_lines), read.order)
    if typed.wrong:
        refused = problems.own_refusal(spoken("Nothing was changed."), typed.wrong)
        return _page(request, read, _Shown(form=form, refused=refused))
    if not typed.changes:
        refused = problems.own_refusal(spoken("Type a change first."))
        return _page(request, read, _Shown(form=form, refused=refused))
    if form.do == "preview":
        return _page(request, read, _preview(request, typed, form))
    return _make(request, read, typed, form)


def _with_list_prices(request: Request, form: Form, fields: Mapping[str, str], order: Mapping[str, Any]) -> Form:
    """Return the form with the price and the tax rate of each further article that has none: those of the price lists."""
    places = changed_lines.without_price(fields)
    asked = {"channel": order["channel"], "currency": order["currency"]}
    answers = request.door.ask(*(get("/v1/list-prices", sku=fields[f"add_sku.{n}"].strip(), **asked) for n in places))
    filled, formats = dict(form.fields), Formats.for_locale(request.person.locale)
    for n, answer in zip(places, answers, strict=True):
        if answer.ok and answer.body["includes_tax"] == order["prices_include_tax"]:
            unit_price, rate = answer.body["unit_price"], answer.body["tax_rate"]
            filled[f"add_price.{n}"] = (formats.amount(unit_price["amount"], unit_price["currency"]),)
            of_list = changed_lines.percent_of(rate) if rate and not changed_lines.is_taxed_by_table(order) else ""
            filled[f"add_rate.{n}"] = (fields.get(f"add_rate.{n}", "").strip() or of_list,)
    return replace(form, fields=filled)


def _make(request: Request, read: _Read, typed: Typed, form: Form) -> Reply:
    order_id = read.order["order_id"]
    body = typed.body | {"preview_id": form.fields.get("preview_id", ("",))[0]}
    body |= {"pending": True} if form.do == "wait" else {}
    answer = request.door.send("POST", _path(order_id), body, key=form.key, version=form.version)
    if answer.status == _PENDING:
        done = spoken("The change waits for its payment. The order goes on as it was.")
        return request.done(f"orders/{order_id}", done)
    if answer.ok:
        return request.done(f"orders/{order_id}", spoken("The order was changed."))
    if answer.status == _PRECONDITION:
        refused = problems.refusal(answer, changes=problems.changed_since(request, order_id, form.version))
    elif answer.problem == _STALE:
        refused = problems.own_refusal(spoken("The order has moved since the preview. Nothing was changed."))
    elif answer.status == _NOT_FOUND or _ANOTHER in {error.get("code") for error in answer.errors}:
        refused = problems.own_refusal(spoken("The preview shows something else. Nothing was changed."))
    else:
        return _page(request, read, _Shown(form=form, refused=problems.refusal(answer, typed.fields_of(answer.errors))))
    kept = answer.body["preview"] if answer.problem == _STALE else None
    return _page(request, read, _preview(request, typed, form, refused, kept))


def _preview(
    request: Request, typed: Typed, form: Form, refused: Refusal | None = None, kept: Mapping[str, Any] | None = None
) -> _Shown:
    """Return the preview of what was typed. `kept` is one that the API has just answered.

    A preview changes nothing, so it has a key of its own: the one of the form is for the change.
    """
    if kept is None:
        path, body = _path(request.values["order_id"]), typed.body | {"preview": True}
        (answer,) = request.door.ask(Call(method="POST", path=path, body=body, key=request.new_key()))
        if not answer.ok:
            return _Shown(form=form, refused=refused or problems.refusal(answer, typed.fields_of(answer.errors)))
        kept = answer.body
    return _Shown(form=form, refused=refused, preview=kept, rows=change_rules.rows_of_preview(typed, kept))


def _path(order_id: str) -> str:
    return f"/v1/orders/{order_id}/changes"


def _read(request: Request) -> _Read | Reply:
    """Return what the page needs of the order, or the page that says that it could not be read."""
    path = f"/v1/orders/{request.values['order_id']}"
    order, may, contact, me, given = request.door.ask(
        get(path), get(f"{path}/allowed-changes"), get(f"{path}/contact"), get("/v1/me"), reasons.CALL
    )
    if not (order.ok and may.ok):
        return request.failed(may if order.ok else order, spoken("The order"))
    return _Read(
        order=order.body,
        version=order.etag,
        offer=change_rules.offer(order.body, may.body["changes"]),
        contact=contact.body if contact.ok else None,
        limits=me.body["limits"] if me.ok else None,
        reasons=reasons.options(given, request.person.locale),
    )


type _Choices = list[tuple[str, str]] | None  # ids with names; None: there are too many to choose from


def _nodes_to_choose(request: Request, offer: Offer) -> tuple[_Choices, _Choices]:
    """Return the nodes with a counter, and those that send, by their names. They are read if a line may go there."""
    if not offer.taking("method", "store", "node"):
        return None, None
    found = request.door.get("/v1/nodes", limit=_MOST_NODES)
    if not found.ok or found.body["next"] is not None:
        return None, None
    named = sorted(found.body["items"], key=lambda node: str(node["name"]))
    shops, senders = ([(one["id"], one["name"]) for one in named if one.get(use)] for use in ("pickup", "ship"))
    return shops, senders


def _page(request: Request, read: _Read, shown: _Shown) -> Reply:
    order, form, preview = read.order, shown.form, shown.preview
    first, lines = change_rules.page_of(read.offer.lines, request.parameter("first"))
    shops, senders = _nodes_to_choose(request, read.offer)
    return request.page(
        "change.html",
        title=order["external_id"] or order["order_id"],
        status=shown.refused.status if shown.refused else 200,
        order=order,
        version=f'"v{preview["version"]}"' if preview else read.version,
        offer=read.offer,
        lines=lines,
        first=first,
        following=first + len(lines) if first + len(lines) < len(read.offer.lines) else 0,
        contact=read.contact,
        limits=change_rules.limits_in(read.limits, order["currency"]),
        reasons=read.reasons,
        nodes=places.find(request, change_rules.nodes_of_preview(preview)),
        shops=shops,
        senders=senders,
        zone=order_rules.zone(order),
        refused=shown.refused,
        preview=preview,
        rows=shown.rows,
        usual_rate=changed_lines.usual_rate(order["lines"]),
        added=range(min(changed_lines.MOST_ADDED, change_form.count(form, "add_sku") + 1)),
        appeasements=_APPEASEMENTS,
        address=changed_delivery.address_of(read.contact),
        said=lambda *names: change_form.says_more(form, names),
        priorities=[(str(n), str(n)) for n in range(10)],
        methods=order_rules.PAID_BY,
        without_number=changed_sums.WITHOUT_NUMBER,
        ready=preview is not None and not (preview["denied"] or preview["to_pay"]["amount"]),
        value=lambda name, now, line_id="": change_form.value(form, name, str(now), line_id),
        error=lambda name: shown.refused.fields.get(name, "") if shown.refused else "",
    )
