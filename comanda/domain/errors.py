"""
Define the tree of errors, by the caller's fault or not, and by whether the system tries again.

* ComandaError
    x Rejected            a fault of the caller, never retried
        Invalid             a field or line is wrong: carries every problem found
        NotFound            does not exist, or is not this caller's (the same answer)
            WrongRegion       the id of another cell: carries the cell
        Forbidden           the caller may never do this
        SignedOut           the token is of a sign-in that was ended
        NotAllowed          the status forbids the request now
            NotAvailable      lines ask for more units than there are: carries each of them
            OpenOrders        orders of a customer need their contact: carries each of them
            Held              a hold blocks the transaction: carries the hold
            NeedsPayment      a change costs more than the payments cover: carries the amount
            PreviewStale      the preview of a change is not true any more: carries the new one
            Claimed           another caller works on the item of a queue: carries until when
            OfferExpired      the node answered too late
            InProgress        the same request is being served right now
        AlreadyExists       the natural key is taken: carries the order
        OutOfStock          the position has fewer units than requested
        OrderTooLarge       the packed document would not fit an item
        TooDear             rates are so large that costs could not be compared
        KeyReused           the idempotency key came with another body
        KeyMissing          a changing POST without its idempotency key
        PreconditionMissing a change of an order, a draft or a person without If-Match
        PreconditionFailed  If-Match names an old version
    x Busy                no fault of the caller, retried
        StaleOrder          another save of the order came first
        StockConflict       the position changed, or the free stock is gone: decide again
        Throttled           AWS asks for fewer requests
        NoTaxAnswer         the tax service of the channel does not answer, and the channel has no table
        Unfinished          a part is applied, the time is over: the same request applies the rest
        MailClaimed         another attempt may be sending this mail
        MailPending         the mail about the shipment is not sent yet
    x Edge                not a fault: names the edge that a waiting machine takes

This file is long because it has the whole tree of errors.

Class names are the state machines' `ErrorEquals`; errors carry data, not sentences to parse.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from comanda.domain.money import shown


class ComandaError(Exception):
    """Group all errors of the project. `code` is the stable slug of the problem type."""

    code: ClassVar[str] = "error"


class Rejected(ComandaError):
    """Refuse a request because of a fault of the caller. The same request would fail again."""

    code = "rejected"


class Busy(ComandaError):
    """Ask for the same request again. The failure is no fault of the caller, and a retry may succeed."""

    code = "busy"


class OrderBeside(Busy):
    """Say that another order of the same customer, e-mail, phone or address was stored since this one was judged."""


class Edge(ComandaError):
    """Let a waiting state of a machine take an edge at once, because its answer is already there."""

    code = "edge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Describe a wrong field: its place (JSON pointer or file line), a stable code, and a sentence for people."""

    pointer: str
    code: str
    message: str


class Invalid(Rejected):
    """Refuse a request with wrong fields. No part of the request was applied."""

    code = "invalid"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.pointer}: {p.message}" for p in problems))
        self.problems = problems


class NotFound(Rejected):
    """Say that a thing does not exist for this caller. Callers cannot tell whether another caller has it."""

    code = "not-found"

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"{what} {name} not found")
        self.what, self.name = what, name


class WrongRegion(NotFound):
    """Say that the id belongs to another cell."""

    code = "wrong-region"

    def __init__(self, what: str, name: str, cell: str) -> None:
        super().__init__(what, name)
        self.cell = cell


class Forbidden(Rejected):
    """Refuse a request that the caller may never make, in any state.

    `problems` name the fields that ask for too much, if there are any.
    """

    code = "forbidden"

    def __init__(self, message: str, *problems: Problem) -> None:
        super().__init__(message)
        self.problems = problems


class SignedOut(Rejected):
    """Refuse a token of a sign-in that was ended: the person was signed out everywhere, and signs in again."""

    code = "signed-out"


