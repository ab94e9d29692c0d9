"""Test that a claim keeps an item for its caller until its lease ends."""

from datetime import UTC, datetime, timedelta

import pytest

from comanda.domain.errors import Claimed
from comanda.domain.orders.claims import LEASE, Claim, new_claim, require_free

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)


def test_a_free_item_is_claimed_for_ten_minutes():
    assert new_claim(None, "ada", NOW, names=True) == Claim(by="ada", until=NOW + timedelta(minutes=10))


def test_the_same_caller_begins_the_lease_anew():
    first = new_claim(None, "ada", NOW, names=True)

    again = new_claim(first, "ada", NOW + timedelta(minutes=4), names=True)

    assert again.until == NOW + timedelta(minutes=14)


def test_another_caller_is_refused_and_told_until_when():
    claim = new_claim(None, "ada", NOW, names=True)

    with pytest.raises(Claimed, match="until 2026-11-19 12:10:00 UTC") as refused:
        new_claim(claim, "bob", NOW + LEASE - timedelta(milliseconds=1), names=True)

    assert (refused.value.until, refused.value.by) == (claim.until, "ada")


def test_a_caller_that_may_not_know_the_others_learns_no_name():
    claim = new_claim(None, "ada", NOW, names=True)

    with pytest.raises(Claimed) as refused:
        require_free(claim, "bob", NOW, names=False)

    assert refused.value.by is None


def test_a_claim_ends_by_itself():
    claim = new_claim(None, "ada", NOW, names=True)

    assert not claim.lives(NOW + LEASE)
    assert new_claim(claim, "bob", NOW + LEASE, names=True).by == "bob"
