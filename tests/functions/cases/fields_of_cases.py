"""List the fields of the requests of cases, each with another value that makes a difference."""

from typing import Any

from comanda.aws.cases import case_tokens
from tests.functions.cases.desk import PROVEN, case, opened, send_mail, step
from tests.functions.fields import Do, Request, Row
from tests.functions.world import World

type Doc = dict[str, Any]


def _shown(world: World, reply: Any) -> Any:
    """Return the answer, and the case that it names as the office and the shop read it."""
    name = reply.body.get("case_id")
    if name is None:
        return reply.body
    office = case(world, name)
    of_shop = world.call("GET", f"/v1/cases/{name}", who="shop")
    return [
        {n: v for n, v in office.items() if n not in ("case_id", "order_id", "reply_token", "fulfillment_ids")},
        [text["text"] for text in of_shop.body.get("items", ())],
        bool(office["fulfillment_ids"]),
        reply.status,
    ]


def _placed(world: World) -> str:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 1), ("TEA-001", 1))
    world.settle()
    return order_id


def _open_of_order(world: World, sent: Doc) -> Any:
    order_id = _placed(world)
    named = [f"ful_{order_id[4:]}-{number}" for number in sent["fulfillment_ids"]]
    reply = world.call("POST", f"/v1/orders/{order_id}/cases", {**sent, "fulfillment_ids": named}, who="office")
    return _shown(world, reply)


def _open_without_order(world: World, sent: Doc) -> Any:
    customer = world.call("GET", f"/v1/orders/{_placed(world)}/contact", who="office").body["customer_id"]
    body = {**sent, "customer_id": customer if sent["customer_id"] == "known" else sent["customer_id"]}
    reply = world.call("POST", "/v1/cases", body, who="office")
    listed = world.call("GET", f"/v1/customers/{customer}", who="office").body["cases"]
    return [_shown(world, reply), len(listed)]


def _stepped(verb: str, *before: tuple[str, Doc]) -> Do:
    def do(world: World, sent: Doc) -> Any:
        case_id = opened(world, _placed(world))
        for name, body in before:
            assert step(world, case_id, name, **body).status == 200
        reply = step(world, case_id, verb, **sent)
        return [_shown(world, reply), case(world, case_id)["owner"]]

    do.__qualname__ = f"stepped {verb}"
    return do


def _mailed(world: World, sent: Doc) -> Any:
    order_id = _placed(world)
    first = send_mail(world, **sent)
    again = send_mail(world, **{**sent, "message_id": "<1@x>", "text": "again"})
    shown = _shown(world, first)
    return [shown, again.body["result"], order_id[4:] in str(first.body.get("case_id"))]


def _mailed_to_token(world: World, sent: Doc) -> Any:
    """Send the mail of somebody else, with the order's token where the request says so."""
    token = case_tokens.write(_placed(world), world.now) if sent["reply_token"] == "the order's" else "none"
    reply = send_mail(world, **{**sent, "from": "bob@example.org", "reply_token": token})
    return case(world, reply.body["case_id"])["channel"]


_NEW: Doc = {"kind": "LATE", "text": "Where?", "author": "CUSTOMER", "owner": "care", "due": "2026-11-20T12:00:00Z"}
_ROWS = {
    "kind": Row("DAMAGED"),
    "text": Row("Here?"),
    "author": Row("STAFF"),
    "owner": Row("sales"),
    "due": Row("2026-11-21T12:00:00Z"),
}
_MAIL: Doc = {
    "message_id": "<1@x>",
    "from": "ada@example.org",
    "subject": "Tea",
    "text": "<b>Where?</b>",
    "format": "TEXT",
    "headers": [{"name": "Auto-Submitted", "value": "no"}],
    "authentication_results": PROVEN,
    "reply_token": "none",
}
_WORDS = {"text": Row("Soon."), "internal": Row(True)}

REQUESTS = {
    "CaseOfOrderIn": Request(
        sent={**_NEW, "line_ids": ["1"], "fulfillment_ids": ["001"]},
        do=_open_of_order,
        rows={**_ROWS, "line_ids": Row(["2"]), "fulfillment_ids": Row(["009"], "/fulfillment_ids/0")},
    ),
    "CaseWithoutOrderIn": Request(
        sent={**_NEW, "customer_id": "known"},
        do=_open_without_order,
        rows={**_ROWS, "customer_id": Row(f"cus_{'0' * 32}", "/customer_id")},
    ),
    "NoteIn": Request(
        sent={"text": "Found.", "author": "STAFF", "internal": False},
        do=_stepped("note"),
        rows={**_WORDS, "author": Row("CUSTOMER")},
    ),
    "AssignIn": Request(
        sent={"owner": "sales", "due": "2026-11-20T12:00:00Z"},
        do=_stepped("assign"),
        rows={"owner": Row("finance"), "due": Row("2026-11-21T12:00:00Z")},
    ),
    "WaitIn": Request(
        sent={"for": "CUSTOMER", "until": "2026-11-20T12:00:00Z", "text": "Asked.", "internal": False},
        do=_stepped("wait"),
        rows={**_WORDS, "for": Row("PARTNER"), "until": Row("2026-11-21T12:00:00Z")},
    ),
    "CloseIn": Request(
        sent={"outcome": "ANSWERED", "text": "Said.", "internal": False},
        do=_stepped("close"),
        rows={**_WORDS, "outcome": Row("SPAM")},
    ),
    "ReopenIn": Request(
        sent={"text": "Again.", "internal": False},
        do=_stepped("reopen", ("close", {"outcome": "ANSWERED"})),
        rows=_WORDS,
    ),
    "CaseMailIn": Request(
        sent=_MAIL,
        do=_mailed,
        rows={
            "message_id": Row("<2@x>"),
            "from": Row("bob@example.org"),
            "subject": Row("Coffee"),
            "text": Row("Here"),
            "format": Row("HTML"),
            "headers.name": Row("List-Id"),
            "headers.value": Row("auto-replied"),
            "authentication_results": Row("mx; dmarc=fail header.from=example.org"),
            "reply_token": Row("the order's", do=_mailed_to_token),
        },
    ),
}
