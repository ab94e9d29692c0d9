"""
Have the customer of a model's order pay by links and codes of Pix, at a provider with books of its own.

A page is paid once, twice with another one, at the last second, after it was made void, with another amount, or never; the shop may
tell of its payment besides. Answers are lost, and come late. What was paid is counted once, and what nothing needs goes back at once.

Called by   tests/domain/models/paid_sale.py
"""

from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import payment_links
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.lifecycle.payment_links import MOST, Paid
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.rule_holds import HoldType
from comanda.domain.orders.surplus import needs_review, surplus
from comanda.domain.orders.tender import LINK, PIX, Tender
from comanda.domain.payments.answer import Reason
from tests.builders import a_hold_type
from tests.domain.models.provider_money import DECLINED, DONE, UNITS, WRITTEN, Held, ProviderMoney, Row

PROVIDER = "stripe"
_LASTS = timedelta(hours=24)  # a page
_LATE = timedelta(hours=2)  # in which a payment may still come, after its page is over


@dataclass(slots=True)
class Page:
    """A page, or a code of Pix, as the provider has it. `paid` is the payment that it became, of another amount if it `differs`."""

    row: Row
    until: datetime
    void: bool = False
    paid: str = ""
    differs: bool = False
    ends: datetime | None = None

    def over(self, now: datetime) -> bool:
        return self.void or self.until <= now


