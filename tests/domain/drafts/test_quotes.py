"""A quote offers a draft at its prices until a time, and a draft becomes an order at the prices that its customer was told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.drafts import quotes
from comanda.domain.drafts.draft import DraftPrice, DraftStatus, PriceSource
from comanda.domain.drafts.pricing import ListedPrice
from comanda.domain.drafts.quotes import PriceChanged, QuoteExpired
from comanda.domain.drafts.steps import DraftEnded, Step, abandon, change, claim, expire
from comanda.domain.errors import Claimed, Invalid
from tests.domain.drafts.conftest import ADA, BOB, LATER, NOW, SHOP, a_draft, a_line

WEEK = timedelta(days=7)


def listed_line(line_id="1", price=1000):
    return replace(a_line(line_id), price=DraftPrice(amount=price, source=PriceSource.LIST, price_list="base@1"))


def says(amount, sku="SKU-1"):
    return {sku: ListedPrice(amount=amount, price_list="base@2")}


def quoted(draft, now=NOW, until=None, listed=None, base="Q-AAAA-BBBB", actor=ADA):
    return quotes.quote(draft, actor, now, base=base, valid_until=until, listed=listed or {}, mailed=True)


def test_a_quote_has_a_number_and_a_time_and_freezes_the_draft_until_then():
    before = a_draft()

    decision = quoted(before, until=NOW + WEEK)

    draft = decision.draft
    assert (draft.status, draft.quote.number, draft.expires_at) == (DraftStatus.QUOTED, "Q-AAAA-BBBB", NOW + WEEK)
    assert (draft.version, draft.change_version) == (before.version + 1, before.version + 1)
    assert (decision.event.step, decision.event.data) == (Step.QUOTED, {"number": "Q-AAAA-BBBB", "mailed": True})
    assert draft.status_at(NOW + WEEK) is DraftStatus.EXPIRED


def test_a_quote_without_a_time_is_valid_for_two_weeks():
    assert quoted(a_draft()).draft.expires_at == NOW + timedelta(days=14)


def test_a_changed_quote_is_open_again_and_the_next_one_has_another_number():
    first = quoted(a_draft()).draft
    opened = change(first, replace(first, lines=(a_line("1", 2),)), ADA, LATER).draft
    second = quoted(opened, LATER, base="Q-CCCC-DDDD").draft
    third = quoted(second, LATER).draft

    assert (opened.status, opened.expires_at > first.expires_at) == (DraftStatus.OPEN, True)
    assert [one.quote.number for one in (first, second, third)] == ["Q-AAAA-BBBB", "Q-AAAA-BBBB-2", "Q-AAAA-BBBB-3"]


@pytest.mark.parametrize("until", [NOW, NOW - WEEK, NOW + timedelta(days=367)])
def test_the_time_of_a_quote_lies_ahead_and_within_a_year(until):
    with pytest.raises(Invalid) as refused:
        quoted(a_draft(), until=until)

    assert [(one.pointer, one.code) for one in refused.value.problems] == [("/valid_until", "out-of-range")]


def test_a_draft_without_lines_is_not_quoted():
    with pytest.raises(Invalid) as refused:
        quoted(replace(a_draft(), lines=()))

    assert [one.pointer for one in refused.value.problems] == ["/lines"]


def test_only_the_owner_of_a_claim_quotes_and_confirms_and_the_claim_is_renewed():
    draft = claim(a_draft(), ADA, NOW).draft

    for step in (lambda: quoted(draft, actor=BOB), lambda: quotes.require_confirmable(draft, SHOP, NOW)):
        with pytest.raises(Claimed):
            step()
    assert quoted(draft, LATER).draft.claim.until == LATER + timedelta(minutes=15)
    quotes.require_confirmable(draft, BOB, NOW + timedelta(minutes=15))


def test_a_price_of_a_list_that_has_changed_is_refused_by_its_line():
    draft = a_draft(listed_line("1"), a_line("2", price=500))

    for listed, wanted in ((says(900), "base@2 says 900"), ({}, "no list has a price")):
        with pytest.raises(PriceChanged) as refused:
            quotes.require_prices(draft, listed, NOW)
        ((problem),) = refused.value.problems
        assert (problem.pointer, problem.code) == ("/lines/0/unit_price", "price-changed")
        assert wanted in problem.message
    quotes.require_prices(draft, says(1000), NOW)


def test_prices_are_held_by_a_valid_quote_and_until_the_time_that_was_named():
    held = replace(a_draft(listed_line()), prices_until=NOW + WEEK)
    offered = quoted(a_draft(listed_line()), listed=says(1000), until=NOW + WEEK).draft

    for draft in (held, offered):
        quotes.require_prices(draft, says(1), NOW + WEEK - timedelta(seconds=1))
        with pytest.raises(PriceChanged):
            quotes.require_prices(draft, says(1), NOW + WEEK)


def test_a_quote_is_not_made_again_at_prices_that_have_changed():
    offered = quoted(a_draft(listed_line()), listed=says(1000)).draft

    with pytest.raises(PriceChanged):
        quoted(offered, LATER, listed=says(900))


def test_a_confirmed_draft_has_its_order_and_the_number_of_its_quote():
    offered = claim(quoted(a_draft()).draft, ADA, NOW).draft

    decision = quotes.confirm(offered, "ord_test1_1", ADA, LATER)

    draft = decision.draft
    assert (draft.status, draft.order_id, draft.claim) == (DraftStatus.CONFIRMED, "ord_test1_1", None)
    assert (decision.event.step, decision.event.data) == (Step.CONFIRMED, {"number": "Q-AAAA-BBBB"})
    assert quotes.confirm(a_draft(), "ord_test1_1", ADA, LATER).event.data == {}


def test_an_expired_quote_is_refused_by_its_number_and_other_ends_as_such():
    offered = quoted(a_draft(), until=NOW + WEEK).draft
    over = NOW + WEEK

    for draft in (offered, expire(offered, over).draft):
        with pytest.raises(QuoteExpired, match="Q-AAAA-BBBB was valid until 2026-11-26 12:00"):
            quotes.require_confirmable(draft, ADA, over)
    for draft, now in ((a_draft(), NOW + timedelta(days=40)), (abandon(a_draft(), ADA, NOW).draft, NOW)):
        with pytest.raises(DraftEnded) as refused:
            quotes.require_confirmable(draft, ADA, now)
        assert refused.value.code == "draft-ended"


def test_numbers_are_eight_digits_that_nobody_misreads():
    assert quotes.new_number(0) == "Q-0000-0000"
    assert quotes.new_number(quotes.NUMBERS - 1) == "Q-ZZZZ-ZZZZ"
    assert len({quotes.new_number(n) for n in range(2_000)}) == 2_000
