"""
Whatever writes the words of a person while the person is erased, at any moment: the words are erased, or are those of somebody
new and are erased when that is asked for again. No case is half of both.

A case that the office opens about an erased order is about its books: its words end by themselves.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comanda.aws.cases import case_tokens
from comanda.aws.customers import customer_rows
from comanda.aws.dynamodb.items import unpack
from tests.faults import Between
from tests.functions.cases.desk import PROVEN, closed_cases, open_case, opened, send_mail, step
from tests.functions.crashes import Moment
from tests.functions.drafts import acts
from tests.functions.erase.test_erase import ADA, closed, customer_of, erase
from tests.functions.world import Reply, World, a_body

pytestmark = pytest.mark.usefixtures("few_pages")
CANARY = "canary"
ROOT = Path(__file__).parents[3]


class Stage:
    """A person with an order, a draft and cases."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.order_id = closed(world)
        self.customer_id = customer_of(self.order_id)
        self.draft = acts.create(world, customer=ADA)
        self.case_id = opened(world, self.order_id, text="about the order")
        closed_cases(world, self.case_id)  # an open one keeps its customer
        self.loose = opened(world, customer_id=self.customer_id, text="about nothing")
        self.mailed = send_mail(world, text="by mail", message_id="<0@x>").body["case_id"]
        self.other = customer_of(closed(world, {**ADA, "id": "o-1"}, channel="outlet"))
        self.guest = customer_rows.guest_of(ADA["email"])
        world.settle()

    def mail(self, **changes: Any) -> Reply:
        return send_mail(self.world, key="w", text=f"a {CANARY}", message_id="<w@x>", **changes)

    def token(self, name: str) -> str:
        return case_tokens.write(name, self.world.now)


def _note_of_order(stage: Stage) -> Reply:
    body = {"modification": "note", "note": CANARY}
    path = f"/v1/orders/{stage.order_id}/changes"
    etag = stage.world.call("GET", f"/v1/orders/{stage.order_id}", who="office").headers["ETag"]
    return stage.world.call("POST", path, {"changes": [body]}, who="office", if_match=etag, key="w")


def _undone(stage: Stage) -> Reply:
    path = f"/v1/customers/{stage.other}"
    stage.world.call("POST", f"{path}/merge", {"into": stage.customer_id}, who="office", key="w")
    return stage.world.call("POST", f"{path}/unmerge", {}, who="office", key="u")


# The modules that write the table Customers, and the writers below that come through each of them.
MODULES = {
    "comanda/aws/cases/case_customers.py": "a case of the customer",
    "comanda/aws/cases/cases.py": "a note",
    "comanda/aws/customers/contact_audit.py": "a case that is read",
    "comanda/aws/customers/customer_erasure.py": "another erasure",
    "comanda/aws/customers/customer_merges.py": "a merge that is undone",
    "comanda/aws/customers/customer_rows.py": "an order",
    "comanda/aws/customers/customers.py": "a change of the order",
    "comanda/aws/customers/legal_copies.py": "",  # copies of invoices, which an erasure leaves
    "comanda/aws/customers/velocity.py": "an order",
    "comanda/aws/drafts/draft_contacts.py": "a change of a draft",
    "comanda/aws/orders/pending_changes.py": "",  # of open orders alone, whose customer is not erased
    "functions/cases/mails.py": "a mail to the order",
}
WRITERS: dict[str, Callable[[Stage], Reply]] = {
    "a case of the order": lambda s: open_case(s.world, s.order_id, key="w", text=CANARY),
    "a case of the customer": lambda s: open_case(s.world, customer_id=s.customer_id, key="w", text=CANARY),
    "a note": lambda s: step(s.world, s.loose, "note", text=CANARY),
    "a case that is reopened": lambda s: step(s.world, s.case_id, "reopen", text=CANARY),
    "a close with words": lambda s: step(s.world, s.loose, "close", outcome="ANSWERED", text=CANARY),
    "a mail of a proven sender": lambda s: s.mail(authentication_results=PROVEN),
    "a mail of an unproven sender": lambda s: s.mail(),
    "a mail to the order": lambda s: s.mail(reply_token=s.token(s.order_id)),
    "a mail to a case of the order": lambda s: s.mail(reply_token=s.token(s.case_id)),
    "a mail to a case by mail": lambda s: s.mail(reply_token=s.token(s.mailed)),
    "an order": lambda s: s.world.call(
        "POST", "/v1/orders", a_body(("TEA-001", 1), customer=ADA, note=CANARY), who="shop", key="w"
    ),
    "a draft": lambda s: s.world.call("POST", "/v1/drafts", acts.a_cart(customer=ADA, note=CANARY), key="w"),
    "a change of a draft": lambda s: acts.patch(s.world, s.draft, key="w", note=CANARY),
    "a change of the order": _note_of_order,
    "a merge": lambda s: s.world.call(
        "POST", f"/v1/customers/{s.other}/merge", {"into": s.customer_id}, who="office", key="w"
    ),
    "a merge that is undone": _undone,
    "a search": lambda s: s.world.call("GET", "/v1/customers", who="office", query={"email": ADA["email"]}),
    "a case that is read": lambda s: s.world.call("GET", f"/v1/cases/{s.mailed}", who="sales"),
    "an export": lambda s: s.world.call("GET", f"/v1/customers/{s.customer_id}/export", who="office", key=None),
    "another erasure": lambda s: erase(s.world, s.customer_id),
}


