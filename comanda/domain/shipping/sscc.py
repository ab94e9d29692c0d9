"""
Make serial shipping container codes (SSCC) of a company prefix of GS1 and a serial number.

Source      GS1 General Specifications, section 2.2.1: an extension digit, the prefix, a serial reference and a check digit

Called by   functions/fulfill
Returns     18 digits
Raises      NotAllowed when all serial numbers of a prefix are used up
"""

from comanda.domain.check_digit import with_check_digit
from comanda.domain.errors import NotAllowed

_DIGITS = 17  # before the check digit


def sscc(prefix: str, serial: int) -> str:
    """Return the code of a serial number, which begins with 0. The extension digit is the first digit of the serial number."""
    digits = str(serial).zfill(_DIGITS - len(prefix))
    if len(digits) > _DIGITS - len(prefix):
        raise NotAllowed(f"all numbers of the company prefix {prefix} are used up: give the node another one")
    return with_check_digit(digits[0] + prefix + digits[1:])
