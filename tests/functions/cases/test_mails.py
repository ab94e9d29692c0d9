"""Mails reach the case that they answer to, or open one: each once, and nothing of an order by what a stranger says."""

import pytest

from comanda.aws.cases import case_tokens
from tests.functions.cases.desk import PROVEN, case, listed, opened, result, send_mail, step
from tests.functions.world import World

LINES = ("TEA-001", 1)


def token(world: World, case_or_order_id: str) -> str:
    return case_tokens.write(case_or_order_id, world.now)


def test_a_mail_that_answers_to_a_case_is_added_to_it(world: World):
    case_id = opened(world, world.placed(LINES))
    step(world, case_id, "wait", **{"for": "CUSTOMER"})
    reply_token = case(world, case_id)["reply_token"]

    reply = send_mail(world, reply_token=reply_token.upper(), **{"from": "someone@else.example"})

    assert (reply.status, result(reply), reply.body["case_id"]) == (200, "ADDED", case_id)
    found = case(world, case_id)
    assert found["status"] == "OPEN"
    assert {name: found["items"][-1][name] for name in ("author", "subject", "sender", "sender_proven")} == {
        "author": "CUSTOMER",
        "subject": "My order",
        "sender": "someone@else.example",
        "sender_proven": False,
    }


def test_a_mail_to_an_order_opens_a_case_of_it(world: World):
    order_id = world.placed(LINES)

    reply = send_mail(world, reply_token=token(world, order_id))

    assert (reply.status, result(reply)) == (201, "OPENED")
    assert listed(world, order_id=order_id) == [reply.body["case_id"]]
    assert case(world, reply.body["case_id"])["kind"] == "QUESTION"


def test_a_proven_sender_reaches_the_newest_order(world: World):
    world.placed(LINES)
    world.pass_time(1)
    newest = world.placed(LINES, external_id="WEB-2")

    reply = send_mail(world, authentication_results=PROVEN)

    assert case(world, reply.body["case_id"])["order_id"] == newest
    assert case(world, reply.body["case_id"])["items"][0]["sender_proven"] is True


@pytest.mark.parametrize(
    "results",
    [
        "",
        "dmarc=pass header.from=example.org",  # no server names itself
        "mx.shop.example; dmarc=fail header.from=example.org",
        "mx.shop.example; dmarc=none header.from=example.org",
        "mx.shop.example; dmarc=pass header.from=evil.example",
        "mx.shop.example; dmarc=pass header.from=mail.example.org",
        "mx.shop.example; dmarc=pass header.from=evil.example; dmarc=pass header.from=example.org",
        "mx.shop.example; spf=pass (dmarc=pass header.from=example.org) smtp.mailfrom=x",
        "mx.shop.example; (x; dmarc=pass header.from=example.org) spf=pass",
        "mx.shop.example; spf=pass; dkim=pass header.d=example.org",
        "mx.shop.example; xdmarc=pass header.from=example.org",
    ],
)
def test_a_sender_that_nobody_vouches_for_reaches_no_order(world: World, results: str):
    world.placed(LINES)
    forged = ("Authentication-Results", PROVEN)

    reply = send_mail(world, forged, authentication_results=results)

    found = case(world, reply.body["case_id"])
    assert (result(reply), found["order_id"], found["channel"]) == ("OPENED", None, None)
    assert found["items"][0]["sender_proven"] is False


@pytest.mark.parametrize(
    "results",
    [
        (
            "amazonses.com; spf=pass (spfCheck: domain of example.org designates 203.0.113.1) client-ip=203.0.113.1; "
            "dkim=pass header.i=@example.org; dmarc=pass header.from=example.org;"
        ),
        (
            "mx.google.com; dkim=pass header.i=@example.org header.s=20230601; spf=pass smtp.mailfrom=ada@example.org; "
            "dmarc=pass (p=NONE sp=QUARANTINE dis=NONE) header.from=example.org"
        ),
        "spf=pass; spf=pass smtp.mailfrom=example.org; dmarc=pass action=none header.from=EXAMPLE.ORG;compauth=pass reason=100",
        "mx.example; dmarc/1 = pass (a (nested) comment) header.from=example.org",
    ],
)
def test_the_results_of_real_servers_are_read(world: World, results: str):
    order_id = world.placed(LINES)

    reply = send_mail(world, authentication_results=results)

    assert case(world, reply.body["case_id"])["order_id"] == order_id


@pytest.mark.parametrize("bad", ["", "x", "a" * 58, "é", "a" * 200])
def test_a_token_that_binds_nothing_is_as_none(world: World, bad: str):
    world.placed(LINES)

    reply = send_mail(world, reply_token=bad or None)

    assert case(world, reply.body["case_id"])["order_id"] is None


