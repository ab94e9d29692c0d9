"""
Model what payment providers send by themselves, and the answer to it.

Called by   openapi/operations.py. The room notices makes the answer
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

from openapi.answers.base import Answer


class StripeEvent(BaseModel):
    """An event as Stripe sends it, of which only these fields are read. Its raw bytes are signed."""

    model_config = ConfigDict(extra="allow")

    id: str
    type: str
    created: int
    data: dict[str, Any]


class NoticeTaken(Answer):
    """The notice is taken, now or before."""

    notice_id: str
