"""Whatever two agents, a shop and the clock do to a draft: one works on it at a time, nothing is lost, and it adds up."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from comanda.domain.drafts import steps
from comanda.domain.drafts.checks import problems
from comanda.domain.drafts.document import from_draft, to_draft
from comanda.domain.drafts.draft import Delivery, DraftCharge, DraftStatus
from comanda.domain.drafts.line_steps import with_lines
from comanda.domain.drafts.totals import totals
from comanda.domain.errors import Claimed, Invalid, NotAllowed
from comanda.domain.orders.line import Discount
from tests.domain.drafts.conftest import ADA, BOB, NOW, SHOP, a_draft, a_line

ACTORS = st.sampled_from([SHOP, ADA, BOB])
LINE_IDS = st.sampled_from("1234")
RATES = st.sampled_from(["0", "0.0825", "0.19"])
LINES = st.lists(
    st.builds(
        lambda line_id, quantity, price, rate, discount: a_line(
            line_id, quantity, price, tax_rate=rate, discounts=(Discount(code="d", amount=discount),)
        ),
        LINE_IDS,
        st.integers(1, 9),
        st.integers(0, 5000),
        RATES,
        st.integers(0, 2000),
    ),
    max_size=3,
    unique_by=lambda line: line.line_id,
)
PAUSES = st.sampled_from([1, 60, 300, 600, 600, 900, 86_400, 15 * 86_400])


class ADraft(RuleBasedStateMachine):
    """The draft, beside a plain account of who may work on it and of what it has."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.draft = a_draft()
        self.lines = {line.line_id: line for line in self.draft.lines}
        self.holder, self.until = None, NOW
        self.ends = self.draft.expires_at
        self.ended = False
        self.events = 1

    def may(self, actor) -> bool:
        return self.alive and (self.holder in (None, actor.id) or self.now >= self.until)

    @property
    def alive(self) -> bool:
        return not self.ended and self.now < self.ends

    def refused(self, actor, error) -> None:
        """Hold the refusal against the account: it is told why, and the draft is as it was."""
        if not self.alive:
            assert isinstance(error, steps.DraftEnded)
        else:
            assert isinstance(error, Claimed)
            assert error.until == self.until
            assert error.by == (self.holder if actor.office else None)

    def take(self, actor, decide):
        """Let an actor decide. Returns whether the draft took it."""
        try:
            made = decide()
        except (Claimed, steps.DraftEnded) as error:
            assert not self.may(actor)
            self.refused(actor, error)
            return False
        assert self.may(actor)
        self.became(made)
        return True

    def became(self, made) -> None:
        assert made.draft.version == self.draft.version + 1
        assert made.event.at == self.now
        self.draft, self.events = made.draft, self.events + 1

    @rule(pause=PAUSES)
    def time_passes(self, pause):
        self.now += timedelta(seconds=pause)

    @rule(actor=ACTORS, wanted=LINES, removed=st.lists(LINE_IDS, max_size=2, unique=True))
    def lines_change(self, actor, wanted, removed):
        try:
            lines = with_lines(self.draft.lines, wanted, removed)
        except Invalid:
            named = {line.line_id for line in wanted}
            assert named & set(removed) or set(removed) - self.lines.keys()
            return
        self.change(actor, replace(self.draft, lines=lines))

    @rule(actor=ACTORS, amount=st.integers(0, 9000), rate=RATES, discount=st.integers(0, 9000))
    def header_changes(self, actor, amount, rate, discount):
        charges = (DraftCharge(kind="shipping", amount=amount, tax_rate=rate),)
        self.change(actor, replace(self.draft, charges=charges, discounts=(Discount(code="d", amount=discount),)))

    @rule(actor=ACTORS, store=st.booleans())
    def delivery_changes(self, actor, store):
        way = Delivery(method="PICKUP", node_id="NYC") if store else Delivery()
        self.change(actor, replace(self.draft, delivery=way))

    def change(self, actor, after):
        """Change the draft, which is refused whole when the new values do not fit together."""
        wrong, before = list(problems(after)), self.draft
        same = before.status is DraftStatus.QUOTED and after == before
        try:
            took = self.take(actor, lambda: steps.change(self.draft, after, actor, self.now))
        except Invalid:
            assert wrong
            assert self.may(actor)
            return
        if took:
            assert not wrong
            self.lines = {line.line_id: line for line in after.lines}
            self.ends = self.ends if same else steps.expiry_of_cart(self.now)
            assert self.draft.change_version == (before.change_version if same else self.draft.version)
            assert self.draft.status is (DraftStatus.QUOTED if same else DraftStatus.OPEN)
            self.held(actor, renewed=True)

    def held(self, actor, *, renewed):
        """Note who holds the draft after a step of its holder, or of anybody once the lease is over."""
        if self.holder == actor.id and self.now < self.until and renewed:
            self.until = self.now + steps.LEASE
        else:
            self.holder = None

    @rule(actor=st.sampled_from([ADA, BOB]))
    def claimed(self, actor):
        quoted = self.draft.status is DraftStatus.QUOTED
        if self.take(actor, lambda: steps.claim(self.draft, actor, self.now)):
            self.holder, self.until = actor.id, self.now + steps.LEASE
            self.ends = self.ends if quoted else steps.expiry_of_cart(self.now)

    @rule(actor=st.sampled_from([ADA, BOB]))
    def released(self, actor):
        has_it = self.alive and self.holder == actor.id and self.now < self.until
        if self.may(actor) and not has_it:
            with pytest.raises(NotAllowed) as refused:
                steps.release(self.draft, actor, self.now)
            assert not isinstance(refused.value, Claimed | steps.DraftEnded)
        elif self.take(actor, lambda: steps.release(self.draft, actor, self.now)):
            self.holder = None

    @precondition(lambda self: self.alive)
    @rule(days=st.integers(1, 20))
    def quoted(self, days):
        """Quote it, as another part of the system does."""
        self.ends = self.now + timedelta(days=days)
        self.draft = replace(self.draft, status=DraftStatus.QUOTED, expires_at=self.ends)

    @precondition(lambda self: self.events > 15)  # most lives go on for long
    @rule(actor=ACTORS)
    def abandoned(self, actor):
        if self.take(actor, lambda: steps.abandon(self.draft, actor, self.now)):
            self.ended = True
            assert self.draft.status is DraftStatus.ABANDONED

    @rule()
    def swept(self):
        made = steps.expire(self.draft, self.now)
        assert (made is not None) == (not self.ended and self.now >= self.ends)
        if made:
            self.became(made)
            self.ended = True

    @precondition(lambda self: self.events > 15)
    @rule()
    def erased(self):
        was_alive = self.alive
        made = steps.erase_customer(self.draft, "office", self.now)
        self.became(made)
        self.ended = True
        assert (self.draft.customer_id, self.draft.contact, self.draft.cart) == (None, 0, False)
        assert (self.draft.status is DraftStatus.ABANDONED) or not was_alive

    @invariant()
    def nothing_is_lost_and_it_adds_up(self):
        draft = self.draft
        assert {line.line_id: line for line in draft.lines} == self.lines
        assert draft.totals == totals(draft)
        assert draft.totals.total >= 0
        assert list(problems(draft)) == []
        assert draft.is_live(self.now) == self.alive
        found = draft.claim_at(self.now)
        holder = self.holder if self.alive and self.now < self.until else None
        assert (found.by if found else None) == holder
        assert found is None or found.until == self.until
        assert draft.expires_at == self.ends
        assert to_draft(from_draft(draft)) == draft
        assert draft.version == self.events


ADraft.TestCase.settings = settings(settings(), max_examples=60, stateful_step_count=40)

WhateverHappensToADraft = ADraft.TestCase
