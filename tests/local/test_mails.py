"""The page of mails lists every sent mail for a person."""

import json
from pathlib import Path

import pytest

from local import instance, mails
from local.instance import Instance


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    monkeypatch.setattr(instance, "ROOT", tmp_path)
    here = Instance("mails")
    here.state.mkdir(parents=True)
    return here


def sent(here: Instance, subject: str, *, html: str | None = "<p>Hello</p>") -> None:
    mail = {
        "Source": "shop@example.com",
        "To": ["ana@example.com"],
        "Subject": subject,
        "BodyText": "Hello <Ana>",
        "BodyHtml": html,
        "Timestamp": 1767225600.0,
    }
    with (here.state / "mails.jsonl").open("a") as lines:
        lines.write(json.dumps(mail) + "\n")


def test_each_mail_is_a_page_and_a_text_and_the_list_names_them_latest_first(here: Instance) -> None:
    sent(here, "Your order was received")
    sent(here, "Your order is on its way")

    page, count = mails.write(here)

    text = page.read_text()
    assert count == 2
    assert text.index("on its way") < text.index("was received")
    assert (here.mails / "00001-your-order-was-received.html").read_text() == "<p>Hello</p>"
    assert "Hello <Ana>" in (here.mails / "00002-your-order-is-on-its-way.txt").read_text()


def test_a_subject_cannot_put_markup_into_the_list(here: Instance) -> None:
    sent(here, "<script>alert(1)</script>", html=None)

    page, _ = mails.write(here)

    assert "<script>" not in page.read_text()
    assert "Hello &lt;Ana&gt;" in (here.mails / "00001-script-alert-1-script.html").read_text()


def test_without_mails_there_is_an_empty_list(here: Instance) -> None:
    page, count = mails.write(here)

    assert count == 0
    assert "0 mails" in page.read_text()
