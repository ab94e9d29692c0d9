"""Refusals as the API answers them (RFC 9457): which types there are, with which status, and when."""

from collections.abc import Mapping

from comanda.aws.api import problems
from comanda.aws.directory import packs, writer
from comanda.aws.dynamodb import list_pages
from comanda.aws.files import applied_rows
from comanda.aws.stock_updates import adjustments
from comanda.domain import errors
from comanda.domain.errors import ComandaError
from comanda.domain.reservations import reservations
from infra import node
from openapi.answers.orders import Answer

URN = "urn:comanda:problem:"

# What a door can answer; the other errors of the tree are told to machines, mails and the inbox only.
OF_DOORS: tuple[type[ComandaError], ...] = (
    adjustments.Conflicting,
    writer.StaleEntry,
    errors.AlreadyExists,
    errors.Forbidden,
    errors.Held,
    errors.InProgress,
    errors.Invalid,
    errors.KeyMissing,
    errors.KeyReused,
    errors.NotAllowed,
    errors.NotFound,
    errors.OfferExpired,
    errors.OrderTooLarge,
    errors.OutOfStock,
    errors.PreconditionFailed,
    errors.PreconditionMissing,
    errors.StaleOrder,
    errors.StockConflict,
    errors.Throttled,
    errors.TooDear,
    errors.Unfinished,
    errors.WrongRegion,
    problems.BadQuery,
    problems.BadRequest,
    problems.Internal,
    problems.TooLarge,
    list_pages.BadCursor,
    packs.StalePack,
    reservations.RequestReused,
    reservations.ReservationEnded,
    reservations.ReservationExpired,
    reservations.ReservationPending,
    applied_rows.RowTaken,
)


class WrongField(Answer):
    """`pointer` is a JSON pointer into the body, or names a query parameter or a part of the path."""

    pointer: str
    code: str
    message: str


class Problem(Answer):
    """`type` is stable and meant for programs, `detail` for people, `trace_id` for our logs."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongField]
    trace_id: str
    order_id: str | None = None  # already-exists: the order that has the external id
    hold_id: str | None = None  # held: the hold, and its type
    hold_type: str | None = None
    cell: str | None = None  # wrong-region: where the id belongs


def by_status() -> Mapping[int, tuple[str, ...]]:
    """status -> the problem types that come with it; 400 stands for what the gateway refuses without a status of its own."""
    node.use()  # the gateway's own refusals stand in the CDK's code
    from infra.constructs import gateway

    found: dict[int, set[str]] = {}
    for kind in OF_DOORS:
        found.setdefault(problems.status_of(kind), set()).add(kind.code)
    for status, code, _, _ in gateway.REFUSALS.values():
        found.setdefault(int(status), set()).add(code)
    for code, _, _ in gateway.DEFAULTS.values():
        found.setdefault(400, set()).add(code)
    return {status: tuple(sorted(codes)) for status, codes in sorted(found.items())}
