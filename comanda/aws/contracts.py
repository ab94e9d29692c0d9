"""What every contract of a door shares: strict types, no field that is not ours, ids and times as the API spells them."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from comanda.domain.cards import looks_like_a_card

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]

# RFC 3339: pydantic alone would also take a number, or a text of one, as seconds since 1970.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?")


class Contract(BaseModel):
    """Types as they are, no field that is not ours."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Amount(Contract):
    """Minor units of a currency: 1299 USD is $12.99."""

    amount: Annotated[int, Field(ge=0, le=1_000_000_000_000)]
    currency: Currency


class LineUnits(Contract):
    """So many units of a line of an order."""

    line_id: Id
    quantity: Annotated[int, Field(ge=1, le=100_000)]


class SafetyStock(Contract):
    """Units that a new order may not take: so many, or so many percent of what is there."""

    units: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    percent: Annotated[int, Field(ge=0, le=100)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.units is None) == (self.percent is None):
            raise ValueError("is either units or percent")
        return self


def _moment(value: Any) -> datetime:
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("not_a_time", "a time is text like 2026-11-22T10:00:00Z")
    if found[2] is None:
        raise PydanticCustomError("no_time_zone", "needs an offset, for instance Z")
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("not_a_time", "there is no such time") from error
    try:
        return at.astimezone(UTC)  # times are compared as text where they are kept
    except OverflowError:
        return at  # the first or last day there is: who asks for it refuses it by what it is for


Moment = Annotated[datetime, BeforeValidator(_moment)]


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise PydanticCustomError("not_a_day", "there is no such day") from error


Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_day)]


def no_card(text: str) -> str:
    """The text. Refuses what looks like a card number."""
    if looks_like_a_card(text):
        raise PydanticCustomError("card_number", "looks like a card number, which is never stored")
    return text


# Words that stay with an order and travel in its events: a reason, a resolution, a carrier's name.
Remark = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 ._-]{1,100}$"), AfterValidator(no_card)]
