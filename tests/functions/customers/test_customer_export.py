"""An export has all that is stored of a person, however much it is: each page fits an answer, and nothing is missing or twice."""

import json
from typing import Any

import pytest

from comanda.aws.customers import customer_rows
from functions.customers import customer_export
from tests.functions.cases.desk import PROVEN, case, opened, send_mail
from tests.functions.drafts.acts import create
from tests.functions.erase.test_erase import ADA, closed, customer_of, erase
from tests.functions.world import World

LONG = "\u0623\u062f\u0627 \U0001f600 " * 2_500  # an answer may write each of these letters as twelve


def exported(world: World, customer_id: str, **query: str) -> list[dict[str, Any]]:
    """Return all pages of an export."""
    pages, cursor = list[dict[str, Any]](), ""
    while True:
        asked = {**query, "cursor": cursor} if cursor else query
        reply = world.call("GET", f"/v1/customers/{customer_id}/export", who="office", query=asked)
        assert reply.status == 200, reply.body
        assert len(json.dumps({"body": json.dumps(reply.body)})) < 6_000_000
        pages.append(reply.body)
        cursor = reply.body["next"]
        if not cursor:
            return pages


def words(pages: list[dict[str, Any]]) -> list[str]:
    of_orders = [one for page in pages for item in page["items"] for one in item["cases"]]
    loose = [one for page in pages for one in page["cases"]]
    return [text["text"] for one in (*loose, *of_orders) for text in one["words"]]


def test_one_case_of_many_long_mails_is_exported_on_many_pages(world: World):
    order_id = closed(world)
    token = case(world, opened(world, order_id, text="0"))["reply_token"]
    for n in range(1, 130):
        world.pass_time(86_400 / 19)
        mail = send_mail(world, text=f"{n} {LONG}", reply_token=token, message_id=f"<{n}@x>")
        assert mail.body["result"] == "ADDED", mail.body

    pages = exported(world, customer_of(order_id))

    assert len(pages) > 2
    assert [text.split()[0] for text in words(pages)] == [str(n) for n in range(130)]
    assert {item["order"]["order_id"] for page in pages for item in page["items"]} == {order_id}


def test_a_case_of_long_mails_is_read_on_pages_that_fit(world: World):
    case_id = opened(world)
    token = case(world, case_id)["reply_token"]
    for n in range(1, 60):
        sender = f"{n}@example.org"
        mail = send_mail(world, text=f"{n} {LONG}", reply_token=token, message_id=f"<{n}@x>", **{"from": sender})
        assert mail.body["result"] == "ADDED", mail.body
    found, cursor = list[str](), ""
    while cursor is not None:
        query = {"limit": "100", **({"cursor": cursor} if cursor else {})}
        reply = world.call("GET", f"/v1/cases/{case_id}", who="office", query=query)
        assert len(json.dumps({"body": json.dumps(reply.body)})) < 6_000_000
        found += [text["text"].split()[0] for text in reply.body["items"]]
        cursor = reply.body["next"]

    assert found == ["Where", *(str(n) for n in range(1, 60))]


@pytest.mark.parametrize("most", [1, 3_000, 10_000])
@pytest.mark.parametrize("limit", ["1", "100"])
def test_pages_of_any_size_have_everything_once(world: World, monkeypatch: pytest.MonkeyPatch, most: int, limit: str):
    monkeypatch.setattr(customer_export, "MOST_BYTES", most)
    orders = [closed(world), closed(world)]
    customer_id = customer_of(orders[0])
    draft = create(world, customer=ADA)
    for n, order_id in enumerate(orders):
        opened(world, order_id, text=f"of {n}")
        token = case(world, opened(world, order_id, text=f"also of {n}"))["reply_token"]
        send_mail(world, reply_token=token, text=f"mail to {n}", message_id=f"<{n}@x>")
    opened(world, customer_id=customer_id, text="loose")
    send_mail(world, text="by mail", message_id="<9@x>")

    pages = exported(world, customer_id, limit=limit)

    wanted = ["of 0", "also of 0", "mail to 0", "of 1", "also of 1", "mail to 1", "loose", "by mail"]
    assert sorted(words(pages)) == sorted(wanted)
    contacts = [one["version"] for page in pages for item in page["items"] for one in item["contacts"]]
    assert contacts == [1, 1]
    assert [one["draft"]["draft_id"] for page in pages for one in page["drafts"]] == [draft["draft_id"]]


def test_an_export_has_the_mails_that_came_before_the_first_order(world: World):
    first = send_mail(world, text="do you sell tea?").body["case_id"]
    strangers = send_mail(world, message_id="<2@x>", **{"from": "bob@example.org"}, text="me too").body["case_id"]
    order_id = closed(world)
    send_mail(world, message_id="<3@x>", text="where is it?", authentication_results=PROVEN)

    (page,) = exported(world, customer_of(order_id))

    assert [one["case_id"] for one in page["cases"]] == [first]
    assert words([page]) == ["do you sell tea?", "where is it?"]
    assert strangers not in json.dumps(page)


def test_of_the_case_of_somebody_else_an_export_has_the_persons_mails_alone(world: World):
    adas, bobs = closed(world), closed(world, {"name": "Bob", "email": "bob@example.org"})
    token = case(world, opened(world, adas, text="the words of Ada"))["reply_token"]
    send_mail(world, reply_token=token, text="the words of Bob", **{"from": "bob@example.org"})

    assert words(exported(world, customer_of(bobs))) == ["the words of Bob"]
    assert words(exported(world, customer_of(adas))) == ["the words of Ada", "the words of Bob"]


def test_a_person_who_has_written_mails_alone_gets_them_and_is_erased(world: World):
    mailed = send_mail(world, text="do you sell tea?").body["case_id"]
    guest = case(world, mailed)["customer_id"]
    assert case(world, opened(world, closed(world)))["customer_id"] != guest

    assert guest == customer_rows.guest_of("Ada@example.org")
    assert words(exported(world, guest)) == ["do you sell tea?"]
    assert erase(world, guest).status == 200
    assert world.call("GET", f"/v1/customers/{guest}/export", who="office").status == 404


def test_reading_a_case_without_an_order_is_noted_for_everyone_whose_words_it_has(world: World):
    order_id = closed(world)
    customer_id = customer_of(order_id)
    mine = opened(world, customer_id=customer_id)
    mailed = send_mail(world, text="by mail").body["case_id"]
    for case_id in (mine, mailed):
        world.pass_time(1)
        case(world, case_id, who="sales")

    noted = world.call("GET", "/v1/audit", who="office", query={"customer": customer_id}).body["items"]

    read = [one for one in noted if one["act"] == "read" and one["case_ids"]]
    assert [(one["case_ids"], customer_id in one["customer_ids"]) for one in read] == [([mailed], True), ([mine], True)]
    of_guest = world.call("GET", "/v1/audit", query={"customer": customer_rows.guest_of(ADA["email"])}, who="office")
    assert [one["case_ids"] for one in of_guest.body["items"]] == [[mailed]]
