"""
Define the errors that the server answers, in the shape of Stripe's.

Called by   the modules of local/stripe
Raises      Refused

A refusal says two more things that its reader does not see: whether what was done before it stays (a declined card leaves a
failed charge behind), and whether it is the answer to every later request with the same Idempotency-Key.
"""

from typing import Any, Self

INVALID = "invalid_request_error"
CARD = "card_error"
IDEMPOTENCY = "idempotency_error"
BROKEN = "api_error"


class Refused(Exception):
    """The request is answered with an error."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = INVALID,
        code: str | None = None,
        param: str | None = None,
        keeps: bool = False,
        stored: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps = keeps
        self.stored = stored
        said = {"code": code, "param": param, **more}
        self.error = {"type": kind, "message": message} | {
            key: value for key, value in said.items() if value is not None
        }

    @classmethod
    def unread(cls, message: str, param: str, code: str | None = None) -> Self:
        """Return the refusal of a parameter that cannot be read. No Idempotency-Key remembers it."""
        return cls(message, code=code, param=param, stored=False)

    @classmethod
    def missing(cls, noun: str, name: str, param: str) -> Self:
        """Return the refusal of an id that names nothing."""
        return cls(f"No such {noun}: '{name}'", status=404, code="resource_missing", param=param)

    @classmethod
    def in_state(cls, verb: str, intent: dict[str, Any], allowed: tuple[str, ...]) -> Self:
        """Return the refusal of a step that a payment's status does not allow."""
        return cls(
            f"This PaymentIntent's status is {intent['status']}; {verb} needs one of: {', '.join(allowed)}.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
