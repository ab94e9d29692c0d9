"""A draft is quoted at the prices of the lists, its customer is mailed a page of it, and a change ends the quote."""

import re
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.customers import mails
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import unpack
from comanda.domain.drafts import quotes
from tests.faults import Crash, Crashed
from tests.functions.channels import a_list
from tests.functions.drafts.test_drafts import ADA, CHICAGO, act, create, find, get, patch
from tests.functions.selfservice.holder import Holder
from tests.functions.world import Reply, World, usd

LINK = re.compile(r"http://api\.test/live(/v1/s/[A-Za-z0-9_-]+)")
WEEK = "2026-11-26T12:00:00Z"


def a_line(line_id: str = "1", sku: str = "TEA-001", quantity: int = 1, **fields: Any) -> dict[str, Any]:
    return {"line_id": line_id, "sku": sku, "quantity": quantity, **fields}


def quote(world: World, draft: dict[str, Any], who: str = "sales", if_match: str | None = "", **body: Any) -> Reply:
    etag = f'"v{get(world, draft)["version"]}"' if if_match == "" else if_match
    return world.call("POST", f"/v1/drafts/{draft['draft_id']}/quote", body, who=who, if_match=etag)


def page_of(reply: Reply) -> Holder:
    found = LINK.fullmatch(reply.body["quote"]["url"])
    assert found is not None
    return Holder(found[1])


def test_a_line_takes_its_price_and_its_tax_from_the_list_in_force(world: World):
    a_list(world)
    a_list(world, tea=999, name="week", valid_from="2026-11-18", valid_until="2026-11-25")

    draft = create(world, lines=[a_line("1", quantity=2), a_line("2", "CUP-001"), a_line("3", tax_rate="0")])

    shown = [(line["unit_price"], line["price"]["source"], line["price"]["price_list"], line["tax"]["rate"])
             for line in draft["lines"]]  # fmt: skip
    assert shown == [
        (usd(999), "LIST", "week@1", "0.1"),
        (usd(500), "LIST", "week@1", "0.2"),
        (usd(999), "LIST", "week@1", "0"),
    ]
    assert draft["totals"]["total"] == usd(2 * 999 + 200 + 500 + 100 + 999)


def test_a_line_without_a_price_anywhere_is_refused_by_name(world: World):
    a_list(world)
    a_list(world, name="taxed", channels=["outlet"], includes_tax=True)
    lines = [a_line("1", "POT-001")]

    refused = world.call(
        "POST", "/v1/drafts", {"channel": "web", "currency": "USD", "locale": "en-US", "lines": lines}, who="shop"
    )
    other = world.call(
        "POST", "/v1/drafts", {"channel": "outlet", "currency": "USD", "locale": "en-US", "lines": [a_line()]},
        who="office",
    )  # fmt: skip

    assert (refused.status, refused.errors) == (422, [("/lines/0/unit_price", "no-price")])
    assert other.errors == [("/lines/0/unit_price", "no-price")]  # its list includes tax, and the draft does not


def test_a_person_lowers_a_list_price_within_their_limit_and_says_why(world: World):
    a_list(world, tea=1_000)
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"override_percent": 10})
    directory.forget()
    draft = create(world)

    def lowered(price: int, **more: Any) -> Reply:
        return patch(world, get(world, draft), who="sales", set_lines=[a_line(unit_price=usd(price), **more)])

    assert lowered(800).errors == [("/set_lines/0/price_reason", "missing")]
    below = lowered(899, price_reason="a regular")
    assert (below.status, below.errors) == (403, [("/set_lines/0/unit_price", "above-limit")])
    done = lowered(900, price_reason="a regular")
    assert done.body["lines"][0]["price"] == {"source": "CALLER", "reason": "a regular", "price_list": None}


def test_a_person_gives_discounts_within_their_limit_and_leaves_those_of_the_shop(world: World):
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"override_percent": 10})
    directory.forget()
    coupon = {"code": "HALF", "amount": usd(500)}
    draft = create(world, discounts=[coupon])  # half of its goods, by the shop

    def changed(**fields: Any) -> Reply:
        return patch(world, get(world, draft), who="sales", **fields)

    assert changed(tags=["vip"]).status == 200
    more = changed(discounts=[coupon, {"code": "MORE", "amount": usd(1)}])
    assert (more.status, more.errors) == (403, [("/discounts", "above-limit")])
    assert changed(discounts=[]).status == 200
    off = [{"code": "OFF", "amount": usd(101)}]
    line = a_line(unit_price=usd(1_000), price_reason="as agreed", discounts=off)
    assert changed(set_lines=[line]).errors == [("/set_lines/0/discounts", "above-limit"), ("/lines", "above-limit")]
    assert changed(discounts=[{"code": "OFF", "amount": usd(100)}]).status == 200
    assert patch(world, get(world, draft), discounts=[coupon]).status == 200


