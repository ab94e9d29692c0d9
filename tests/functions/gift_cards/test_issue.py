"""Gift cards and store credit are issued once, within the limits of persons, and nobody learns a code twice."""

from typing import Any

import pytest

from comanda.aws.books import gift_cards as accounts
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, single_writes
from comanda.aws.runtime import card_codes
from comanda.domain.gift_cards import codes
from tests.functions.channels import set_channel
from tests.functions.world import Reply, World, usd

CARD = {"channel": "web", "amount": usd(5_000), "reason": "sold at the counter"}
CREDIT = {"channel": "web", "customer_id": "c-17", "amount": usd(1_500), "reason": "came too late"}


def issue(world: World, who: str = "shop", key: str = "", **changes: Any) -> Reply:
    return world.call("POST", "/v1/gift-cards", {**CARD, **changes}, who=who, key=key)


def credit(world: World, who: str = "shop", key: str = "", **changes: Any) -> Reply:
    return world.call("POST", "/v1/store-credits", {**CREDIT, **changes}, who=who, key=key)


def balance(world: World, code: str, currency: str = "USD", who: str = "shop", **also: Any) -> Reply:
    asked = {"code": code, "currency": currency, **also}
    return world.call("POST", "/v1/gift-cards/balance", asked, who=who, key=None)


def entries(world: World, account_id: str) -> list[dict[str, Any]]:
    reply = world.call("GET", f"/v1/gift-cards/{account_id}", who="office")
    assert reply.status == 200
    return list(reply.body["entries"])


def of_customer(world: World, who: str = "shop", **changes: Any) -> Reply:
    asked = {"channel": "web", "customer_id": "c-17", "currency": "USD", **changes}
    return world.call("POST", "/v1/gift-cards/balance", asked, who=who, key=None)


def limited(world: World, amount: int) -> None:
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"gift_cards": [usd(amount)]})
    directory.forget()


def forget_answers(world: World) -> None:
    """Delete what is remembered of requests for 48 hours."""
    for row in world.tables()["Orders"]:
        if row["pk"].startswith("IDEM#") and row.get("fingerprint"):
            single_writes.delete("Orders", {"pk": row["pk"], "sk": row["sk"]}, condition="attribute_exists(pk)")


def test_a_card_is_issued_with_a_code_that_is_stored_nowhere(world: World, capsys: pytest.CaptureFixture[str]):
    issued = issue(world)

    code = issued.body["code"]
    plain = str(codes.read(code))
    assert issued.status == 201
    assert issued.body["balance"] == usd(5_000)
    assert issued.body["last4"] == plain[-4:]
    assert issued.headers["Location"] == f"/v1/gift-cards/{issued.body['account_id']}"
    found = balance(world, code.lower().replace("-", " ")).body
    assert found == {name: value for name, value in issued.body.items() if name != "code"}
    stored, said = str(world.tables()), capsys.readouterr()
    for secret in (code, plain, plain.lower()):
        assert secret not in stored
        assert secret not in said.out + said.err


def test_a_repeated_issue_has_the_same_code_and_issues_nothing(world: World):
    first, again = issue(world, key="k"), issue(world, key="k")

    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert [row["amount"] for row in entries(world, first.body["account_id"])] == [5_000]
    assert issue(world, key="k", amount=usd(1)).problem == "idempotency-key-reused"
    assert issue(world, who="office", key="k").body["code"] != first.body["code"]


def test_a_key_that_is_used_again_after_its_record_is_gone_issues_no_second_card(world: World):
    first = issue(world, key="k")
    forget_answers(world)

    assert issue(world, key="k").problem == "idempotency-key-reused"
    assert len(entries(world, first.body["account_id"])) == 1


