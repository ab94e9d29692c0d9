"""
Read a node's work for its pages, find the work that a scanned code belongs to, and take steps of it.

Called by   the pages of nodes
Returns     work as the API shows it; pages and refusals
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer, Call, get
from comanda.domain import text
from comanda.domain.labels import labels
from comanda.domain.scanning import expected, scan
from functions.console import node_rules, places, problems, render, screens
from functions.console.places import Place
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

MOST_CHOSEN = 20  # fulfillments that one form sends a step of
_ROWS, _PAGES = "100", 4  # of open work that a page reads
_MOST_HITS = 4
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The open work of a node. `more`: there is more than a page reads."""

    place: Place
    items: Sequence[Mapping[str, Any]]
    more: bool


def open_work(request: Request, *calls: Call, status: str = "") -> tuple[Work | Reply, tuple[Answer, ...]]:
    """Return the open work of the node of the path, or the page that says why not; and the answers to other calls."""
    node = request.values["node"]
    first, *others = request.door.ask(_page(node, status), *calls, *places.calls([node]))
    if not first.ok:
        return _closed(request, first), ()
    items, cursor, pages = list(first.body["items"]), first.body["next"], 1
    while cursor and pages < _PAGES:
        answer = request.door.ask(_page(node, status, cursor))[0]
        if not answer.ok:
            break  # `cursor` stays, so the page says that there is more
        items, cursor, pages = [*items, *answer.body["items"]], answer.body["next"], pages + 1
    where = place_of(node, others[len(calls) :])
    return Work(place=where, items=items, more=bool(cursor)), tuple(others[: len(calls)])


def closed(request: Request) -> Reply | None:
    """Return the page that says why the node of the path is not the person's, None if it is theirs.

    A form that does something to chosen things asks this first: they may be of another node than that of its address.
    """
    answer = request.door.get("/v1/fulfillments", node_id=request.values["node"], limit="1")
    return None if answer.ok else _closed(request, answer)


def _closed(request: Request, answer: Answer) -> Reply:
    if answer.status != _NOT_FOUND:
        return request.failed(answer, spoken("The work of the node"))
    own = [node for node in request.person.nodes if screens.leads(request.person, f"nodes/{node}")]
    return request.message("other-node", _NOT_FOUND, spoken("Not your node"), node=request.values["node"], own=own)


def _page(node: str, status: str, cursor: str = "") -> Call:
    return get("/v1/fulfillments", node_id=node, status=status, limit=_ROWS, cursor=cursor)


def place_of(node: str, answers: Sequence[Answer]) -> Place:
    """Return the node as people know it. A node whose entry cannot be read now has its id for a name."""
    return places.read(answers).get(node) or Place(id=node, name=node, zone="UTC", type="")


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """One fulfillment of the node of the path, with its version and what was asked beside it."""

    place: Place
    work: Mapping[str, Any]
    version: str | None
    others: tuple[Answer, ...]


def one(request: Request, *calls: Call) -> One | Reply:
    """Return the fulfillment of the path, or the page that says why not. One of another node is not found."""
    node = request.values["node"]
    first, *others = request.door.ask(
        get(f"/v1/fulfillments/{request.values['fulfillment']}"), *calls, *places.calls([node])
    )
    if not first.ok:
        return request.failed(first, spoken("The work"))
    if first.body["node_id"] != node:
        return request.missing()
    where = place_of(node, others[len(calls) :])
    return One(place=where, work=first.body, version=first.etag, others=tuple(others[: len(calls)]))


