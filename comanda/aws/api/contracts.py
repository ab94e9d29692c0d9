"""
Define the base class and the types that the contracts of all doors share, and the messages for wrong fields.

Called by   functions/*/contract.py; comanda.aws.api.http, which reads a body as a contract
Raises      PydanticCustomError, which becomes a problem of the field

Types are strict, and a field that is not declared is refused.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from comanda.aws.api.json_pointer import pointer
from comanda.domain import money, text
from comanda.domain.errors import Problem
from comanda.domain.text import Kind, WrongText

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

# Codes of the API that are older than the kinds of text.
_CODES = {"missing": "string_too_short", "too-long": "string_too_long", "malformed": "string_pattern_mismatch"}


_REMEMBERED = 500  # values of a shared kind that are checked once: an order of ten lines names its currency forty times


class TextOf:
    """The kind of a text field, as in `Annotated[str, TextOf(text.SKU)]`. It reads values, and describes the field in openapi.json."""

    __slots__ = ("kind", "read")

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.read = lru_cache(_REMEMBERED)(self._read) if kind.shared else self._read

    def _read(self, value: str) -> str:
        try:
            return self.kind.read(value)
        except WrongText as wrong:
            code = _CODES.get(wrong.code, wrong.code.replace("-", "_"))
            raise PydanticCustomError(code, "{message}", {"message": wrong.message}) from wrong

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(self, schema: "CoreSchema", handler: "GetJsonSchemaHandler") -> "JsonSchemaValue":
        stated = {"minLength": self.kind.least, "maxLength": self.kind.most, "pattern": self.kind.pattern}
        return handler(schema) | {name: value for name, value in stated.items() if value}


Id = Annotated[str, TextOf(text.ID)]
Name = Annotated[str, TextOf(text.NAME)]
LineId = Annotated[str, TextOf(text.LINE_ID)]
# The values of `comanda.domain.shipping.tracking.TrackingStatus`, which few rooms load.
TrackingStatus = Literal[
    "LABEL_CREATED",
    "IN_TRANSIT",
    "OUT_FOR_DELIVERY",
    "ATTEMPTED",
    "AVAILABLE_FOR_PICKUP",
    "EXCEPTION",
    "RETURNED",
    "DELIVERED",
]
# The values of `comanda.domain.cases.case.CaseKind`, and the teams that own cases.
CaseKind = Literal["QUESTION", "LATE", "DAMAGED", "MISSING", "WRONG_ITEM", "ADDRESS", "PAYMENT", "COMPLAINT", "OTHER"]
CaseTeam = Literal["sales", "care", "planner", "tower", "finance"]
Sku = Annotated[str, TextOf(text.SKU)]
Word = Annotated[str, TextOf(text.WORD)]
Currency = Annotated[str, TextOf(text.CURRENCY)]
Country = Annotated[str, TextOf(text.COUNTRY)]
Locale = Annotated[str, TextOf(text.LOCALE)]
UnitOfMeasure = Annotated[str, TextOf(text.UNIT_OF_MEASURE)]
Clock = Annotated[str, TextOf(text.CLOCK)]
Title = Annotated[str, TextOf(text.LINE)]
# Words that stay with an order and travel in its events: a reason, a resolution, a carrier's name.
Remark = Annotated[str, TextOf(text.REMARK)]

# RFC 3339: pydantic alone would also take a number, or a text of one, as seconds since 1970.
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?")


class Contract(BaseModel):
    """A request or a part of it: types are strict, and a field that is not declared is refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


# The default of a list that may be left out. pydantic would copy a plain [] deeply for each line of an order.
NO_ITEMS: Any = Field(default_factory=list, json_schema_extra={"default": []})


def fraction(rate: str) -> str:
    """Return a rate that is below 1. Raises ValueError."""
    if int(rate.partition(".")[0]):
        raise ValueError("is a fraction below 1: 0.0825 is 8.25 %")
    return rate


def given_fraction(rate: str) -> str:
    """Return a rate of at most 1. Raises ValueError: 8.25 was meant as percent, and papers would say 825 %."""
    whole, _, places = rate.partition(".")
    if int(whole) > 1 or (int(whole) == 1 and places.strip("0")):
        raise ValueError("is a fraction of at most 1: 0.0825 is 8.25 %")
    return rate


# A rate by which we compute tax. The rate that comes with the tax of an order is kept as it was sent, and may be all of the net price.
type TaxRate = Annotated[str, TextOf(text.RATE), AfterValidator(fraction)]
type Millimetres = Annotated[int, Field(ge=1, le=20_000)]
type Dims = Annotated[list[Millimetres], Field(min_length=3, max_length=3)]  # length, width, height
type GivenRate = Annotated[str, TextOf(text.RATE), AfterValidator(given_fraction)]


