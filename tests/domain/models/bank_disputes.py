"""
Let banks of customers take captured payments of a model's order back, wholly or in part, and let such disputes be won or lost.

What a bank does is told late, or after its next step. A dispute that was lost may be won after all. No refund is made of what a bank
has, or keeps. People of finance answer what was lost, before or after the goods have left and the refunds were answered.

Called by   tests/domain/models/paid_sale.py
"""

from dataclasses import dataclass

from comanda.domain.billing import disputes
from comanda.domain.billing.failed_money import REFUND
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders.dispute import Dispute
from comanda.domain.orders.queues import Queue
from comanda.domain.payments.answer import Reason
from comanda.domain.payments.dispute import DisputeState
from tests.domain.models.link_money import LinkMoney
from tests.domain.models.provider_money import Row


@dataclass(slots=True)
class Taken:
    """Hold what a bank took of a payment, as the provider has it."""

    name: str
    reference: str
    amount: int
    state: DisputeState = DisputeState.OPEN


class BankDisputes(LinkMoney):
    """The disputes of the payments of one order."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[Taken] = []

    def waits_for_banks(self) -> bool:
        """Return True if a bank decides, or a person is asked about what it has decided."""
        return any(one.state is DisputeState.OPEN for one in self.taken) or any(disputes.items(self.order))

    def open_dispute(self) -> bool:
        """Let a bank take back what was captured of a payment, or a part, also when it was refunded before."""
        left = {
            reference: held.captured - sum(one.amount for one in self.taken if one.reference == reference)
            for reference, held in self.held.items()
        }
        left = {reference: amount for reference, amount in left.items() if amount > 0}
        if not left:
            return False
        reference = self.choose.one(list(left))
        amount = self.choose.one((left[reference], left[reference], max(1, left[reference] // 3)))
        self.taken.append(Taken(f"du_{len(self.taken) + 1}", reference, amount))
        return True

    def decide_dispute(self) -> bool:
        """Let a bank decide for the shop, or for its customer, who may keep a part only. What was lost may be won later."""
        undecided = [one for one in self.taken if one.state is not DisputeState.WON]
        if not undecided:
            return False
        one = self.choose.one(undecided)
        if one.state is DisputeState.LOST:
            one.state = DisputeState.WON
            return True
        one.state = self.choose.one((DisputeState.WON, DisputeState.LOST, DisputeState.LOST))
        if one.state is DisputeState.LOST and self.choose.number(0, 2) == 0:
            one.amount = max(1, one.amount // 2)
        return True

    def tell_disputes(self) -> bool:
        """Note what the provider says of the disputes of each payment, as the room pay does after a notice."""
        before = self.order
        for at, tender in enumerate(self.order.payments):
            found = [
                Dispute(dispute_id=one.name, tender=at, amount=one.amount, state=one.state)
                for one in self.taken
                if one.reference == tender.reference
            ]
            while (decision := disputes.note(self.order, found, self.now)) is not None:
                self.save(decision)
        return self.order is not before

    def answer_dispute(self) -> bool:
        """Let a person of finance answer about a dispute that was lost, or that was won after the customer had paid again."""
        names = list(disputes.items(self.order))
        if not names:
            return False
        name = self.choose.one(names)
        is_lost = self.order.disputes[int(name.removeprefix("dispute-")) - 1].is_lost
        answer = self.choose.one((disputes.PAID, disputes.WRITE_OFF)) if is_lost else disputes.PAID
        detail = {"reason": "the bank decided"}
        try:
            self.save(resume(self.order, Queue.PAYMENTS, name, answer, "ann", self.now, detail))
        except NotAllowed:
            assert self.order.totals.total > self.order.invoiced_total, (
                "only goods that are not invoiced are waited for"
            )
            return False
        return True

    def end_disputes(self) -> None:
        """Let the banks decide what is open, and people answer what was lost."""
        while any(one.state is DisputeState.OPEN for one in self.taken):
            self.decide_dispute()
        self.tell_disputes()
        while self.answer_dispute():
            pass

    def _move(self, row: Row) -> Reason | None:
        one = row.operation
        if one.purpose == REFUND:
            reference = self.order.payments[one.tender].reference
            mine = [each for each in self.taken if each.reference == reference]
            kept = sum(each.amount for each in mine if each.state is DisputeState.LOST)
            held = self._held_of(row)
            is_open = any(each.state is DisputeState.OPEN for each in mine)
            if is_open or (kept and held.refunded + one.amount > held.captured - kept):
                return Reason.DISPUTED
        return super()._move(row)
