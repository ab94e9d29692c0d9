"""
Model the API's refusals (RFC 9457), and list their types by status.

Called by   openapi/description.py, openapi/operations.py
"""

from collections.abc import Mapping

from comanda.aws.api import problems
from comanda.aws.books import settlement_rows
from comanda.aws.customers import customer_merges
from comanda.aws.directory import packs, writer
from comanda.aws.dynamodb import list_pages
from comanda.aws.files import applied_rows
from comanda.aws.people import badges, people
from comanda.aws.stock_updates import adjustments
from comanda.domain import errors
from comanda.domain.drafts import quotes, steps
from comanda.domain.errors import ComandaError
from comanda.domain.payments import answer as notices
from comanda.domain.reservations import reservations
from infra.gateway_settings import DEFAULTS, REFUSALS
from openapi.answers.base import Answer, Money, Time
from openapi.answers.changes import ChangePreview

URN = "urn:comanda:problem:"

# Errors that a door can answer. The other errors of the tree reach only machines, mails and the inbox.
OF_DOORS: tuple[type[ComandaError], ...] = (
    adjustments.Conflicting,
    writer.StaleEntry,
    customer_merges.StaleCustomer,
    errors.AlreadyExists,
    errors.Claimed,
    errors.Forbidden,
    errors.Held,
    errors.InProgress,
    errors.Invalid,
    errors.KeyMissing,
    errors.KeyReused,
    errors.NotAllowed,
    errors.NotFound,
    errors.NeedsPayment,
    errors.ChangePending,
    errors.PreviewStale,
    errors.OfferExpired,
    errors.OpenOrders,
    errors.OrderTooLarge,
    errors.OutOfStock,
    errors.PreconditionFailed,
    errors.PreconditionMissing,
    errors.StaleOrder,
    errors.StockConflict,
    errors.Throttled,
    errors.TooDear,
    errors.TooManyRequests,
    errors.NoTaxAnswer,
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
    notices.NotSigned,
    notices.NotUnderstood,
    quotes.PriceChanged,
    quotes.QuoteExpired,
    steps.DraftEnded,
    applied_rows.RowTaken,
    settlement_rows.StaleSettlement,
    badges.StaleBadge,
    people.LastAdmin,
    people.PersonExists,
    people.StalePerson,
    errors.SignedOut,
)


class WrongField(Answer):
    """A field with a mistake. `pointer` is a JSON pointer into the body, or names a query parameter or a part of the path."""

    pointer: str
    code: str
    message: str


class Problem(Answer):
    """A refusal. `type` is stable and for programs, `detail` is for people, `trace_id` is for a search in our logs."""

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
    to_pay: Money | None = None  # needs-payment: what the payments do not cover
    preview: ChangePreview | None = None  # preview-stale: the preview as it is now
    until: Time | None = None  # claimed: when the other caller's claim ends, and whose it is
    by: str | None = None


def by_status() -> Mapping[int, tuple[str, ...]]:
    """Return status -> the problem types that have it. The gateway's refusals without a status of their own are under 400."""
    found: dict[int, set[str]] = {}
    for kind in OF_DOORS:
        found.setdefault(problems.status_of(kind), set()).add(kind.code)
    for status, code, _, _ in REFUSALS.values():
        found.setdefault(int(status), set()).add(code)
    for code, _, _ in DEFAULTS.values():
        found.setdefault(400, set()).add(code)
    return {status: tuple(sorted(codes)) for status, codes in sorted(found.items())}