class NotAllowed(Rejected):
    """Refuse a request that the current state does not allow.

    `pointer` names the field that asked for it. `line` is the id of the order's line: only the room that took the request
    knows the line's place in the request.
    """

    code = "not-allowed"

    def __init__(self, message: str, *, pointer: str = "", line: str = "") -> None:
        super().__init__(message)
        self.pointer, self.line = pointer or ("/lines" if line else ""), line


class NotAvailable(NotAllowed):
    """Refuse lines that ask for more units than there are. No unit was reserved."""

    code = "out-of-stock"

    def __init__(self, *problems: Problem) -> None:
        sentences = list(
            dict.fromkeys(p.message for p in problems)
        )  # rows that ask for the same sku and nodes are one line
        super().__init__("; ".join(sentences[:5]), pointer="/lines")
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsCustomer:
    """Say why an order still needs the contact of its customer."""

    NOT_CLOSED: ClassVar = "not-closed"
    UNDECIDED: ClassVar = "undecided"  # a queue has an item of it
    ON_ITS_WAY: ClassVar = "on-its-way"
    OPEN_CASE: ClassVar = "open-case"
    CODES: ClassVar = (NOT_CLOSED, UNDECIDED, ON_ITS_WAY, OPEN_CASE)

    order_id: str
    code: str
    message: str


class OpenOrders(NotAllowed):
    """Refuse to erase a customer while orders need their contact. Nothing was erased."""

    code = "open-orders"

    def __init__(self, orders: Sequence[NeedsCustomer]) -> None:
        super().__init__(f"{len(orders)} orders of the customer are open: their contact is still needed")
        self.problems = tuple(
            Problem(pointer="/customer_id", code=one.code, message=f"{one.order_id} {one.message}") for one in orders
        )


class Held(NotAllowed):
    """Refuse a transaction that a hold blocks."""

    code = "held"

    def __init__(self, hold_id: str, hold_type: str, transaction: str, *, pointer: str = "") -> None:
        super().__init__(f"{transaction} is blocked by hold {hold_id} ({hold_type})", pointer=pointer)
        self.hold_id, self.hold_type, self.transaction = hold_id, hold_type, transaction


class NeedsPayment(NotAllowed):
    """Refuse changes that cost more than the order's payments cover. Carries the amount, in minor units of the currency."""

    code = "needs-payment"

    def __init__(self, amount: int, currency: str) -> None:
        message = f"{shown(amount, currency)} are not covered: send payments with the change"
        super().__init__(message, pointer="/payments")
        self.amount, self.currency = amount, currency


class ChangePending(NotAllowed):
    """Refuse to leave a change pending while another one waits for its payment."""

    code = "change-pending"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"another change waits for its payment until {until:%Y-%m-%d %H:%M:%S} UTC", pointer="/pending"
        )
        self.until = until


class PreviewStale(NotAllowed):
    """Refuse a change whose preview is not true any more. Carries the preview as it is now."""

    code = "preview-stale"

    def __init__(self, preview: dict[str, Any]) -> None:
        super().__init__("the order has moved since the preview: look at the new one", pointer="/preview_id")
        self.preview = preview


class Claimed(NotAllowed):
    """Refuse an answer to an item of a queue, its claim, or a scan of a line, while another caller's claim of it lives.

    `by` is that caller, None where the refused caller may not know it.
    """

    code = "claimed"

    def __init__(self, until: datetime, by: str | None, what: str = "this item") -> None:
        super().__init__(f"another caller works on {what} until {until:%Y-%m-%d %H:%M:%S} UTC")
        self.until, self.by = until, by


class OfferExpired(NotAllowed):
    """Refuse an answer that the node sent after its `accept_by`."""

    code = "offer-expired"


class InProgress(NotAllowed):
    """Refuse a request while another with the same Idempotency-Key, which calls an outside service, is being served."""

    code = "in-progress"


