"""Test what happens to a draft step by step: versions, claims, ends, and the events that tell of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.drafts.draft import DraftStatus
from comanda.domain.drafts.steps import (
    LEASE,
    DraftEnded,
    Step,
    abandon,
    change,
    claim,
    create,
    expire,
    expiry_of_cart,
    release,
)
from comanda.domain.errors import Claimed, Invalid, NotAllowed
from tests.domain.drafts.conftest import ADA, BOB, LATER, NOW, SHOP, a_draft, a_line, a_plain_draft


def test_a_new_draft_is_open_has_its_totals_and_ends_after_thirty_days():
    made = create(a_plain_draft(a_line(quantity=3), tags=("phone",)), SHOP)

    assert (made.draft.status, made.draft.version, made.draft.change_version) == (DraftStatus.OPEN, 1, 1)
    assert made.draft.totals.total == 3000
    assert NOW + timedelta(days=30) < made.draft.expires_at <= NOW + timedelta(days=31)
    assert made.event.step is Step.CREATED
    assert made.event.data == {"fields": ["lines", "tags"]}


def test_a_draft_may_be_empty():
    assert create(a_plain_draft(), SHOP).draft.totals.total == 0


def test_a_change_names_what_it_changed_and_computes_the_totals_anew():
    before = a_draft()

    made = change(before, replace(before, lines=(*before.lines, a_line("2"))), SHOP, LATER, contact=("note",))

    assert made.event.data == {"fields": ["lines", "note"]}
    assert (made.draft.version, made.draft.change_version, made.draft.updated_at) == (2, 2, LATER)
    assert made.draft.totals.goods == 2000


def test_a_change_moves_the_end_of_a_cart():
    before, later = a_draft(), NOW + timedelta(days=3)

    assert change(before, before, SHOP, later).draft.expires_at == expiry_of_cart(later)


def test_a_changed_quote_is_open_again():
    quoted = replace(a_draft(), status=DraftStatus.QUOTED, expires_at=NOW + timedelta(days=2))

    assert change(quoted, replace(quoted, tags=("vip",)), ADA, LATER).draft.status is DraftStatus.OPEN
    assert change(quoted, quoted, ADA, LATER, contact=("note",)).draft.status is DraftStatus.OPEN
    assert change(quoted, quoted, ADA, LATER).draft.status is DraftStatus.QUOTED


def test_a_claim_keeps_the_shop_and_other_agents_out_for_fifteen_minutes():
    claimed = claim(a_draft(), ADA, NOW).draft

    for other in (SHOP, BOB):
        for refused in (
            lambda who=other: change(claimed, claimed, who, LATER),
            lambda who=other: abandon(claimed, who, LATER),
        ):
            with pytest.raises(Claimed) as told:
                refused()
            assert told.value.until == NOW + LEASE
            assert told.value.by == ("ada" if other.office else None)
    with pytest.raises(Claimed):
        claim(claimed, BOB, LATER)


def test_a_lease_ends_by_itself():
    claimed = claim(a_draft(), ADA, NOW).draft

    after = change(claimed, claimed, SHOP, NOW + LEASE)

    assert after.draft.claim is None
    assert claim(claimed, BOB, NOW + LEASE).draft.claim.by == "bob"


def test_each_change_of_its_owner_renews_a_claim():
    claimed = claim(a_draft(), ADA, NOW).draft

    assert change(claimed, claimed, ADA, LATER).draft.claim.until == LATER + LEASE
    assert claim(claimed, ADA, LATER).draft.claim.until == LATER + LEASE


def test_a_claim_changes_nothing_that_a_change_depends_on():
    made = claim(a_draft(), ADA, NOW)

    assert (made.draft.version, made.draft.change_version) == (2, 1)


def test_the_claim_of_a_quote_leaves_its_validity():
    quoted = replace(a_draft(), status=DraftStatus.QUOTED, expires_at=NOW + timedelta(days=2))

    assert claim(quoted, ADA, NOW).draft.expires_at == quoted.expires_at


def test_a_released_draft_is_free():
    released = release(claim(a_draft(), ADA, NOW).draft, ADA, LATER)

    assert released.event.step is Step.RELEASED
    assert claim(released.draft, BOB, LATER).draft.claim.by == "bob"


@pytest.mark.parametrize("at", [NOW, NOW + LEASE])
def test_nobody_releases_what_they_have_not_claimed(at):
    draft = a_draft() if at == NOW else claim(a_draft(), ADA, NOW).draft

    with pytest.raises(NotAllowed, match="no claim"):
        release(draft, ADA, at)


def test_an_abandoned_draft_takes_no_step():
    ended = abandon(a_draft(), SHOP, NOW).draft

    assert ended.status is DraftStatus.ABANDONED
    for step in (
        lambda: change(ended, ended, SHOP, LATER),
        lambda: claim(ended, ADA, LATER),
        lambda: abandon(ended, SHOP, LATER),
    ):
        with pytest.raises(DraftEnded, match="ABANDONED"):
            step()


def test_a_draft_ends_at_its_time_even_before_that_is_written():
    draft = a_draft()

    with pytest.raises(DraftEnded, match="EXPIRED"):
        change(draft, draft, SHOP, draft.expires_at)
    assert draft.status_at(draft.expires_at) is DraftStatus.EXPIRED
    assert draft.status_at(draft.expires_at - timedelta(milliseconds=1)) is DraftStatus.OPEN


def test_the_end_of_a_draft_is_written_once_its_time_is_over():
    draft = a_draft()

    assert expire(draft, draft.expires_at - timedelta(milliseconds=1)) is None
    made = expire(draft, draft.expires_at)
    assert (made.draft.status, made.event.step) == (DraftStatus.EXPIRED, Step.EXPIRED)
    assert expire(made.draft, draft.expires_at) is None


def test_a_draft_that_ended_has_no_claim():
    claimed = claim(a_draft(), ADA, NOW).draft

    assert abandon(claimed, ADA, LATER).draft.claim is None
    assert replace(claimed, expires_at=LATER).claim_at(LATER) is None


def test_a_wrong_change_is_refused_whole():
    before = a_draft()

    with pytest.raises(Invalid) as refused:
        change(before, replace(before, lines=(a_line("1"), a_line("1"))), SHOP, LATER)
    assert [p.pointer for p in refused.value.problems] == ["/lines/1/line_id"]
