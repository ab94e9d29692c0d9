"""An account pays as long as it has the money and its last day is not over."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from comanda.domain.errors import Forbidden
from comanda.domain.gift_cards import account, issuing
from comanda.domain.gift_cards.account import GIFT_CARD, Account

TODAY = date(2026, 11, 30)
CARD = Account(
    account_id="gc_" + "0" * 32,
    kind=GIFT_CARD,
    channel="web",
    currency="USD",
    balance=500,
    opened_at=datetime(2026, 11, 1, tzinfo=UTC),
)


def test_an_account_pays_what_it_has_in_its_currency():
    assert CARD.pays(500, "USD", TODAY)
    assert not CARD.pays(501, "USD", TODAY)
    assert not CARD.pays(0, "USD", TODAY)
    assert not CARD.pays(1, "EUR", TODAY)


def test_an_account_pays_until_its_last_day_and_longer_after_an_order_gave_something_back():
    ends = replace(CARD, expires_on=TODAY)

    assert ends.pays(500, "USD", TODAY)
    assert not ends.pays(1, "USD", TODAY + timedelta(days=1))
    longer = replace(ends, returned_until=TODAY + timedelta(days=30))
    assert longer.pays(1, "USD", TODAY + timedelta(days=30))
    assert not longer.pays(1, "USD", TODAY + timedelta(days=31))
    assert replace(CARD, returned_until=TODAY).pays(1, "USD", TODAY + timedelta(days=99))
    assert replace(ends, returned_until=TODAY - timedelta(days=1)).good_until == TODAY


def test_the_last_day_counts_from_the_issue_and_more_money_never_shortens_it():
    assert account.last_day(TODAY, None) is None
    assert account.last_day(TODAY, 1) == date(2026, 12, 1)
    assert account.later(None, TODAY) is None
    assert account.later(TODAY, None) is None
    assert account.later(TODAY, date(2026, 12, 1)) == date(2026, 12, 1)


def test_a_person_issues_alone_up_to_the_limit_and_nothing_in_a_currency_without_one():
    limits = {"gift_cards": [{"amount": 5000, "currency": "USD"}]}

    assert not issuing.needs_approval(limits, 5000, "USD")
    assert issuing.needs_approval(limits, 5001, "USD")
    for currency, rights in (("EUR", limits), ("USD", {})):
        with pytest.raises(Forbidden, match="above your limit"):
            issuing.needs_approval(rights, 1, currency)


def test_another_person_with_the_scope_approves_and_who_asked_may_drop_it():
    scopes = {issuing.SCOPE}

    issuing.require_second_person("bo", "ana", scopes, approves=True, person=True)
    issuing.require_second_person("ana", "ana", scopes, approves=False, person=True)
    for who, held, person in (("ana", scopes, True), ("bo", set(), True), ("shop", scopes, False)):
        with pytest.raises(Forbidden):
            issuing.require_second_person(who, "ana", held, approves=True, person=person)
    with pytest.raises(Forbidden, match="needs the scope"):
        issuing.require_second_person("ana", "ana", (), approves=False, person=True)