def test_a_person_makes_no_more_of_a_discount_by_taking_goods_away(world: World):
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"override_percent": 10})
    directory.forget()
    a_list(world, tea=1_000)
    coupon = {"code": "HALF", "amount": usd(5_500)}
    draft = create(world, lines=[a_line(quantity=10), a_line(line_id="2")], discounts=[coupon])

    def changed(**fields: Any) -> list[tuple[str, str]]:
        reply = patch(world, get(world, draft), who="sales", **fields)
        return [] if reply.status == 200 else reply.errors

    assert changed(remove_lines=["2"]) == [("/lines", "above-limit")]
    assert changed(set_lines=[a_line(quantity=9)]) == [("/lines", "above-limit")]
    assert changed(discounts=[{"code": "MINE", "amount": usd(5_500)}]) == [("/discounts", "above-limit")]
    assert changed(discounts=[{"code": "HALF", "amount": usd(5_000)}], set_lines=[a_line(quantity=9)]) == []


def test_a_quote_is_mailed_with_a_page_that_shows_it_in_the_customers_language(world: World):
    a_list(world)
    draft = create(world, locale="pt-BR", lines=[a_line(quantity=2)])

    reply = quote(world, draft, valid_until=WEEK)

    assert reply.status == 200, reply.body
    shown = reply.body
    assert (shown["status"], shown["expires_at"]) == ("QUOTED", "2026-11-26T12:00:00.000Z")
    assert re.fullmatch("Q-[0-9A-Z]{4}-[0-9A-Z]{4}", shown["quote"]["number"])
    world.settle()
    (mail,) = world.hops.sent
    body = mail["Content"]["Simple"]
    assert body["Subject"]["Data"] == f"Seu orçamento {shown['quote']['number']}"
    assert mail["Destination"] == {"ToAddresses": ["ada@example.org"]}
    text = body["Body"]["Text"]["Data"]
    assert "26 de novembro de 2026, 12:00 UTC" in text
    assert "28,58" in text
    assert shown["quote"]["url"] in text
    page = page_of(reply).get()
    assert page.status == 200
    for words in (shown["quote"]["number"], "Olá Ada", "2 x A TEA-001", "26 de novembro de 2026, 12:00 UTC", "28,58"):
        assert words in page.text
    assert "ada@example.org" not in page.text


def test_a_quote_is_mailed_once_and_not_if_its_caller_does_not_want_it(world: World):
    draft = create(world)
    quote(world, draft, mail=False)
    world.settle()
    assert world.hops.sent == []

    quote(world, draft)
    world.settle()
    world.hops.seen["relay"].clear()
    world.settle()

    assert len(world.hops.sent) == 1


def test_the_note_of_a_mail_ends_with_its_draft_wherever_its_process_ends(world: World):
    mail = mails.Mail(to="ada@example.org", shop="Shop", subject="s", html="h", text="t")

    def sent(event: str) -> None:
        mails.send_of_draft_once("drf_us1_01M7STV3G030HH30TZ23B4AY4Z", event, "customer", mail, 99, world.now)

    with Crash() as counted:
        sent("first")
    for n, (at, after) in enumerate(counted.points()):
        with Crash(at, after=after), pytest.raises(Crashed):
            sent(f"again-{n}")

    notes = [row for row in world.tables()["Orders"] if row["sk"].startswith("M#")]
    assert len(notes) > 2
    assert {row.get("ttl") for row in notes} == {99}


def test_a_quote_that_was_changed_before_its_mail_went_out_is_not_mailed(world: World):
    draft = create(world)
    quoted = quote(world, draft).body
    patch(world, quoted, who="sales", tags=["vip"])

    world.settle()

    assert world.hops.sent == []


