"""
Define the parts that the models of several answers use: the base of all models, ids, times, statuses, money, pages.

Called by   the other modules of openapi/answers, openapi/operations.py
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from comanda.domain.lifecycle.modifications.modification_matrix import BLOCKABLE
from comanda.domain.orders import queues
from comanda.domain.orders.status import TRANSACTIONS, WORK_STATUSES, Status, derived


class Answer(BaseModel):
    """The base of all models. An answer has every field; a field with a default may be missing."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _among(names: Iterable[str]) -> Callable[[str], str]:
    words = frozenset(names)

    def check(name: str) -> str:
        if name not in words:
            raise ValueError("is none of the known words")
        return name

    return check


# The statuses of orders, made from any two statuses of units. A third adds none: an order's status has its highest one, and
# whether there are lower ones.
ORDER_STATUSES = sorted({derived({one: 1, other: 1}) for one in Status for other in Status})

OrderStatus = Annotated[
    str, AfterValidator(_among(ORDER_STATUSES)), Field(json_schema_extra={"enum": [*ORDER_STATUSES]})
]
WorkStatus = Annotated[str, AfterValidator(_among(WORK_STATUSES)), Field(json_schema_extra={"enum": [*WORK_STATUSES]})]
UnitStatus = Annotated[str, AfterValidator(_among(Status)), Field(json_schema_extra={"enum": [*Status]})]
QueueName = Annotated[str, AfterValidator(_among(queues.ALL)), Field(json_schema_extra={"enum": [*queues.ALL]})]
_BLOCKED = tuple(dict.fromkeys((*sorted(TRANSACTIONS), *BLOCKABLE)))  # holds of earlier types may block any step
Blocked = Annotated[str, AfterValidator(_among(_BLOCKED)), Field(json_schema_extra={"enum": [*_BLOCKED]})]
Step = Annotated[str, AfterValidator(_among(TRANSACTIONS)), Field(json_schema_extra={"enum": sorted(TRANSACTIONS)})]
Time = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", json_schema_extra={"format": "date-time"})
]
_ULID = "[0-9A-HJKMNP-TV-Z]{26}"
OrderId = Annotated[str, Field(pattern=f"^ord_[a-z0-9]{{2,8}}_{_ULID}$")]
CustomerId = Annotated[str, Field(pattern="^cus_[0-9a-f]{32}$")]
PickWaveId = Annotated[str, Field(pattern=f"^wav_[a-z0-9]{{2,8}}_{_ULID}$")]
FulfillmentId = Annotated[str, Field(pattern=f"^ful_[a-z0-9]{{2,8}}_{_ULID}-[0-9]{{3,4}}$")]
CreditNoteId = Annotated[str, Field(pattern=f"^crn_[a-z0-9]{{2,8}}_{_ULID}-[0-9]{{3,4}}$")]
InvoiceId = Annotated[str, Field(pattern=f"^inv_[a-z0-9]{{2,8}}_{_ULID}-[0-9]{{3,4}}$")]
Units = Annotated[int, Field(ge=0)]
Method = Literal["SHIP", "PICKUP"]
Service = Literal["STANDARD", "EXPRESS"]
ProofKind = Literal["CODE", "LINK", "NOTE"]
ProvisionProof = Literal["CODE", "LINK", "NOTE", "GIFT_CARD"]
Blame = Literal["customer", "retailer", "node", "carrier", "fraud"]
Precision = Literal["GIVEN", "POSTAL_CODE", "CITY", "POSTAL_PREFIX", "REGION"]


class Money(Answer):
    """An amount in minor units of the currency: 1299 USD is $12.99."""

    amount: int
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class LineUnits(Answer):
    line_id: str
    quantity: Units


class Page[Item](Answer):
    """A page of a list. `next` is the cursor of the next page, null at the end."""

    items: list[Item]
    next: str | None