class Amount(Contract):
    """An amount of money in minor units of its currency: 1299 USD is $12.99."""

    amount: Annotated[int, Field(ge=0, le=money.MOST)]
    currency: Currency


def ends_after_begin(until: str | None, others: ValidationInfo) -> str | None:
    """Check that `valid_until` comes after `valid_from`, so that what the contract describes holds for a day at least."""
    if until is not None and until <= others.data.get("valid_from", ""):
        raise ValueError("ends before it holds for a day")
    return until


class Nothing(Contract):
    """The body of a call that takes no fields: the path says everything."""


class LineUnits(Contract):
    """A number of units of one line of an order."""

    line_id: LineId
    quantity: Annotated[int, Field(ge=1, le=100_000)]


class SafetyStock(Contract):
    """Units that a new order may not take: a number of units, or a percentage of the units that are there."""

    units: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    percent: Annotated[int, Field(ge=0, le=100)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.units is None) == (self.percent is None):
            raise ValueError("is either units or percent")
        return self


def _moment(value: Any) -> datetime:
    """Return the UTC time of an RFC 3339 text. Raises PydanticCustomError for another value."""
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
        return at.astimezone(UTC)  # stored times are compared as text
    except OverflowError:
        return at  # the first or last day of the calendar: the check of the field's own limits refuses it


Moment = Annotated[datetime, BeforeValidator(_moment)]


def _day(text: str) -> str:
    """Return an ISO day that exists in the calendar. Raises PydanticCustomError otherwise."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise PydanticCustomError("not_a_day", "there is no such day") from error


Day = Annotated[str, TextOf(text.DAY), AfterValidator(_day)]


def unique[T](values: list[T]) -> list[T]:
    """Return a list in which no value occurs twice. Raises PydanticCustomError otherwise."""
    if len(set(map(str, values))) < len(values):
        raise PydanticCustomError("named_twice", "names something twice")
    return values


def _in_use(currency: str) -> str:
    if currency in money.REPLACED:
        raise PydanticCustomError("unknown_currency", "was replaced by another currency: no new sale is in it")
    return currency


NewCurrency = Annotated[Currency, AfterValidator(_in_use)]  # of a new sale


def _names_once(found: Any) -> Any:
    """Return a dictionary in which no two names are equal when trimmed. Raises PydanticCustomError otherwise."""
    if isinstance(found, dict):
        unique([text.trimmed(name) if isinstance(name, str) else name for name in found])
    return found


# Refuse a dictionary that has two spellings of one name: one of the two values would be hidden.
NamesOnce = BeforeValidator(_names_once)


def wrong_field(name: str, message: str) -> PydanticCustomError:
    """Return the error of a check that compares fields, at the field of this name: by itself it would be about the whole."""
    return PydanticCustomError("value_error", "{message}", {"message": message, "field": name})


def problem(found: Mapping[str, Any]) -> Problem:
    """Return a Problem for one error of pydantic's: the field's place, a code, and a sentence that follows the field's
    name."""
    kind, where = str(found["type"]), [str(part) for part in found["loc"] if part != "[key]"]
    if "[key]" in found["loc"] and kind == "card_number":
        where.pop()  # the name of the field is the card number itself
    if (name := found.get("ctx", {}).get("field")) is not None:
        where.append(str(name))
    template = _MESSAGES.get(kind)
    message = template.format(**found.get("ctx", {})) if template else str(found["msg"]).removeprefix("Value error, ")
    return Problem(pointer=pointer(where), code=kind.replace("_", "-"), message=message)


_MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "is no field of this request",
    "model_type": "takes a JSON object",
    "model_attributes_type": "takes a JSON object",
    "dict_type": "takes a JSON object",
    "list_type": "takes a list",
    "string_type": "takes text",
    "string_unicode": "holds half of a surrogate pair, which is no text",
    "int_type": "takes a whole number",
    "int_from_float": "takes a whole number",
    "int_parsing_size": "takes a smaller number",
    "float_type": "takes a number",
    "finite_number": "takes a number that is not endless",
    "bool_type": "takes true or false",
    "literal_error": "takes {expected}",
    "greater_than_equal": "takes {ge} or more",
    "less_than_equal": "takes {le} or less",
    "too_short": "takes {min_length} or more entries",
    "too_long": "takes at most {max_length} entries",
}
