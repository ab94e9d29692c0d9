"""
Define the tree of errors, by the caller's fault or not, and by whether the system tries again.

* ComandaError
    x Rejected            the caller's fault, never retried
        Invalid             a field or line is wrong: carries every problem found
        NotFound            not there, or not this caller's (the same answer)
            WrongRegion       another cell's id: carries the cell
        Forbidden           the caller may never do this
        NotAllowed          the status forbids it now
            NotAvailable      lines ask for more than there is: carries each of them
            Held              a hold blocks it: carries the hold
            OfferExpired      the node answered too late
            InProgress        the same request is being served right now
        AlreadyExists       the natural key is taken: carries the order
        OutOfStock          fewer units than asked
        OrderTooLarge       the packed document would not fit an item
        TooDear             rates are so large that costs could not be compared
        KeyReused           the idempotency key came with another body
        KeyMissing          a changing POST without its idempotency key
        PreconditionMissing a change of an order without If-Match
        PreconditionFailed  If-Match names an old version
    x Busy                nobody's fault, retried
        StaleOrder          somebody else saved the order first
        StockConflict       the position moved, or the free stock is gone: decide again
        Throttled           AWS said: slower
        Unfinished          a part is applied, the time is over: the same request goes on with the rest
        MailClaimed         another attempt may be sending this mail
        MailPending         the customer has not heard yet of what left
    x Edge                not a fault: names the edge that a waiting machine takes

Class names are the state machines' `ErrorEquals`; errors carry data, not sentences to parse.
"""

from dataclasses import dataclass
from typing import ClassVar


class ComandaError(Exception):
    """The root. `code` is the stable slug of the problem type."""

    code: ClassVar[str] = "error"


class Rejected(ComandaError):
    """The caller's fault; asking again will not help."""

    code = "rejected"


class Busy(ComandaError):
    """Nobody's fault; asking again will."""

    code = "busy"


class Edge(ComandaError):
    """What a parked state raises when its answer is already there."""

    code = "edge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One wrong field: where (JSON pointer or file line), a stable code, and a sentence for people."""

    pointer: str
    code: str
    message: str


class Invalid(Rejected):
    """One or more fields are wrong; nothing was applied."""

    code = "invalid"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.pointer}: {p.message}" for p in problems))
        self.problems = problems


class NotFound(Rejected):
    """Not there, or not this caller's: strangers cannot tell which."""

    code = "not-found"

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"{what} {name} not found")
        self.what, self.name = what, name


class WrongRegion(NotFound):
    """The id belongs to another cell."""

    code = "wrong-region"

    def __init__(self, what: str, name: str, cell: str) -> None:
        super().__init__(what, name)
        self.cell = cell


class Forbidden(Rejected):
    """The caller may not do this, whatever the state. `problems` name the fields that ask for too much, where there are
    any."""

    code = "forbidden"

    def __init__(self, message: str, *problems: Problem) -> None:
        super().__init__(message)
        self.problems = problems


class NotAllowed(Rejected):
    """The state of the thing does not allow the request now. `pointer` names the field that asked for it, and `line` is
    the order's line by its id: only the request's door knows the line's place in the request."""

    code = "not-allowed"

    def __init__(self, message: str, *, pointer: str = "", line: str = "") -> None:
        super().__init__(message)
        self.pointer, self.line = pointer or ("/lines" if line else ""), line


class NotAvailable(NotAllowed):
    """Lines ask for more units than there are; nothing was kept."""

    code = "out-of-stock"

    def __init__(self, *problems: Problem) -> None:
        sentences = list(dict.fromkeys(p.message for p in problems))  # rows that ask for the same are one line
        super().__init__("; ".join(sentences[:5]), pointer="/lines")
        self.problems = problems


class Held(NotAllowed):
    """A hold blocks the transaction."""

    code = "held"

    def __init__(self, hold_id: str, hold_type: str, transaction: str) -> None:
        super().__init__(f"{transaction} is blocked by hold {hold_id} ({hold_type})")
        self.hold_id, self.hold_type, self.transaction = hold_id, hold_type, transaction


class OfferExpired(NotAllowed):
    """The node answered after its accept-by."""

    code = "offer-expired"


class InProgress(NotAllowed):
    """A request with the same Idempotency-Key, one that calls the outside, is being served right now."""

    code = "in-progress"


class AlreadyExists(Rejected):
    """The natural key is taken; carries what has it."""

    code = "already-exists"

    def __init__(self, order_id: str) -> None:
        super().__init__(f"already placed as {order_id}")
        self.order_id = order_id


class OutOfStock(Rejected):
    """A position has fewer units than asked."""

    code = "out-of-stock"

    def __init__(self, sku: str, node: str, asked: int, available: int) -> None:
        super().__init__(f"{sku} at {node}: asked {asked}, available {available}")
        self.sku, self.node, self.asked, self.available = sku, node, asked, available


class OrderTooLarge(Rejected):
    """The packed order would not fit its item."""

    code = "order-too-large"


class TooDear(Rejected):
    """A plan of the order may cost 2^59 micro-units or more. With larger numbers its proof could be wrong."""

    code = "too-dear"

    def __init__(self, *, shipment: int, unit: int) -> None:
        super().__init__(
            f"costs of routing are too large to be compared: a shipment up to {shipment}, a unit up to {unit} micro-units; "
            "all of an order must stay below 2^59"
        )
        self.shipment, self.unit = shipment, unit


class KeyReused(Rejected):
    """Same Idempotency-Key, other body."""

    code = "idempotency-key-reused"


class KeyMissing(Rejected):
    """A changing POST needs an Idempotency-Key."""

    code = "idempotency-key-missing"


class PreconditionMissing(Rejected):
    """A change of an order needs If-Match."""

    code = "if-match-missing"


class PreconditionFailed(Rejected):
    """If-Match names a version that is no longer the current one."""

    code = "if-match-stale"

    def __init__(self, current: int) -> None:
        super().__init__(f"the current version is v{current}")
        self.current = current


class StaleOrder(Busy):
    """Somebody else saved the order first: load and decide again."""

    code = "stale-order"


class StockConflict(Busy):
    """A position changed between the decision and its write: decide again. `place` is its sku and node, where known."""

    code = "stock-conflict"

    def __init__(self, message: str = "", *, place: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.place = place


class Throttled(Busy):
    """AWS asked us to slow down."""

    code = "throttled"


class Unfinished(Busy):
    """The request's time is over before the request is done. What is applied stays, and the same request applies the
    rest."""

    code = "unfinished"


class MailPending(Busy):
    """The mail of a shipment is being sent. The order is complete when the customer was told of the shipment."""

    code = "mail-pending"


class MailClaimed(Busy):
    """Another attempt may be sending this mail: come again when its lease is over."""

    code = "mail-claimed"


class Settled(Edge):
    """Every unit is shipped or beyond, or cancelled, and every shipment invoiced."""


class RouteAgain(Edge):
    """Some unit has nobody."""


class Declined(Edge):
    """The fulfillment lost all its units to a decline or a short pick."""


class Cancelled(Edge):
    """The fulfillment's last live unit was cancelled."""


class Silent(Edge):
    """A deadline of the node passed."""


class Shipped(Edge):
    """The fulfillment's units left the node."""


class Resolved(Edge):
    """The hold or the question that a state waited for is gone."""


class HeldNow(Edge):
    """A hold was set on work that is already with the node."""
