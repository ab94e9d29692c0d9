"""A mail of any form is read: nothing hidden, no markup and no card number stays, and no forged sender counts as proven."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain import text
from comanda.domain.card_numbers import looks_like_a_card, masked
from comanda.domain.cases import mail

CARDS = ("4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004", "3782 822463 10005", "٤١١١١١١١١١١١١١١١")
ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=400)


@given(ANY, st.booleans())
def test_whatever_a_mail_holds_is_cleaned(written: str, html: bool) -> None:
    found = mail.plain(written, html=html)

    assert not looks_like_a_card(found)
    assert not re.search("[\u202a-\u202e\u200b\u2066-\u2069\x00]", found)
    assert found == text.trimmed(found)


@given(ANY, st.sampled_from(CARDS), ANY)
def test_no_card_number_stays_between_any_words(before: str, card: str, after: str) -> None:
    found = mail.plain(f"{before} {card} {after}", html=False)

    assert not looks_like_a_card(found)


@given(ANY | st.text("0123456789 -+x", max_size=200))
def test_words_without_a_card_number_stay_as_they_are(written: str) -> None:
    if not looks_like_a_card(written):
        assert masked(written) == written


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("pay with 4111 1111 1111 1111.", "pay with •••• •••• •••• 1111."),
        ("1 4111 1111 1111 1111 2", "1 •••• •••• •••• 1111 2"),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN DE89 3704 0044 0532 0130 00"),
        ("call +1 415 555 2671, order 1234567890", "call +1 415 555 2671, order 1234567890"),
        ("4111 1111 1111 1111 and 5500-0000-0000-0004", "•••• •••• •••• 1111 and ••••-••••-••••-0004"),
    ],
)
def test_of_a_card_number_the_last_four_digits_stay(written: str, kept: str) -> None:
    assert masked(written) == kept


@pytest.mark.parametrize(
    ("sender", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada Byron <ada@example.org>", "ada@example.org"),
        ('"Byron, Ada" <ada@example.org> ', "ada@example.org"),
        ('"bob@evil.example" <ada@example.org>', "ada@example.org"),
        ("أدا <ada@مثال.example>", "ada@مثال.example"),
        ("ada@example.org, bob@example.org", ""),
        ("bob@example.org, Ada <ada@example.org>", ""),
        ("Ada <ada@example.org>, Bob <bob@example.org>", ""),
        ("Byron, Ada <ada@example.org>", "ada@example.org"),
        ("ada", ""),
        ("<>", ""),
        ("", ""),
        ("ada@@example.org", ""),
        ("a b@example.org", ""),
    ],
)
def test_a_sender_is_one_address(sender: str, address: str) -> None:
    assert mail.address(sender) == address


@given(ANY)
def test_any_results_of_authentication_are_read(results: str) -> None:
    assert not mail.is_proven("ada@example.org", results) or "dmarc" in results.casefold()


@pytest.mark.parametrize("sender", ["", "ada@", "@", "ada"])
def test_a_sender_without_a_domain_is_never_proven(sender: str) -> None:
    assert not mail.is_proven(sender, "mx; dmarc=pass header.from=")
    assert not mail.is_proven(sender, "mx; dmarc=pass")


@given(st.lists(st.tuples(ANY, ANY), max_size=5))
def test_any_headers_are_read(headers: list[tuple[str, str]]) -> None:
    assert mail.why_ignored("ada@example.org", headers) in (None, mail.AUTOMATIC, mail.MAILING_LIST)


def test_a_page_keeps_its_words_and_lines() -> None:
    page = "<p>Hello&nbsp;&amp; hi</p><ul><li>one</li><li>two</li></ul><style>x</style><p>a < b</p>"

    assert mail.plain(page, html=True) == "Hello & hi\n\none\n\ntwo\n\na < b"


def test_an_unclosed_script_hides_what_follows() -> None:
    assert mail.plain("<b>hi</b><script>alert('x')", html=True) == "hi"
