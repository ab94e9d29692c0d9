"""Declare the body of POST /v1/tracking-events: what a carrier saw of parcels, one scan after the other."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from comanda.aws.api.contracts import Contract, Moment, TextOf, TrackingStatus
from comanda.domain import text
from comanda.domain.shipping import tracking

MOST = 100  # scans in one request


def _no_signer(note: str) -> str:
    try:
        return tracking.require_no_signer(note)
    except ValueError as error:
        raise PydanticCustomError("names_signer", "{message}", {"message": str(error)}) from error


class ScanIn(Contract):
    """One scan of a parcel: a status, or the carrier's own code, or both; a given status goes before the code's."""

    tracking_number: Annotated[str, TextOf(text.TRACKING)]
    occurred_at: Moment
    carrier: Annotated[str, TextOf(text.CARRIER)] | None = None
    status: TrackingStatus | None = None
    code: Annotated[str, TextOf(text.SCAN_CODE)] | None = None
    location: Annotated[str, TextOf(text.REMARK)] | None = None
    note: Annotated[str, TextOf(text.LINE), AfterValidator(_no_signer)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Any:
        if self.status is None and self.code is None:
            raise ValueError("has neither a status nor a code of the carrier")
        return self


class TrackingEventsIn(Contract):
    events: Annotated[list[ScanIn], Field(min_length=1, max_length=MOST)]
