"""
Live a draft's life before its order's: a shop and two agents change, claim, quote and confirm it, in any order.

The order of the confirmed draft says the same amounts as the draft did, to the cent.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from comanda.domain.drafts import quotes, steps
from comanda.domain.drafts.document import from_draft, to_draft
from comanda.domain.drafts.draft import Draft, DraftCharge, DraftLine, DraftPrice, DraftStatus, PriceSource
from comanda.domain.drafts.line_steps import with_lines
from comanda.domain.drafts.steps import Actor, DraftDecision
from comanda.domain.drafts.totals import taxes
from comanda.domain.errors import Claimed, Invalid, NotAllowed
from comanda.domain.orders.line import PROVIDED_KINDS, Discount
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Charge, Order
from tests.builders import NOW, ORDER_ID, a_line, a_tender, an_order
from tests.domain.models.choices import SKUS, Choose

if TYPE_CHECKING:
    from collections.abc import Callable

SHOP, ADA, BOB = Actor(id="shop", office=False), Actor(id="ada", office=True), Actor(id="bob", office=True)
MOST_STEPS = 12
RATES = ("0", "0.0825", "0.19")
PAUSES = (1, 60, 600, 900, 86_400, 20 * 86_400)


class DraftLife:
    """A draft, and who may work on it: `holder` until `until`. `steps` are what was done to it."""

    def __init__(self, choose: Choose) -> None:
        self.choose, self.now, self.steps = choose, NOW, ["create"]
        self.holder, self.until = "", NOW
        draft = Draft(
            draft_id=ORDER_ID.replace("ord_", "drf_"),
            channel="web",
            currency="USD",
            locale="en-US",
            created_at=NOW,
            updated_at=NOW,
            expires_at=NOW,
            prices_include_tax=choose.number(0, 2) == 0,
            lines=(self._line("1"),),
        )
        self.draft = steps.create(draft, SHOP).draft

    def lived(self) -> tuple[Order, datetime] | None:
        """Return the order of the draft and when it was confirmed. None: it ended otherwise."""
        deeds: tuple[Callable[[], None], ...] = (
            self.change,
            self.change,
            self.claim,
            self.release,
            self.quote,
            self.wait,
        )
        for _ in range(self.choose.number(1, MOST_STEPS)):
            deed = self.choose.one((*deeds, self.abandon) if self.choose.number(0, 9) == 0 else deeds)
            self.steps.append(deed.__name__)
            deed()
            self._check()
        self.steps.append("confirm")
        return self._confirmed()

    def change(self) -> None:
        """Add or replace lines, or change a discount or a charge. What does not fit together is refused whole."""
        actor, before = self._actor(), self.draft
        match self.choose.number(0, 2):
            case 0:
                line = self._line(self.choose.one("1234"))
                after = replace(before, lines=with_lines(before.lines, [line], []))
            case 1:
                amount = self.choose.number(0, sum(line.goods for line in before.lines))
                after = replace(before, discounts=(Discount(code="ORDER", amount=amount),) if amount else ())
            case _:
                charge = DraftCharge(
                    kind="SHIPPING", amount=self.choose.one((0, 1, 999)), tax_rate=self.choose.one(RATES)
                )
                after = replace(before, charges=(charge,))
        try:
            self._take(actor, lambda: steps.change(before, after, actor, self.now))
        except Invalid:
            assert self._may(actor)
            assert self.draft is before
            return
        if self.draft is not before:
            assert self.draft.status is (before.status if after == before else DraftStatus.OPEN)
            self._hold(actor, steps.LEASE if self._has(actor) else timedelta())

    def claim(self) -> None:
        actor = self.choose.one((ADA, BOB))
        if self._take(actor, lambda: steps.claim(self.draft, actor, self.now)):
            self._hold(actor, steps.LEASE)

    def release(self) -> None:
        actor = self.choose.one((ADA, BOB))
        has = self._has(actor)
        try:
            steps.release(self.draft, actor, self.now)
        except NotAllowed:
            assert not (has and self.draft.is_live(self.now))
            return
        self._take(actor, lambda: steps.release(self.draft, actor, self.now))
        assert has
        self._hold(actor, timedelta())

    def quote(self) -> None:
        actor, before = self._actor(), self.draft
        took = self._take(
            actor,
            lambda: quotes.quote(
                before, actor, self.now, base="Q-0000-0000", valid_until=None, listed={}, mailed=False
            ),
        )
        if took:
            assert self.draft.totals == before.totals, "a quote offers the draft as it is"
            assert self.draft.quote is not None
            assert self.draft.quote.revision == (before.quote.revision if before.quote else 0) + 1
            self._hold(actor, steps.LEASE if self._has(actor) else timedelta())

    def wait(self) -> None:
        self.now += timedelta(seconds=self.choose.one(PAUSES))
        ended = steps.expire(self.draft, self.now)
        assert (ended is None) == (self.draft.status not in ("OPEN", "QUOTED") or self.now < self.draft.expires_at)
        if ended is not None:
            self.draft = ended.draft

    def abandon(self) -> None:
        actor = self._actor()
        self._take(actor, lambda: steps.abandon(self.draft, actor, self.now))

    def _confirmed(self) -> tuple[Order, datetime] | None:
        actor = self.choose.one((ADA, BOB))
        try:
            quotes.require_confirmable(self.draft, actor, self.now)
        except (Claimed, steps.DraftEnded):
            assert not self._may(actor)
            return None
        assert self._may(actor)
        before = self.draft
        self.draft = quotes.confirm(before, ORDER_ID, actor, self.now).draft
        order = self._order(before)
        assert order.totals == before.totals, "the order says what its draft said"
        for again in (
            lambda: steps.change(self.draft, self.draft, SHOP, self.now),
            lambda: steps.claim(self.draft, actor, self.now),
            lambda: steps.abandon(self.draft, actor, self.now),
            lambda: quotes.require_confirmable(self.draft, actor, self.now),
        ):
            try:
                again()
            except steps.DraftEnded:
                continue
            raise AssertionError("a confirmed draft takes no step")
        assert steps.expire(self.draft, self.now + timedelta(days=400)) is None
        return order, self.now

    def _order(self, draft: Draft) -> Order:
        """Return the order as the door makes it of a draft: with the amounts of the draft."""
        of_lines, of_charges = taxes(draft)
        goods = [
            a_line(
                line.sku,
                line.quantity,
                line.price.amount,
                line_id=line.line_id,
                discount=line.discount,
                tax=tax,
                kind=line.kind,
                method=draft.deliveries()[line.line_id].method,
                node="store-1" if draft.deliveries()[line.line_id].method == PICKUP else None,
            )
            for line, tax in zip(draft.lines, of_lines, strict=True)
        ]
        made = an_order(*goods, prices_include_tax=draft.prices_include_tax, placed_at=self.now)
        charges = zip(draft.charges, of_charges, strict=True)
        return replace(
            made,
            charges=tuple(Charge(kind=one.kind, amount=one.amount, tax=tax) for one, tax in charges),
            discounts=draft.discounts,
            totals=draft.totals,
            payments=(a_tender(draft.totals.total),) if draft.totals.total else (),
        )

    def _take(self, actor: Actor, decide: "Callable[[], DraftDecision]") -> bool:
        """Let an actor decide, who may or may not. Returns whether the draft took the step."""
        try:
            made = decide()
        except (Claimed, steps.DraftEnded):
            assert not self._may(actor), f"{self.steps[-1]} of {actor.id} was refused"
            return False
        assert self._may(actor), f"{self.steps[-1]} of {actor.id} was allowed"
        assert made.draft.version == self.draft.version + 1, "one version for each step"
        self.draft = made.draft
        return True

    def _may(self, actor: Actor) -> bool:
        return self.draft.is_live(self.now) and (self.holder in ("", actor.id) or self.now >= self.until)

    def _has(self, actor: Actor) -> bool:
        return self.holder == actor.id and self.now < self.until

    def _hold(self, actor: Actor, time: timedelta) -> None:
        self.holder, self.until = (actor.id, self.now + time) if time else ("", self.now)

    def _actor(self) -> Actor:
        return self.choose.one((SHOP, ADA, BOB))

    def _line(self, line_id: str) -> DraftLine:
        quantity, price = self.choose.number(1, 6), self.choose.one((1, 7, 333, 999, 12_345))
        kind = self.choose.one((*["PRODUCT"] * 6, *sorted(PROVIDED_KINDS)))
        cost = DraftPrice(amount=price, source=PriceSource.CALLER)
        return DraftLine(
            line_id=line_id,
            sku=self.choose.one(SKUS),
            quantity=quantity,
            price=cost,
            kind=kind,
            tax_rate=self.choose.one(RATES),
        )

    def _check(self) -> None:
        """Check the draft after a step: it reads back, has one owner at most, and adds up."""
        draft = self.draft
        assert to_draft(from_draft(draft)) == draft
        found = draft.claim_at(self.now)
        assert (found.by if found else "") == (self.holder if draft.is_live(self.now) and self.now < self.until else "")
        goods = sum(line.quantity * line.price.amount for line in draft.lines)
        total = goods - draft.totals.discounts + draft.totals.charges
        assert draft.totals.goods == goods
        assert draft.totals.total == total + (0 if draft.prices_include_tax else draft.totals.tax)
        assert draft.totals.total >= 0
        assert draft.order_id is None
        assert draft.delivery.method == SHIP
