"""Do with an operation what the room that calls providers does: save before each call, and survive every answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from comanda.domain.payments import operation as operations
from comanda.domain.payments.operation import ENDED, Operation, Purpose, Step

WRITTEN_AT = datetime(2026, 11, 30, tzinfo=UTC)


@dataclass
class Room:
    """Operations by id, and the provider that moves them. `clock` is the provider's; `wait` moves it on."""

    provider: Any
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    rows: dict[str, Operation] = field(default_factory=dict)

    def write(self, **facts: Any) -> str:
        number = 1 + sum(row.purpose == facts["purpose"] for row in self.rows.values())
        row = Operation(**{"order_id": "ord_1", "number": number, "written_at": self.clock(), **facts})
        self.rows[row.operation_id] = row
        return row.operation_id

    def step(self, name: str) -> Operation:
        """Do what is due for one operation now."""
        row, now = self.rows[name], self.clock()
        step = operations.next_step(row, now)
        if step is Step.SEND:
            row = self.rows[name] = operations.sent(row, now)
            self.rows[name] = operations.answered(row, getattr(self.provider, row.purpose)(row), self.clock())
        elif step is Step.ASK:
            self.rows[name] = operations.answered(row, self.provider.status(row, now), self.clock())
        elif step is Step.QUEUE:
            self.rows[name] = operations.queued(row)
        return self.rows[name]

    def run(self, name: str, most: int = 60) -> Operation:
        """Do what is due until the operation has ended. Time passes as its pauses say."""
        for _ in range(most):
            row = self.step(name)
            if row.state in ENDED:
                return row
            if row.next_at is not None:
                self.wait(max((row.next_at - self.clock()).total_seconds(), 0) + 0.01)
        raise AssertionError(f"{name} has not ended: {row}")

    def run_new(self, **facts: Any) -> Operation:
        return self.run(self.write(**facts))

    def authorize(self, amount: int = 10_000, currency: str = "USD", **facts: Any) -> Operation:
        return self.run_new(purpose=Purpose.AUTHORIZE, amount=amount, currency=currency, **facts)

    def move(self, purpose: Purpose, paid: Operation, amount: int, **facts: Any) -> Operation:
        """Run a capture, a void or a refund of what an authorisation made."""
        return self.run_new(purpose=purpose, amount=amount, currency=paid.currency, reference=paid.reference, **facts)