def test_a_key_that_is_used_again_after_its_record_is_gone_puts_no_money_on_a_credit(world: World):
    first = credit(world, key="k")
    forget_answers(world)

    for again in (credit(world, key="k"), credit(world, key="k", amount=usd(1))):
        assert (again.status, again.problem) == (422, "idempotency-key-reused")
    assert credit(world, key="another").body["balance"] == usd(3_000)
    assert len(entries(world, first.body["account_id"])) == 2


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"channel": "outlet"}, [("/channel", "unknown-channel")]),
        ({"channel": "nowhere"}, [("/channel", "unknown-channel")]),
        ({"amount": {"amount": 5, "currency": "BRL"}}, [("/amount/currency", "not-sold-in")]),
        ({"amount": usd(0)}, [("/amount", "too-small")]),
        ({"amount": usd(-5)}, [("/amount/amount", "greater-than-equal")]),
        ({"reason": " "}, [("/reason", "string-too-short")]),
        ({"code": "mine"}, [("/code", "extra-forbidden")]),
    ],
)
def test_a_wrong_issue_is_refused_at_its_field(world: World, changes: Any, errors: Any):
    assert issue(world, **changes).errors == errors
    assert [row for row in world.tables()["Orders"] if row["pk"].startswith("GC#")] == []


def test_a_code_that_pays_nothing_is_answered_alike_whatever_the_reason(world: World):
    set_channel(world, gift_card_days=1)
    issued = issue(world).body
    world.now = world.now.replace(day=world.now.day + 2)

    replies = [
        balance(world, issued["code"]),  # expired
        balance(world, issued["code"], "EUR"),
        balance(world, codes.make(1)),
        balance(world, "0" * 19 + "1"),
    ]

    assert [reply.status for reply in replies] == [422] * 4
    assert all({**reply.body, "trace_id": ""} == {**replies[0].body, "trace_id": ""} for reply in replies)
    assert replies[0].errors == [("/code", "not-usable")]


def test_ten_wrong_codes_in_a_minute_lock_the_unnamed_visitors_of_their_caller_alone(world: World):
    code = issue(world).body["code"]
    for _ in range(10):
        assert balance(world, codes.make(7)).status == 422

    assert balance(world, code).problem == "too-many-requests"
    assert balance(world, code, who="office").status == 200
    assert balance(world, code, visitor="session-2").status == 200
    world.pass_time(60)
    assert balance(world, code).status == 200


def test_ten_wrong_codes_lock_the_visitor_that_a_shop_names_and_no_other(world: World):
    code = issue(world).body["code"]
    for _ in range(10):
        assert balance(world, codes.make(7), visitor="session-1").status == 422

    assert balance(world, code, visitor="session-1").problem == "too-many-requests"
    assert balance(world, code, visitor="session-2").status == 200
    assert balance(world, code).status == 200
    assert "session-1" not in str(world.tables())


def test_ten_wrong_codes_lock_a_person_whatever_visitors_are_named(world: World):
    code = issue(world).body["code"]
    for n in range(10):
        assert balance(world, codes.make(7), who="sales", visitor=f"session-{n}").status == 422

    assert balance(world, code, who="sales", visitor="another").problem == "too-many-requests"


def test_mistyped_codes_and_cards_that_pay_nothing_are_no_guesses(world: World):
    card, empty = issue(world).body, codes.make(5)
    for _ in range(11):
        assert balance(world, card["code"], "EUR").status == 422
        assert balance(world, f"{empty[:-1]}{'0' if empty[-1] != '0' else '1'}").status == 422

    assert balance(world, card["code"]).status == 200


def test_store_credit_of_a_customer_grows_in_one_account_a_currency(world: World):
    first, again = credit(world, key="k"), credit(world, key="k")
    more = credit(world, amount=usd(500))

    assert (first.status, again.body) == (201, first.body)
    assert more.body["balance"] == usd(2_000)
    account_id = first.body["account_id"]
    assert more.body["account_id"] == account_id
    assert credit(world, amount={"amount": 1, "currency": "EUR"}).body["account_id"] != account_id
    assert credit(world, customer_id="c-18").body["account_id"] != account_id
    assert credit(world, who="other-shop", channel="outlet").body["account_id"] != account_id
    assert of_customer(world).body["balance"] == usd(2_000)
    assert "c-17" not in str([row for row in world.tables()["Orders"] if row["pk"].startswith("SC#")])
    assert sorted(row["amount"] for row in entries(world, account_id)) == [500, 1_500]