def test_a_token_ends_with_its_day_and_with_the_orders_links(world: World):
    order_id = world.placed(LINES)
    case_id = opened(world, order_id)
    old = token(world, case_id)
    assert world.call("POST", f"/v1/orders/{order_id}/links", {"revoke": True}, who="office").status == 201
    revoked = send_mail(world, reply_token=old)
    assert case(world, revoked.body["case_id"])["order_id"] is None
    fresh = token(world, case_id)
    world.pass_time(181 * 86_400)
    late = send_mail(world, reply_token=fresh, message_id="<2@x>")
    assert case(world, late.body["case_id"])["order_id"] is None


def test_a_changed_token_binds_nothing(world: World):
    case_id = opened(world, world.placed(LINES))
    right = token(world, case_id)
    for place in (0, 5, 20, 40, 57):
        wrong = right[:place] + ("a" if right[place] != "a" else "b") + right[place + 1 :]
        reply = send_mail(world, reply_token=wrong, message_id=f"<{place}@x>")
        assert reply.body["case_id"] != case_id
    assert case(world, case_id)["texts"] == 1


REAL = {
    "gmail vacation": [("Auto-Submitted", "auto-replied"), ("Precedence", "bulk"), ("X-Autoreply", "yes")],
    "outlook out of office": [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")],
    "bounce": [("Return-Path", "<>"), ("Content-Type", "multipart/report; report-type=delivery-status")],
    "bounce of postfix": [("Auto-Submitted", "auto-replied (vacation)")],
    "lower case": [("auto-submitted", "AUTO-GENERATED; type=x")],
    "old autoresponder": [("X-Autorespond", "Thanks for your mail")],
    "auto_reply": [("Precedence", "auto_reply")],
    "failed recipients": [("X-Failed-Recipients", "info@shop.example")],
}
LISTS = {
    "mailman": [("List-Id", "<talk.lists.example>"), ("Precedence", "list")],
    "newsletter": [("List-Unsubscribe", "<mailto:u@x>"), ("Precedence", "bulk")],
    "junk": [("Precedence", "Junk")],
}


@pytest.mark.parametrize(
    ("headers", "reason"),
    [*((h, "automatic") for h in REAL.values()), *((h, "mailing-list") for h in LISTS.values())],
    ids=[*REAL, *LISTS],
)
def test_machines_and_lists_open_nothing(world: World, headers: list, reason: str):
    order_id = world.placed(LINES)
    first = "automatic" if headers[0][0] == "Auto-Submitted" else reason

    reply = send_mail(world, *headers, reply_token=token(world, order_id))

    assert (result(reply), reply.body["case_id"]) == (f"IGNORED {first}", None)
    assert listed(world, order_id=order_id) == []


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@mx.example", "Postmaster <postmaster@x.example>"])
def test_a_robots_address_opens_nothing(world: World, sender: str):
    assert result(send_mail(world, **{"from": sender})) == "IGNORED automatic"


@pytest.mark.parametrize(
    "headers",
    [
        [("Auto-Submitted", "no")],
        [("Precedence", "first-class")],
        [("X-Autoreply", "no")],
        [("Return-Path", "<ada@example.org>")],
        [("Received", "from x\r\n by y")],
    ],
)
def test_the_mail_of_a_person_is_taken(world: World, headers: list):
    assert result(send_mail(world, *headers)) == "OPENED"


def test_an_empty_mail_opens_nothing(world: World):
    assert result(send_mail(world, subject="", text=" \u200b\n ")) == "IGNORED empty"
    assert result(send_mail(world, text="", message_id="<2@x>")) == "OPENED"  # the subject says something


def test_a_mail_is_taken_once_whatever_its_key(world: World):
    first = send_mail(world)

    again, other = send_mail(world), send_mail(world, text="Another")

    assert (result(again), again.body["case_id"]) == ("DUPLICATE", first.body["case_id"])
    assert (result(other), other.body["case_id"]) == ("CONFLICT", first.body["case_id"])
    assert listed(world, owner="care") == [first.body["case_id"]]
    assert send_mail(world, key="k", message_id="<9@x>").body == send_mail(world, key="k", message_id="<9@x>").body


def test_a_sender_reaches_cases_twenty_times_a_day(world: World):
    case_id = opened(world, world.placed(LINES))
    for i in range(20):
        assert result(send_mail(world, reply_token=token(world, case_id), message_id=f"<{i}@x>")) == "ADDED"

    too_many = send_mail(world, message_id="<20@x>", **{"from": "ADA@example.org"})
    assert (result(too_many), too_many.body["case_id"]) == ("IGNORED too-many-of-sender", None)
    assert result(send_mail(world, message_id="<21@x>", **{"from": "bob@example.org"})) == "OPENED"
    world.pass_time(86_400)
    assert result(send_mail(world, message_id="<20@x>")) == "OPENED"
    assert case(world, case_id)["texts"] == 21


def test_an_answer_says_nothing_of_an_order(world: World):
    order_id = world.placed(LINES)

    reply = send_mail(world, authentication_results=PROVEN)

    assert set(reply.body) == {"result", "case_id", "reason"}
    assert "WEB-" not in str(reply.body)
    assert set(reply.headers) == {"Content-Type"}
    assert order_id[4:] in reply.body["case_id"]  # the id has no word, amount or day of the order


def test_markup_is_stripped_and_card_numbers_are_masked(world: World):
    page = (
        "<html><head><style>p{color:red}</style><title>x</title></head><body><p>My card&nbsp;is</p>"
        "<script>alert(1)</script><div>4111 1111 1111&#8203; 1111</div>\u202eevil<br>&lt;b&gt;</body></html>"
    )

    html = send_mail(world, text=page, format="HTML", subject="4111111111111111")
    plain = send_mail(world, text="2 < 3 and 5500-0000-0000-0004\r\n\r\n\r\n\r\nbye", message_id="<2@x>")

    shown = case(world, html.body["case_id"])["items"][0]
    assert shown["text"] == "My card is\n\n•••• •••• •••• 1111\nevil\n<b>"
    assert shown["subject"] == "••••••••••••1111"
    assert case(world, plain.body["case_id"])["items"][0]["text"] == "2 < 3 and ••••-••••-••••-0004\n\nbye"
    assert "41111111" not in str(world.tables())


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"attachments": [{"name": "x.pdf"}]}, [("/attachments", "extra-forbidden")]),
        ({"text": "x" * 65_537}, [("/text", "string-too-long")]),
        ({"text": "é" * 40_000}, [("/text", "string-too-long")]),
        ({"text": "half \ud83d"}, [("/text", "not-text")]),
        ({"message_id": " "}, [("/message_id", "string-too-short")]),
        ({"from": "nobody"}, [("/from", "malformed")]),
        ({"from": "a@x.example, b@y.example"}, [("/from", "malformed")]),
        ({"text": None}, [("/text", "missing")]),
        ({"format": "RTF"}, [("/format", "literal-error")]),
        ({"headers": [{"name": "X"}]}, [("/headers/0/value", "missing")]),
    ],
)
def test_bad_input_names_the_field_and_opens_nothing(world: World, changes: dict, errors: list):
    reply = send_mail(world, **changes)

    assert (reply.status, reply.errors) == (422, errors)
    assert listed(world, owner="care") == []


