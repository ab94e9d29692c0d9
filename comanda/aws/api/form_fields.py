"""
Read the fields of a form that a browser sent, whatever strange bytes it has. Pure.

Called by   functions/order_form, functions/selfservice
Returns     the fields in their order
Raises      TooLarge
"""

from urllib.parse import parse_qsl

MOST_BYTES = 64_000  # of a form: thirty lines and a long note are a tenth of it
_MOST_FIELDS = 300


class TooLarge(Exception):
    """The form is larger than any that a person fills."""


def read(body: bytes, most_fields: int = _MOST_FIELDS) -> list[tuple[str, str]]:
    """Return the fields. A byte that is no UTF-8 becomes half of a surrogate pair, which the checks of fields refuse."""
    if len(body) > MOST_BYTES:
        raise TooLarge
    try:
        return parse_qsl(
            body.decode("latin-1"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="surrogateescape",
            max_num_fields=most_fields,
        )
    except ValueError as error:  # too many fields
        raise TooLarge from error
