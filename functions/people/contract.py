"""
Define the requests about people, their settings, devices and badges. Unknown fields and values out of range are refused by
pointer.

Called by   functions/people; openapi
Returns     pydantic models
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from comanda.aws.api.contracts import Amount, Contract, Id, Locale, TextOf, unique
from comanda.domain import text
from comanda.domain.people import DESKS, is_guessable


def _desk(name: str) -> str:
    if name not in DESKS:
        raise ValueError(f"is not one of {', '.join(DESKS)}")
    return name


def _one_a_currency(amounts: list[Amount]) -> list[Amount]:
    unique([one.currency for one in amounts])
    return amounts


def _not_guessable(pin: str) -> str:
    if is_guessable(pin):
        raise PydanticCustomError("guessable", "is one of the first that anyone would try: choose four other digits")
    return pin


type Ids = Annotated[list[Id], Field(max_length=1000), AfterValidator(unique)]
type Desk = Annotated[str, AfterValidator(_desk), Field(json_schema_extra={"enum": [*DESKS]})]
Pin = Annotated[str, TextOf(text.PIN)]


class Limits(Contract):
    """The limits of what a person may give a customer. A limit that is missing is nothing at all. `appeasement` is the most
    money for one order, one amount a currency; `override_percent` is the most that the price of a line may be lowered by;
    `gift_cards` is the most that one gift card or store credit may be issued with, one amount a currency; `customer_credit` is
    the highest limit of a credit account that the person sets alone, one amount a currency."""

    appeasement: Annotated[list[Amount], Field(min_length=1, max_length=50), AfterValidator(_one_a_currency)] | None = (
        None
    )
    override_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    gift_cards: Annotated[list[Amount], Field(min_length=1, max_length=50), AfterValidator(_one_a_currency)] | None = (
        None
    )
    customer_credit: (
        Annotated[list[Amount], Field(min_length=1, max_length=50), AfterValidator(_one_a_currency)] | None
    ) = None


class Rights(Contract):
    """A person's rights, whole: what a request leaves out, the person does not have. `name` is what colleagues see."""

    name: Annotated[str, TextOf(text.PERSON_NAME)]
    roles: Annotated[list[Id], Field(min_length=1, max_length=20), AfterValidator(unique)]
    desks: Annotated[list[Desk], Field(max_length=len(DESKS)), AfterValidator(unique)] = []
    nodes: Ids = []
    channels: Ids = []
    partner: Id | None = None
    limits: Limits | None = None
    locale: Locale | None = None


class Invitation(Rights):
    """A person who is invited by e-mail, with their rights."""

    email: Annotated[str, TextOf(text.EMAIL)]


class OwnSettings(Contract):
    """A person's own settings of the console, whole: what a request leaves out goes back to what is usual. `keys` turns the
    console's key commands on or off."""

    locale: Locale | None = None
    theme: Literal["SYSTEM", "LIGHT", "DARK"] | None = None
    density: Literal["COMFORTABLE", "COMPACT"] | None = None
    keys: bool | None = None


class NewDevice(Contract):
    """A device that people of a node share. `name` is written on it."""

    node_id: Id
    name: Annotated[str, TextOf(text.REMARK)]


class NewBadge(Contract):
    """A badge for the person who asks, with the PIN that they chose."""

    pin: Annotated[Pin, AfterValidator(_not_guessable)]


class OpenBadge(Contract):
    """A badge that was scanned on a device, with the typed PIN."""

    device_secret: Annotated[str, TextOf(text.DEVICE_SECRET)]
    badge: Annotated[str, TextOf(text.BADGE)]
    pin: Pin


def document(model: Contract) -> dict[str, Any]:
    """Return the rights or settings that are stored, without fields that are empty or were left out."""
    return {name: value for name, value in model.model_dump(mode="json", exclude_none=True).items() if value != []}