def test_a_change_ends_the_quote_and_the_next_one_has_a_suffix(world: World):
    draft = create(world)
    first = quote(world, draft)

    opened = patch(world, first.body, who="sales", tags=["vip"]).body
    assert (opened["status"], opened["quote"], opened["expires_at"]) == ("OPEN", None, "2026-12-20T00:00:00.000Z")
    changed = page_of(first).get()
    second = quote(world, draft)

    number = first.body["quote"]["number"]
    assert second.body["quote"]["number"] == f"{number}-2"
    assert "was changed" in changed.text
    assert "$10.00" not in changed.text
    assert "was changed" in page_of(first).get().text
    assert f"{number}-2" in page_of(second).get().text
    assert [one["draft_id"] for one in find(world, who="shop", quote=number.lower())] == [draft["draft_id"]]
    assert find(world, who="other-shop", quote=number) == find(world, quote="Q-NONE-0000") == []
    rows = [row["draft"] for key in (number, f"{number}-2") for row in world.aws.items("Orders", f"Q#{key}")]
    assert rows == [draft["draft_id"]] * 2


def test_a_request_that_changes_nothing_leaves_the_quote_as_it_is(world: World):
    a_list(world)
    draft = create(world, lines=[a_line()], ship_to=CHICAGO, note="rings twice")
    quoted = quote(world, draft, valid_until=WEEK)

    cart = {"lines": [a_line()], "ship_to": CHICAGO, "customer": ADA, "open_cart": True}
    again = patch(world, quoted.body, **cart)
    later = patch(world, quoted.body, tags=[])

    assert [(reply.status, reply.body["status"]) for reply in (again, later)] == [(200, "QUOTED")] * 2
    assert again.body["quote"]["number"] == quoted.body["quote"]["number"]
    assert again.body["expires_at"] == "2026-11-26T12:00:00.000Z"
    assert "$14.29" in page_of(quoted).get().text
    assert patch(world, again.body, note="rings once").body["status"] == "OPEN"


def test_a_quote_expires_by_itself_and_its_page_says_so_for_a_week(world: World):
    draft = create(world)
    quoted = quote(world, draft, valid_until=WEEK)

    world.pass_time(timedelta(days=7).total_seconds())
    assert get(world, draft)["status"] == "EXPIRED"
    assert "not valid any more" in page_of(quoted).get().text
    assert quote(world, draft).problem == "draft-ended"
    world.pass_time(60)
    world.sweep()
    assert get(world, draft, below="/events")["items"][-1]["step"] == "expired"
    world.pass_time(timedelta(days=8).total_seconds())

    assert page_of(quoted).get().status == 404


def test_the_page_of_a_quote_whose_customer_was_erased_opens_nothing(world: World):
    draft = create(world)
    quoted = quote(world, draft)
    erased = world.call("DELETE", f"/v1/customers/{get(world, draft)['customer_id']}", who="office")
    assert erased.status == 200, erased.body

    assert page_of(quoted).get().status == 404


def test_a_link_to_a_quote_is_no_link_to_an_order_and_takes_no_form(world: World):
    quoted = quote(world, create(world))
    holder = page_of(quoted)

    assert holder.post({"do": "cancel-all", "value": "x"}).text == holder.get().text
    forged = Holder(holder.path[:-2] + ("AA" if holder.path[-2:] != "AA" else "BB"))
    assert forged.get().status == 404


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"valid_until": "2026-11-19T11:00:00Z"}, ("/valid_until", "out-of-range")),
        ({"valid_until": "2028-11-19T11:00:00Z"}, ("/valid_until", "out-of-range")),
        ({"valid_until": "2026-11-26"}, ("/valid_until", "not-a-time")),
        ({"mail": "yes"}, ("/mail", "bool-type")),
        ({"number": "Q-1"}, ("/number", "extra-forbidden")),
    ],
    ids=str,
)
def test_a_wrong_quote_is_refused_by_the_name_of_its_field(world: World, body: Any, wrong: tuple[str, str]):
    draft = create(world)

    reply = quote(world, draft, **body)

    assert (reply.status, reply.errors) == (422, [wrong])
    assert get(world, draft)["status"] == "OPEN"


def test_a_draft_without_lines_or_address_is_not_quoted_by_mail(world: World):
    empty = create(world, lines=[], customer=None, open_cart=False)

    assert quote(world, empty).errors == [("/mail", "no-address")]
    assert quote(world, empty, mail=False).errors == [("/lines", "missing")]


def test_a_stale_a_missing_and_anothers_version_are_refused(world: World):
    draft = create(world)
    patch(world, draft, tags=["vip"])

    assert quote(world, draft, if_match='"v1"').status == 412
    assert quote(world, draft, if_match=None).status == 428
    act(world, draft, "claim")
    assert quote(world, draft, who="shop").problem == "claimed"
    assert quote(world, draft, who="other-shop").status == 404