class AlreadyExists(Rejected):
    """Say that an order with this natural key exists. Carries its id."""

    code = "already-exists"

    def __init__(self, order_id: str) -> None:
        super().__init__(f"already placed as {order_id}")
        self.order_id = order_id


class OutOfStock(Rejected):
    """Say that a position has fewer units than requested."""

    code = "out-of-stock"

    def __init__(self, sku: str, node: str, asked: int, available: int) -> None:
        super().__init__(f"{sku} at {node}: asked {asked}, available {available}")
        self.sku, self.node, self.asked, self.available = sku, node, asked, available


class OrderTooLarge(Rejected):
    """Refuse an order that would not fit its item when it is packed."""

    code = "order-too-large"


class TooDear(Rejected):
    """Refuse an order whose plan may cost 2^59 micro-units or more. With larger numbers its proof could be wrong."""

    code = "too-dear"

    def __init__(self, *, shipment: int, unit: int) -> None:
        super().__init__(
            f"costs of routing are too large to be compared: a shipment up to {shipment}, a unit up to {unit} micro-units; "
            "all of an order must stay below 2^59"
        )
        self.shipment, self.unit = shipment, unit


class KeyReused(Rejected):
    """Refuse an Idempotency-Key that came before with another body."""

    code = "idempotency-key-reused"


class KeyMissing(Rejected):
    """Refuse a changing POST without an Idempotency-Key."""

    code = "idempotency-key-missing"


class TooManyRequests(Rejected):
    """Refuse a request of a network that asked too often in the last minutes."""

    code = "too-many-requests"


class PreconditionMissing(Rejected):
    """Refuse a change of an order, a draft or a person without If-Match."""

    code = "if-match-missing"


class PreconditionFailed(Rejected):
    """Refuse a change whose If-Match names a version that is no longer current."""

    code = "if-match-stale"

    def __init__(self, current: int) -> None:
        super().__init__(f"the current version is v{current}")
        self.current = current


class StaleOrder(Busy):
    """Say that another save of the order came first. Load the order and decide again."""

    code = "stale-order"


class StockConflict(Busy):
    """Say that a position changed between the decision and its write. Decide again.

    `place` is the sku and node of the position, or None if the writer does not know them.
    """

    code = "stock-conflict"

    def __init__(self, message: str = "", *, place: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.place = place


class Throttled(Busy):
    """Say that AWS asks for fewer requests."""

    code = "throttled"


class NoTaxAnswer(Busy):
    """Say that the tax service of a channel does not say a tax now, and that the channel has no tax table to go by."""

    code = "no-tax-answer"


class Unfinished(Busy):
    """Say that the time of the request ended first. The applied rows stay, and the same request applies the rest."""

    code = "unfinished"


class MailPending(Busy):
    """Say that the mail of a shipment is being sent. The order is complete when that mail is sent."""

    code = "mail-pending"


class MailClaimed(Busy):
    """Say that another attempt may be sending this mail. Try again in `seconds`, when its lease has ended."""

    code = "mail-claimed"

    def __init__(self, mail: str, seconds: int) -> None:
        super().__init__(mail)
        self.seconds = seconds


class Settled(Edge):
    """Say that every unit is cancelled, or shipped or beyond, and that every shipment is invoiced."""


class Provided(Edge):
    """Say that units were provided, and have no invoice yet."""


class RouteAgain(Edge):
    """Say that some units have no node."""


class Declined(Edge):
    """Say that the fulfillment lost all its units to a decline or a short pick."""


class Cancelled(Edge):
    """Say that the fulfillment's last live unit was cancelled."""


class Silent(Edge):
    """Say that a deadline of the node passed."""


class Shipped(Edge):
    """Say that the fulfillment's units left the node."""


class Resolved(Edge):
    """Say that the hold or the question that a state waited for is resolved."""


class Packed(Edge):
    """Say that goods are packed which may not leave without their invoice."""


class HeldNow(Edge):
    """Say that a hold was set on work that is already with the node."""