@pytest.mark.parametrize("who", ["office", "shop", "sales", "acme", "ups", "form"])
def test_only_a_mailbox_passes_on_mails(world: World, who: str):
    assert send_mail(world, who=who).status == 403


def test_an_answer_to_a_mail_about_an_order_reaches_the_order(world: World):
    world.placed(LINES)
    world.settle()
    assert all("ReplyToAddresses" not in mail for mail in world.hops.sent)  # no mailbox is wired
    world.patch.setenv("MAIL_REPLIES", "in.shop.example")
    order_id = world.placed(LINES)
    world.settle()

    (address,) = world.hops.sent[-1]["ReplyToAddresses"]
    local, _, domain = address.partition("@")
    assert (domain, len(local) <= 64) == ("in.shop.example", True)
    answered = send_mail(world, reply_token=local.removeprefix("case+"))

    assert case(world, answered.body["case_id"])["order_id"] == order_id


def test_an_answer_to_a_closed_case_reopens_it_and_a_late_one_opens_another(world: World):
    order_id = world.placed(LINES)
    case_id = opened(world, order_id)
    step(world, case_id, "close", outcome="ANSWERED")

    assert result(send_mail(world, reply_token=token(world, case_id))) == "ADDED"
    assert case(world, case_id)["status"] == "OPEN"
    step(world, case_id, "close", outcome="ANSWERED")
    world.pass_time(31 * 86_400)
    late = send_mail(world, reply_token=token(world, case_id), message_id="<2@x>")
    assert result(late) == "OPENED"
    assert listed(world, order_id=order_id) == [case_id, late.body["case_id"]]


def test_a_mail_answers_to_a_case_without_an_order(world: World):
    case_id = opened(world)

    assert send_mail(world, reply_token=token(world, case_id)).body["case_id"] == case_id


def test_a_client_of_kind_mailbox_is_made_without_further_rights(world: World):
    body = {"name": "Inbound", "kind": "mailbox", "channels": ["web"], "scopes": ["cases/write", "orders/read"]}

    reply = world.call("POST", "/v1/clients", body, who="office")

    assert sorted(reply.errors) == [("/channels", "not-for-kind"), ("/scopes/1", "not-for-kind")]