def step(request: Request, name: str, body: Mapping[str, Any]) -> Answer:
    """Take a step of the fulfillment of the path, once for the key of the form."""
    form, fulfillment = request.form, request.values["fulfillment"]
    return request.door.send("POST", f"/v1/fulfillments/{fulfillment}/{name}", body, key=form.key, version=form.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The end of a step of one chosen fulfillment. `why` is the sentence of the API."""

    id: str
    name: str
    done: bool
    why: str
    path: str = ""  # the page of its next step


def typed_lines(
    request: Request, typed: Mapping[str, tuple[str, str]], left: Mapping[str, int] | None
) -> list[dict[str, Any]] | Refusal:
    """Return the lines of a step with the typed units, or the refusal of the field at fault."""
    try:
        lines = node_rules.chosen(typed, left)
    except ValueError as error:
        return wrong(request, str(error), spoken("Write a whole number, at most the units that are left."))
    return lines or wrong(request, "quantity.0", spoken("Count or write at least one unit."))


def pointers(lines: Sequence[Mapping[str, Any]], typed: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return the name of the form's field for each pointer at which the API may refuse a line of a step."""
    return {
        f"/lines/{i}/{part}": typed[line["line_id"]][0]
        for i, line in enumerate(lines)
        for part in ("quantity", "line_id")
    }


def steps(request: Request, name: str, body: Mapping[str, Any], ids: Sequence[str]) -> list[Result]:
    """Take a step of each chosen fulfillment, with a key of its own that the form's key makes, and return the results."""
    key = request.form.key
    calls = [
        Call(method="POST", path=f"/v1/fulfillments/{one_id}/{name}", body=dict(body), key=f"{key}-{one_id}")
        for one_id in ids
    ]
    return [_result(one_id, answer) for one_id, answer in zip(ids, request.door.ask(*calls), strict=True)]


def _result(one_id: str, answer: Answer) -> Result:
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.ok:
        return Result(id=one_id, name=node_rules.name_of(body), done=True, why="", path=node_rules.next_page(body))
    return Result(id=one_id, name=one_id, done=False, why=problems.detail(body))


def are_ids(ids: Sequence[str]) -> bool:
    """Return True if each text can be the id of a fulfillment: it becomes a part of an address."""
    return all(text.is_text(one_id) and text.ID.fits(one_id) for one_id in ids)


def typed_code(request: Request) -> str:
    """Return the code of a form that opens what was scanned or typed. Nothing is changed, so the form's key is not used."""
    return request.form.take("code")["code"].strip()


def open_by_code(request: Request, code: str, *calls: Call) -> tuple[Work, str, tuple[Answer, ...]] | Reply:
    """Return the open work of the node of the path, the reason why the code opens none of it, and the answers to other calls.

    A code that opens some work leads to its page. Without a code the reason is "".
    """
    work, answers = open_work(request, *calls)
    if isinstance(work, Reply):
        return work
    scanned = open_scanned(request, work, code) if code else ""
    return scanned if isinstance(scanned, Reply) else (work, scanned, answers)


def open_scanned(request: Request, work: Work, code: str) -> Reply | str:
    """Lead to the work that a scanned or typed code names, or return the reason why there is none, in words."""
    found = _scanned(request, work, code)
    if isinstance(found, str):
        return found
    path = node_rules.next_page(found)
    if not path:
        return say(request, spoken("This work is done already."))
    return request.go(path if screens.leads(request.person, path) else f"orders/{found['order_id']}")


def _scanned(request: Request, work: Work, code: str) -> Mapping[str, Any] | str:
    read = read_code(request, code)
    if isinstance(read, str):
        return read
    if read.id.startswith("ful_"):
        return _own(request, work, read.id) or _nothing(request)
    named = (read.id, read.text)
    for item in work.items:
        if item["order_id"] in named or item.get("external_id") in named or _has_parcel(item, read.text):
            return item
    return _with_article(work, read) or _found(request, work, read.text) or _nothing(request)


def read_code(request: Request, code: str) -> scan.Scan | str:
    """Read a scanned code, or return the reason why it cannot be read, in the person's words."""
    if not text.is_text(code):
        return labels.label("ScanRefusal", "empty", request.person.locale)
    try:
        return scan.read(code, request.now.date())
    except scan.UnreadableScan as error:
        return labels.label("ScanRefusal", error.code, request.person.locale)


def _nothing(request: Request) -> str:
    return say(request, spoken("Nothing of this node has this code."))


def say(request: Request, message: str) -> str:
    """Return an English message in the person's language."""
    return render.translate(message, request.person.locale)


def _has_parcel(item: Mapping[str, Any], code: str) -> bool:
    return any(code in (package["package_id"], package["tracking_number"]) for package in item["packages"])


def _own(request: Request, work: Work, fulfillment: str) -> Mapping[str, Any] | None:
    """Return a fulfillment if it is of the node of the page."""
    for item in work.items:
        if item["fulfillment_id"] == fulfillment:
            return item
    answer = request.door.get(f"/v1/fulfillments/{fulfillment}")
    return answer.body if answer.ok and answer.body["node_id"] == work.place.id else None


def _with_article(work: Work, read: scan.Scan) -> Mapping[str, Any] | None:
    """Return the first work that still needs a unit of the scanned article."""
    for item in work.items:
        if not isinstance(line_of(item, read, node_rules.units_left(item, "pick"), {}), expected.Refused):
            return item
    return None


def _found(request: Request, work: Work, code: str) -> Mapping[str, Any] | None:
    """Return the work whose parcel has this tracking number, in whatever spelling."""
    answer = request.door.get("/v1/find", q=code)
    hits = [hit["id"] for hit in answer.body["items"] if hit["kind"] == "fulfillment"] if answer.ok else []
    answers = request.door.ask(*(get(f"/v1/fulfillments/{hit}") for hit in hits[:_MOST_HITS]))
    return next((one.body for one in answers if one.ok and one.body["node_id"] == work.place.id), None)


def line_of(
    work: Mapping[str, Any], read: scan.Scan, left: Mapping[str, int], counted: Mapping[str, int]
) -> str | expected.Refused:
    """Return the id of the line that a scanned unit belongs to, or the reason why it is none of them."""
    return expected.line_of(read, _lines(work, left, counted))


def line_to_pick(
    request: Request, work: Mapping[str, Any], read: scan.Scan, left: Mapping[str, int], counted: Mapping[str, int]
) -> str | expected.Refused:
    """Return the id of the line that a scanned unit is picked for, or the reason why it is not."""
    return expected.line_to_pick(read, _lines(work, left, counted), request.now.date())


def _lines(work: Mapping[str, Any], left: Mapping[str, int], counted: Mapping[str, int]) -> list[expected.Expected]:
    return [
        expected.Expected(
            line_id=line["line_id"],
            sku=line["sku"],
            gtin=line.get("gtin") or "",
            left=left[line["line_id"]] - counted.get(line["line_id"], 0),
        )
        for line in work["lines"]
        if line["line_id"] in left
    ]


def goes_back(work: Mapping[str, Any], read: scan.Scan, goods: str) -> bool:
    """Return True if the scanned article is one of the goods that go back to the shelf, as in `2 x TEA-001; 1 x POT-001`."""
    back = {part.partition(" x ")[2] for part in goods.split("; ")}
    left = {line["line_id"]: 1 for line in work["lines"] if line["sku"] in back}
    return not isinstance(line_of(work, read, left, {}), expected.Refused)


def wrong(request: Request, field: str, sentence: str) -> Refusal:
    """Return the refusal of one field of a form. `sentence` is an English message."""
    return problems.own_refusal(spoken("Nothing was changed."), {field: say(request, sentence)})
