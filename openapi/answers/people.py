"""
Model the answers about people, their settings, devices and badges.

Called by   openapi/operations.py
"""

from typing import Annotated, Literal

from pydantic import Field

from comanda.domain.people import DESKS
from openapi.answers.base import Answer, Money, Time
from openapi.answers.master_data import ScopeName

DeskName = Annotated[str, Field(json_schema_extra={"enum": [*DESKS]})]
Theme = Literal["SYSTEM", "LIGHT", "DARK"]
Density = Literal["COMFORTABLE", "COMPACT"]
DeviceId = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PersonLimits(Answer):
    """The most that a person may give a customer: nothing, unless an amount or a percentage is here."""

    appeasement: list[Money]
    gift_cards: list[Money]
    customer_credit: list[Money]
    override_percent: Annotated[int, Field(ge=0, le=100)]


class PersonSettings(Answer):
    """A person's settings of the console. `locale` is null if neither the person nor an admin chose one."""

    locale: str | None
    theme: Theme
    density: Density
    keys: bool


class Me(Answer):
    """The caller, as this system knows it: an application, or a person. No `nodes` or `channels` of the office means all."""

    id: str
    person: bool
    name: str
    kinds: list[str]
    desks: list[DeskName]
    nodes: list[str]
    channels: list[str]
    partner: str | None
    carrier: str | None
    limits: PersonLimits
    scopes: list[ScopeName]
    settings: PersonSettings


class Badge(Answer):
    """The state of a person's badge. A locked badge opens nothing until an admin unlocks it."""

    made_at: Time
    locked: bool


class ListedPerson(Answer):
    """A person with their rights. An INVITED person has not signed in yet."""

    person_id: str
    version: Annotated[int, Field(ge=0)]
    email: str
    status: Literal["INVITED", "ACTIVE"]
    invited_at: Time | None
    name: str
    roles: list[str]
    desks: list[DeskName]
    nodes: list[str]
    channels: list[str]
    partner: str | None
    limits: PersonLimits
    locale: str | None


class Person(ListedPerson):
    badge: Badge | None


class SignedOut(Answer):
    """A person who was signed out everywhere, with the number of their sessions in the console that were ended."""

    person_id: str
    signed_out_at: Time
    sessions: Annotated[int, Field(ge=0)]


class Device(Answer):
    """A device that people of a node share."""

    device_id: DeviceId
    node_id: str
    name: str
    enrolled_by: str
    enrolled_at: Time
    revoked_at: Time | None


class EnrolledDevice(Device):
    """A new device with its secret. Only this answer and its repetitions with the same key have the secret."""

    device_secret: str


class MadeBadge(Answer):
    """A new badge. `badge` is the text of its QR code, which only this answer and its repetitions with the same key have."""

    person_id: str
    made_at: Time
    badge: str


class UnlockedBadge(Badge):
    person_id: str


class OpenedBadge(Answer):
    """The person whose badge was scanned, and the node of the device. It is no token and no session."""

    person_id: str
    node_id: str