def _points(calls: int, most: int = 6) -> list[int]:
    """Return the calls before which something else happens: all of them, or so many that are spread evenly."""
    return (
        sorted({1 + round(i * (calls - 1) / (most - 1)) for i in range(most)})
        if calls > most
        else [*range(1, calls + 1)]
    )


@pytest.mark.parametrize("name", WRITERS)
def test_an_erasure_and_a_writer_in_any_order_leave_nothing_half(world: World, name: str):
    stage = Stage(world)
    moment, write = Moment(world), WRITERS[name]

    def erased() -> Reply:
        return erase(world, stage.customer_id)

    def written() -> Reply:
        return write(stage)

    for outer, inner in ((written, erased), (erased, written)):
        moment.back()
        with Between() as counted:
            outer()
        for at in _points(counted.calls):
            moment.back()
            between = Between(at, inner)
            with between:
                replies = [outer(), between.answer or inner()]
            assert all(reply.status < 500 for reply in replies), (at, [reply.body for reply in replies])
            _whole(stage, at)


def _whole(stage: Stage, at: int) -> None:
    """Check every case, finish what was begun, and erase again: nothing of the person may be left then."""
    world = stage.world
    world.settle()
    for _ in range(2):
        world.pass_time(600)
        world.sweep()
    _cases_are_whole(world, at)
    for order in [row["pk"][2:] for row in world.tables()["Orders"] if row["sk"] == "#" and row["pk"].startswith("O#")]:
        found = world.order(order)
        if found["status"] not in ("COMPLETED", "CANCELLED"):
            cancelled = world.call(
                "POST", f"/v1/orders/{order}/cancel", {"reason": "x"}, who="office", if_match=f'"v{found["version"]}"'
            )
            assert cancelled.status < 300, cancelled.body
    world.settle()
    _close_cases(world)
    for customer_id in (stage.customer_id, stage.guest, stage.other):
        last = erase(world, customer_id)
        assert last.status in (200, 404), last.body
    left = [row for row in world.tables()["Customers"] if "ttl" not in row or not row["pk"].startswith("CS#")]
    assert not re.search(
        f"{CANARY}|ada", str([{**row, "doc": unpack(row["doc"])} if "doc" in row else row for row in left])
    ), at
    assert not [row for row in world.tables()["Orders"] if row["pk"].startswith("ER#")], at
    for row in world.tables()["Customers"]:
        assert not row["sk"].startswith(("Q#", "SENT#", "O#", "PREPARED#")), (at, row)
        assert "until" not in row, (at, row)


def _close_cases(world: World) -> None:
    """Close the cases of orders that are open still: their customers may be erased then."""
    for row in world.tables()["Orders"]:
        if "case_id" in row and row["sk"].startswith("C#"):
            case = world.call("GET", f"/v1/cases/{row['case_id']}", who="office").body
            if case["status"] != "CLOSED":
                closed_cases(world, row["case_id"])


def _cases_are_whole(world: World, at: int) -> None:
    """Check that an erased case has no words, that any other one has all of its words, and that no erasure is noted twice."""
    tables = world.tables()
    texts = [row["pk"].removeprefix("CS#") for row in tables["Customers"] if row["pk"].startswith("CS#")]
    for row in tables["Orders"]:
        if "case_id" in row and not row["sk"].startswith("CE#"):
            case = world.call("GET", f"/v1/cases/{row['case_id']}", who="office").body
            wanted = 0 if case["erased_at"] else case["texts"]
            assert texts.count(row["case_id"]) == wanted, (at, case)
    erased = [row["pk"] for row in tables["Orders"] if row.get("type") == "customer_erased"]
    assert len(erased) == len(set(erased)), at


def test_every_module_that_writes_people_has_a_writer_here() -> None:
    texts = {path: path.read_text() for house in ("comanda", "functions") for path in (ROOT / house).rglob("*.py")}
    writes = re.compile(r"transaction\.(put|put_once|update)\(|single_writes\.update|batch_writes\.put_all")
    found = {path for path, text in texts.items() if "settings.customers_table" in text and writes.search(text)}

    assert {str(path.relative_to(ROOT)) for path in found} == MODULES.keys()
    assert WRITERS.keys() >= set(MODULES.values()) - {""}