def test_whoever_has_not_seen_the_quote_neither_quotes_nor_changes_nor_confirms_the_draft(world: World):
    draft = create(world, ship_to=CHICAGO)
    quoted = quote(world, draft, if_match='"v1"').body

    again = quote(world, draft, if_match='"v1"')
    changed = patch(world, draft, tags=["vip"])
    path = f"/v1/drafts/{draft['draft_id']}/confirm"
    confirmed = world.call("POST", path, {"payments": []}, who="sales", if_match='"v1"')

    assert [reply.status for reply in (again, changed, confirmed)] == [412, 412, 412]
    assert get(world, draft)["quote"]["number"] == quoted["quote"]["number"]
    act(world, draft, "claim")  # a claim is no change of what was quoted
    assert patch(world, quoted, who="sales", tags=["vip"]).status == 200


def test_a_list_price_that_changed_is_quoted_only_after_the_line_was_set_anew(world: World):
    a_list(world)
    draft = create(world, lines=[a_line(), a_line("2", "CUP-001")])
    a_list(world, tea=1_399)

    refused = quote(world, draft)
    assert (refused.status, refused.problem) == (409, "price-changed")
    assert refused.errors == [("/lines/0/unit_price", "price-changed")]
    late = patch(world, get(world, draft), prices_until=WEEK)
    assert (late.status, late.problem) == (409, "price-changed")
    patch(world, get(world, draft), set_lines=[a_line()])

    assert quote(world, draft).body["lines"][0]["unit_price"] == usd(1_399)


def test_prices_that_are_held_are_quoted_although_the_list_has_changed(world: World):
    a_list(world)
    draft = create(world, lines=[a_line()], prices_until="2026-12-01T00:00:00Z")
    a_list(world, tea=1_399)

    assert quote(world, draft).body["lines"][0]["unit_price"] == usd(1_299)


def test_a_number_that_another_quote_has_is_never_given_twice(world: World, monkeypatch: pytest.MonkeyPatch):
    numbers = iter([7, 7, 8])
    monkeypatch.setattr("functions.drafts.quoting.secrets.randbelow", lambda _: next(numbers))

    made = [quote(world, create(world, customer={"id": name, "name": "x"}), mail=False) for name in ("1", "2")]

    assert [one.body["quote"]["number"] for one in made] == [quotes.new_number(7), quotes.new_number(8)]


def test_the_link_of_a_quote_is_stored_nowhere_and_who_got_it_is_noted(world: World):
    draft = create(world)
    path = f"/v1/drafts/{draft['draft_id']}/quote"

    first, again = (world.call("POST", path, {}, who="sales", key="k", if_match='"v1"') for _ in range(2))
    later = patch(world, get(world, draft), who="sales", tags=["vip"]).body
    world.pass_time(1)
    second = quote(world, later)

    token = first.body["quote"]["url"].rpartition("/")[2]
    assert again.body == first.body
    kept = [{**row, "body": unpack(row["body"])} if "body" in row else row for row in world.aws.items("Orders")]
    assert "quote" in str(kept)
    assert token not in str(kept)
    assert second.body["quote"]["url"] != first.body["quote"]["url"]
    assert page_of(second).get().status == 200
    for query in ({"order": draft["draft_id"]}, {"customer": draft["customer_id"]}, {"person": "sales"}):
        notes = world.call("GET", "/v1/audit", who="office", query=query).body["items"]
        assert [(note["act"], note["draft_ids"]) for note in notes if note["act"] == "link"] == [
            ("link", [draft["draft_id"]])
        ] * 2, query


def test_a_quote_without_a_customer_has_a_page_too(world: World):
    draft = create(world, customer=None, open_cart=False)

    page = page_of(quote(world, draft, mail=False)).get()

    assert (page.status, "$10.00" in page.text) == (200, True)


def test_a_repeated_quote_is_the_same_quote(world: World):
    draft = create(world)
    path, etag = f"/v1/drafts/{draft['draft_id']}/quote", f'"v{draft["version"]}"'

    first, again = (world.call("POST", path, {}, who="sales", key="k", if_match=etag) for _ in range(2))

    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert get(world, draft)["version"] == 2


def test_a_draft_with_an_address_is_quoted_with_its_charges(world: World):
    a_list(world)
    shipping = [{"kind": "shipping", "amount": usd(599), "tax_rate": "0.1"}]
    draft = create(world, lines=[a_line()], ship_to=CHICAGO, charges=shipping)

    page = page_of(quote(world, draft)).get()

    assert "$5.99" in page.text
    assert "$20.88" in page.text  # 12.99 + 5.99 + a tenth of each
