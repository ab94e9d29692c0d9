"""Declare the body of POST /v1/orders/{order_id}/changes."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from comanda.aws.api.contracts import Amount, Contract, Id, LineId, Remark, Sku, TextOf, Word
from comanda.aws.api.sale_contracts import Address
from comanda.domain import text
from comanda.domain.lifecycle.changes.changed_amounts import AppeasementReason
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from functions.intake.contract import LineIn, OptionalText, PaymentIn, Requested

_TAKEN = tuple(one for one in Modification if one is not Modification.CANCEL)


def _reason(name: str) -> str:
    if name not in set(AppeasementReason):
        raise ValueError(f"is not one of {', '.join(AppeasementReason)}")
    return name


AppeasementReasonName = Annotated[str, AfterValidator(_reason), Field(json_schema_extra={"enum": [*AppeasementReason]})]


def _modification(name: str) -> str:
    if name not in _TAKEN:
        raise ValueError(f"is not one of {', '.join(_TAKEN)}")
    return name


class ChangeIn(Contract):
    """One change. Each modification has its own fields: note `note`; priority `priority`; tags `tags`; tax_id `tax_id`; price `line_id` and
    `unit_price`; discount `code` and `amount`; appeasement `why` and `amount`; charge `kind`, `amount` and `tax`; quantity
    `line_id` and `quantity`; add_line `lines`; replace `line_id`, `quantity`, `sku`, `new_line_id` and `unit_price`; ship_to
    `ship_to`, and `line_id` for one line; requested `requested`; service `service`, and `line_id` for one line;
    method `line_id`, `method`, and `node_id` of a pickup or `ship_to` of what is sent; store `line_id` and `node_id`; node
    `line_id` and `node_id`, for the office alone."""

    modification: Annotated[str, AfterValidator(_modification), Field(json_schema_extra={"enum": [*_TAKEN]})]
    line_id: LineId | None = None
    quantity: Annotated[int, Field(ge=0, le=100_000)] | None = None
    unit_price: Amount | None = None
    code: Word | None = None
    why: AppeasementReasonName | None = None
    kind: Word | None = None
    amount: Amount | None = None
    tax: Amount | None = None
    priority: Annotated[int, Field(ge=0, le=9)] | None = None
    tags: Annotated[list[Word], Field(max_length=20)] | None = None
    tax_id: Annotated[str, TextOf(text.TAX_ID)] | None = None
    note: OptionalText | None = None
    ship_to: Address | None = None
    requested: Requested | None = None
    service: Literal["STANDARD", "EXPRESS"] | None = None
    method: Literal["SHIP", "PICKUP"] | None = None
    node_id: Id | None = None
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=100)] | None = None
    sku: Sku | None = None
    new_line_id: LineId | None = None


class PaymentsIn(Contract):
    """Further authorisations of an order. They make its pending change if they cover it."""

    payments: Annotated[list[PaymentIn], Field(min_length=1, max_length=10)]


class PaymentLinkIn(Contract):
    """Ask the customer to pay what is missing: at a page of the payment provider (`LINK`), or with a code of Pix (`PIX`). `again`
    mails them once more when a link for that is open. `CARD` asks the provider to authorise it on the order's card besides, to which
    the customer has agreed."""

    method: Literal["LINK", "PIX", "CARD"]
    again: bool = False


class ChangesIn(Contract):
    """Changes that are made together or not at all. `preview` shows what they would do; the change itself may name the preview
    on which it was decided. `payments` pay for what the changes add; without them `pending` lets the changes wait for a day. The reason has words, a code of
    the cancel reasons, or both."""

    preview: bool = False
    preview_id: Id | None = None
    pending: bool = False
    reason: Remark | None = None
    reason_code: Id | None = None
    changes: Annotated[list[ChangeIn], Field(min_length=1, max_length=100)]
    payments: Annotated[list[PaymentIn], Field(max_length=10)] = []