class LinkMoney(ProviderMoney):
    """The links of one order, and the pages that the provider made for them."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[Page] = []
        self.of_pages: Counter[str] = Counter()

    def payment_kind(self) -> HoldType | None:
        """Return the type of the hold of an order that waits for its customer, or None as in a shop that has not set it."""
        if self.choose.number(0, 2):
            return None
        meaning = self.choose.one((holds.ASK, holds.CANCEL))
        minutes = self.choose.one((60, 48 * 60))
        return a_hold_type(holds.PAYMENT, "release", expires_minutes=minutes, on_expiry=meaning)

    def a_method(self, currency: str) -> str:
        return self.choose.one((LINK, PIX)) if currency == "BRL" else LINK

    def a_link(self, amount: int, currency: str) -> Tender:
        """Return the payment of a new order whose customer is asked for an amount."""
        method = self.a_method(currency)
        return Tender(method=method, reference="", authorized=0, provider=PROVIDER, asked=amount, requested=amount)

    def link_rows(self) -> list[Row]:
        """Return the operations of links about which there is something to do."""
        rows = [row for row in self.rows if self.is_link(row)]
        return [row for row in rows if row.state == WRITTEN or self._may_be_late(row)]

    def _may_be_late(self, row: Row) -> bool:
        page = self._page_of(row)
        return page is not None and row.state == DECLINED and bool(page.paid) and not page.differs

    def _page_of(self, row: Row) -> Page | None:
        return next((page for page in self.pages if page.row is row), None)

    # The provider

    def link_works(self) -> bool:
        """Let the room pay look at a link: its page is made, made void, or asked about."""
        rows = self.link_rows()
        if not rows:
            return False
        self.work_on_link(self.choose.one(rows), fails=True)
        return True

    def work_on_link(self, row: Row, *, fails: bool) -> None:
        page = self._page_of(row)
        decision = self._asked_about(row, page, fails=fails) if page else self._new_page(row, fails=fails)
        if decision is not None:
            self.save(decision)

    def _new_page(self, row: Row, *, fails: bool) -> Decision | None:
        one, unit = row.operation, UNITS.get(self.order.currency, 1)
        if not self.order.payments[one.tender].asked:
            return self._over(row, Reason.NOT_DONE)
        if one.amount % unit:
            return self._over(row, Reason.UNIT)
        if fails and self.choose.number(1, 10) == 1:
            return self._over(row, Reason.TOO_LITTLE)
        if fails and self.choose.number(1, 5) == 1:
            return None  # the provider never heard of it: it is sent again
        page = Page(row, self.now + _LASTS)
        self.pages.append(page)
        return None if fails and self.choose.number(1, 5) == 1 else self._shown(page)

    def _shown(self, page: Page) -> Decision | None:
        one = page.row.operation
        return payment_links.shown(self.order, one.tender, f"pay.example/{one.number}", page.until, self.now)

    def _asked_about(self, row: Row, page: Page, *, fails: bool) -> Decision | None:
        if row.state == WRITTEN and not self.order.payments[row.operation.tender].asked:
            if fails and self.choose.number(1, 4) == 1:
                return None  # the provider did not hear that the page is void
            page.void = page.void or not page.paid
        if page.paid:
            return self._unclear(row, Reason.AMOUNT_DIFFERS) if page.differs else self._paid(row, page)
        if page.over(self.now):
            return self._over(row, Reason.PAYMENT_EXPIRED)
        if fails and self.choose.number(1, 12) == 1:
            return self._unclear(row, Reason.NO_ANSWER)  # after two days without an answer
        return self._shown(page)

    def _over(self, row: Row, reason: Reason) -> Decision | None:
        row.state = DECLINED
        return payment_links.not_paid(self.order, row.operation.tender, reason, self.now)

    def _unclear(self, row: Row, reason: Reason) -> Decision:
        row.state = DECLINED
        return payment_links.unclear(self.order, self._failed(row.operation, reason), self.now)

    def _paid(self, row: Row, page: Page) -> Decision:
        at, held = row.operation.tender, self.held[page.paid]
        row.state = DONE
        found = Paid(reference=page.paid, amount=held.authorized, captured=held.captured, ends=page.ends)
        before = surplus(self.order, self.now)
        told = any(tender.reference == page.paid for tender in self.order.payments)
        decision = payment_links.paid(self.order, at, found, self.now)
        assert not decision.order.payments[at].asked
        assert told == (not decision.order.payments[at].reference), "a payment is counted once"
        if self.order.pending is None:
            assert surplus(decision.order, self.now) <= max(0, before), "what nothing needs goes back at once"
        return decision

    # The customer and the shop

    def pay_link(self) -> bool:
        """Let the customer pay a page that they see, or one that has just ended."""
        pages = [page for page in self.pages if not page.paid and self.now < page.until + _LATE]
        late = self.choose.number(0, 3) == 0
        pages = [page for page in pages if late or not page.over(self.now)]
        if not pages:
            return False
        self.pay_page(self.choose.one(pages))
        return True

    def pay_page(self, page: Page, *, exactly: bool = False) -> None:
        """Let the customer pay a page: with a card, of which the shop may capture a part by itself, or at once by Pix."""
        one = page.row.operation
        method = self.order.payments[one.tender].method
        self.references += 1
        others = any(other.paid for other in self.pages)
        page.paid = f"pay_{self.references}"
        self.of_pages["pages paid"] += 1
        self.of_pages["pages paid late"] += page.over(self.now)
        self.of_pages["pages paid beside others"] += others
        if not exactly and self.choose.number(1, 12) == 1:
            page.differs = True
            return
        if method == PIX:
            self.held[page.paid] = Held(one.amount, None, captures_often=False, captured=one.amount, spent=True)
            return
        hours = self.choose.one((6, 20, 50, 150))
        page.ends = self.now + timedelta(hours=hours)
        held = Held(one.amount, page.ends, captures_often=self.choose.number(0, 1) == 1)
        if not exactly and self.choose.number(1, 12) == 1:
            held.captured, held.spent = self.choose.number(1, one.amount), True
        self.held[page.paid] = held

    def tell_link(self) -> bool:
        """Let the shop tell of the payment of a page that it sees at the provider, before we know of it."""
        known = {tender.reference for tender in self.order.payments}
        pages = [page for page in self.pages if page.ends is not None and page.paid not in known]
        pages = [page for page in pages if not self.held[page.paid].spent]
        if not pages or self.order.pending is not None:
            return False
        page = self.choose.one(pages)
        amount = self.held[page.paid].authorized
        told = Tender(method="CARD", reference=page.paid, authorized=amount, provider=PROVIDER, expires_at=page.ends)
        try:
            self.save(pending_changes.with_payments(self.order, (told,), "shop", self.now))
        except NotAllowed:  # the order has ended
            return False
        return True

    def ask(self) -> bool:
        """Let a person ask the customer for what is missing."""
        method, again = self.a_method(self.order.currency), self.choose.number(0, 1) == 1
        try:
            asked = payment_links.ask(self.order, method, PROVIDER, "ann", self.now, self.payment_kind(), again=again)
        except NotAllowed:
            return False
        if asked is None:
            return False
        self.save(asked)
        return True

    @abstractmethod
    def covered(self) -> int:
        """Return what is paid, and what can be captured by now."""

    # Identities

    def check_links(self, order: Order) -> None:
        """Check that the links of an order that was just saved ask for what it lacks."""
        links = [tender for tender in order.payments if tender.by_link and tender.asked]
        if not links:
            return
        increasing = sum(tender.increasing for tender in order.payments)
        renewing = sum(tender.asked for tender in order.payments if not tender.by_link) - increasing
        lacks = max(0, order.totals.total - self.covered())
        assert not order.settled
        if not needs_review(order, self.now):
            more = order.pending.to_pay if order.pending else 0
            missing = max(0, max(0, lacks - renewing) + more - increasing)
            assert sum(link.asked for link in links) == missing, "links ask for what is missing"
        assert sum(tender.by_link for tender in order.payments) <= MOST

    def needless_of_links(self) -> int:
        """Return what the order has of links, and does not need."""
        order = self.order
        has = sum(0 if t.ended(self.now) else t.open for t in order.payments if t.by_link)
        ahead = max(0, order.accounted - order.invoiced_total)  # what pays an invoice is not given back
        has += min(ahead, sum(tender.refundable for tender in order.payments if tender.by_link))
        return min(has, max(0, self.covered() - max(order.totals.total, order.invoiced_total)))

    def check_release(self) -> None:
        """Check that an order is held while it lacks what its customer was asked for."""
        order = self.order
        asked = any(tender.by_link for tender in order.payments) and not order.settled
        lacks = order.totals.total - self.covered()
        assert not asked or lacks <= 0 or order.blocked("release"), "nothing leaves that the customer has not paid"

    def check_pages(self) -> None:
        """Check at the end that each payment of a page is counted, or was told, exactly once."""
        references = [tender.reference for tender in self.order.payments if tender.outside and tender.reference]
        assert len(set(references)) == len(references)
        paid = {page.paid for page in self.pages if page.paid and not page.differs}
        assert paid <= set(references), "no payment of a customer is forgotten"
