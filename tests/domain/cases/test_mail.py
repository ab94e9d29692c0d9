"""A mail of any form is read: nothing hidden, no markup and no card number stays, and no forged sender counts as proven."""

import re
import time

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


@pytest.mark.parametrize(
    "results",
    [
        'mx; spf=pass smtp.mailfrom="x; dmarc=pass header.from=example.org; y"@evil.example',
        'mx; spf=pass smtp.mailfrom="("@evil; dmarc=fail; dkim=pass header.i="); dmarc=pass header.from=example.org; x"@evil',
        'mx; dmarc=pass policy.x=" header.from=example.org" header.from=evil.example',
        "mx; dmarc=pass header.from=example.org header.from=evil.example",
        "mx; dmarc=pass header.from=example.org (a comment without an end",
        'mx; dmarc=pass header.from=example.org; spf=pass smtp.mailfrom="a',
        r"mx; (\) ; dmarc=pass header.from=example.org",
        r'mx; spf=pass smtp.mailfrom="\"; dmarc=pass header.from=example.org; "@evil.example',
    ],
)
def test_words_of_the_sender_prove_nothing(results: str) -> None:
    assert not mail.is_proven("ada@example.org", results)


@pytest.mark.parametrize(
    "results",
    [
        'mx; spf=pass smtp.mailfrom="a;b"@example.org; dmarc=pass header.from=example.org',
        'mx; dmarc=pass (p=none; sp=none (nested)) header.from="example.org"',
    ],
)
def test_quoted_strings_and_comments_beside_a_proof_are_read_over(results: str) -> None:
    assert mail.is_proven("ada@example.org", results)


@given(st.text(alphabet='a;"()\\= .', max_size=60))
def test_what_stands_in_a_comment_or_a_quoted_name_proves_nothing(words: str) -> None:
    quoted = words.replace("\\", "\\\\").replace('"', '\\"')
    proof = "; dmarc=pass header.from=example.org; "

    assert not mail.is_proven("ada@example.org", f'mx; spf=pass smtp.mailfrom="{quoted}{proof}{quoted}"@evil.example')


@pytest.mark.parametrize(
    "declared", ["<p>Hi</p><![ if x]>", "a <![%foo", "<![x[y]]>Hi", "<html><![if !mso]>Hi<![endif]>"]
)
def test_markup_that_is_not_understood_stops_no_mail(declared: str) -> None:
    assert "x" not in mail.plain(declared, html=True).replace("foo", "")
    assert mail.plain(declared, html=True)


@pytest.mark.parametrize(
    "piece", ["<a ", "<a x='", '<a x="', "<!--", "<!", "<title>", "<script>", "&#", "<a '<a \"", "(", "<a b "]
)
def test_the_time_of_a_mail_is_in_proportion_to_its_length(piece: str) -> None:
    begun = time.process_time()

    mail.plain(piece * (64_000 // len(piece)), html=True)

    assert time.process_time() - begun < 2


def test_a_page_whose_head_has_no_end_keeps_its_words() -> None:
    page = "<html><head><title>x</title><body>Where is my <b title='a>b'>order</b>?</body></html>"

    assert mail.plain(page, html=True) == "Where is my order?"
    assert mail.plain("<title>Where is my order?", html=True) == "Where is my order?"


@pytest.mark.parametrize("sender", ["a\u0000da@example.org", "a\u202eda@example.org", "ada@example.org\u200b"])
def test_an_address_has_no_hidden_characters(sender: str) -> None:
    assert mail.address(sender) == "ada@example.org"