def test_store_credit_is_found_by_its_own_channel_alone(world: World):
    nothing = [("/customer_id", "not-usable")]

    assert of_customer(world).errors == nothing
    credit(world)
    assert of_customer(world).body["balance"] == usd(1_500)
    assert of_customer(world, who="other-shop").errors == nothing
    assert of_customer(world, who="other-shop", channel="outlet").errors == nothing
    assert of_customer(world, currency="EUR").errors == nothing


@pytest.mark.parametrize(
    ("asked", "errors"),
    [
        ({}, [("/code", "missing")]),
        ({"channel": "web"}, [("/customer_id", "missing")]),
        ({"customer_id": "c-17"}, [("/channel", "missing")]),
        ({"code": "0" * 20, "channel": "web"}, [("/channel", "not-taken")]),
        ({"channel": "web", "customer_id": "c", "visitor": "v"}, [("/visitor", "not-taken")]),
    ],
)
def test_a_question_about_a_balance_names_a_code_or_a_customer(world: World, asked: Any, errors: Any):
    reply = world.call("POST", "/v1/gift-cards/balance", {**asked, "currency": "USD"}, key=None)

    assert reply.errors == errors


def test_more_credit_never_shortens_the_time_of_what_was_there(world: World):
    set_channel(world, store_credit_days=30)
    assert credit(world).body["good_until"] == "2026-12-19"
    set_channel(world, store_credit_days=10)
    assert credit(world).body["good_until"] == "2026-12-19"
    set_channel(world, store_credit_days=60)
    assert credit(world).body["good_until"] == "2027-01-18"
    set_channel(world, store_credit_days=None)
    assert credit(world).body["good_until"] is None
    account_id = credit(world).body["account_id"]
    assert world.call("GET", f"/v1/gift-cards/{account_id}", who="office").body["balance"] == usd(7_500)


def test_the_office_alone_reads_accounts_by_their_ids(world: World):
    account_id = issue(world).body["account_id"]

    assert world.call("GET", f"/v1/gift-cards/{account_id}", who="office").body["kind"] == "GIFT_CARD"
    assert world.call("GET", f"/v1/gift-cards/{account_id}").status == 403
    for strange in ("gc_0", f"gc_{'0' * 32}", "x", f"{account_id}%23"):
        assert world.call("GET", f"/v1/gift-cards/{strange}", who="office").status == 404


def test_a_ledger_is_read_page_by_page(world: World):
    account_id = credit(world).body["account_id"]
    credit(world), credit(world)
    path = f"/v1/gift-cards/{account_id}"

    first = world.call("GET", path, query={"limit": "2"}, who="office").body
    last = world.call("GET", path, query={"limit": "2", "cursor": first["next"]}, who="office").body

    assert [len(page["entries"]) for page in (first, last)] == [2, 1]
    assert last["next"] is None
    assert {row["by"] for row in first["entries"]} == {"shop"}


def test_an_issue_is_in_the_books_of_its_channel(world: World):
    issue(world)
    credit(world)

    journals = [row["entries"] for row in world.tables()["Orders"] if row["sk"].startswith("J#")]
    assert sorted(journals, key=str) == [
        {"issued": 1_500, "store_credit": -1_500},
        {"issued": 5_000, "gift_cards": -5_000},
    ]


def test_ids_of_accounts_depend_on_the_key_alone(world: World):
    assert card_codes.id_of_code("A" * 20) != card_codes.id_of_code("B" * 20)
    assert accounts.id_of_credit("a", "b/c", "USD") != accounts.id_of_credit("a/b", "c", "USD")


def test_a_code_in_the_place_of_an_id_is_not_repeated(world: World):
    code = issue(world).body["code"]

    reply = world.call("GET", f"/v1/gift-cards/{code}", who="office")

    assert reply.status == 404
    assert code not in str(reply.body)


def test_a_guest_gets_no_store_credit_as_nobody_could_pay_with_it(world: World):
    assert credit(world, customer_id="g_17").errors == [("/customer_id", "not-usable")]
