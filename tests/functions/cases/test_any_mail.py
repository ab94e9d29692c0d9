"""Whatever bytes a mail has, its door answers what became of it or which field is wrong, and takes less than a second."""

import json
import random
import time
from typing import Any

import pytest

from comanda.domain.card_numbers import looks_like_a_card
from tests.functions.world import Reply, World

MAILS = 120
PIECES = (
    '"', "(", ")", "<", ">", "@", ",", ";", ":", "\\", "=", "=?utf-8?q?", "?=", "=?utf-7?b?", "\r\n ", "\r\n", "\x00", "\t",
    "ada@example.org", "4111 1111 1111 1111", "dmarc=pass", "header.from=example.org", "auto-replied", "<>", "<script>",
    "</p>", "<!--", "-->", "&#", "&nbsp;", "\u200b", "\u202e", "\U0001f600", "\u0623", "\ufeff", "[", "]", "|", "4", " ", "é",
)  # fmt: skip
NAMES = (
    "From",
    "Auto-Submitted",
    "Precedence",
    "Content-Type",
    "Return-Path",
    "List-Id",
    "Subject",
    "X-Auto-Reply",
)


def _words(chance: random.Random, most: int) -> str:
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(most)).decode(chance.choice(("latin-1", "utf-8", "utf-16")), "replace")
    return "".join(chance.choices(PIECES, k=chance.randrange(most)))


def a_mail(chance: random.Random) -> dict[str, Any]:
    sender = chance.choice(("Ada <ada@example.org>", _words(chance, 12), _words(chance, 200)[:900]))
    return {
        "message_id": chance.choice((f"<{chance.random()}@x>", _words(chance, 20))),
        "from": sender,
        "subject": _words(chance, 60),
        "text": _words(chance, 300),
        "format": chance.choice(("TEXT", "HTML")),
        "headers": [{"name": chance.choice(NAMES), "value": _words(chance, 40)} for _ in range(chance.randrange(4))],
        "authentication_results": chance.choice(("", f"mx; dmarc=pass{_words(chance, 40)}", _words(chance, 80))),
        "reply_token": chance.choice((None, _words(chance, 20))),
    }


def send(world: World, mail: dict[str, Any]) -> Reply:
    return world.call("POST", "/v1/case-mails", mail, who="mailbox")


def test_any_mail_is_answered_with_its_result_or_with_the_field_that_is_wrong(world: World):
    chance, results = random.Random(11), set[str]()
    for number in range(MAILS):
        mail = a_mail(chance)
        world.pass_time(3_600)

        reply = send(world, mail)

        assert reply.status in (200, 201, 422), (number, mail, reply.body)
        results.add(reply.body.get("result") or reply.problem)
        if reply.status == 422:
            assert all(error["pointer"] for error in reply.body["errors"]), (number, mail)
        elif reply.body["case_id"]:
            shown = world.call("GET", f"/v1/cases/{reply.body['case_id']}", who="office")
            words = [word for text in shown.body["items"] for word in (text["text"], text["subject"]) if word]
            assert (shown.status, any(map(looks_like_a_card, words))) == (200, False), (number, mail)
    assert results >= {"OPENED", "IGNORED", "invalid"}


@pytest.mark.parametrize(
    "piece", [*PIECES, "<a ", "<a x='", "(a", "a@b,", "4111 1111 1111 1111 ", "1 ", "=?utf-8?q?a?= "]
)
def test_a_mail_of_a_megabyte_takes_less_than_a_second(world: World, piece: str):
    def repeated(size: int) -> str:
        return (piece * size).encode()[: size - 10].decode(errors="ignore")

    mail = {
        "from": "ada@example.org",
        "subject": repeated(900),
        "text": repeated(65_536),
        "authentication_results": repeated(7_900),
    }
    send(world, {**mail, "message_id": "<0@x>", "text": "which reads what is read once"})
    headers = [{"name": "Subject", "value": repeated(7_900)}]
    headers *= (950_000 - len(json.dumps(mail))) // len(json.dumps(headers))
    for number, changes in enumerate(
        ({"format": "HTML"}, {"format": "TEXT"}, {"from": repeated(900)}, {"headers": []})
    ):
        wanted = {"message_id": f"<1{number}@x>", **mail, "headers": headers[:200], **changes}
        begun = time.process_time()

        reply = send(world, wanted)

        assert reply.status in ((200, 201, 422) if "from" in changes else (200, 201)), reply.body
        assert time.process_time() - begun < 1
