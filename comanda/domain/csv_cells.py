"""
Write the cells of CSV files that accountants open with a spreadsheet.

Called by   functions/books, functions/credit_accounts, functions/console
Returns     texts
Raises      nothing
"""

from comanda.domain.money import digits

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def decimal(amount: int, currency: str) -> str:
    """Return an amount of minor units as a decimal number of its currency, such as -12.50."""
    places = digits(currency)
    whole, part = divmod(abs(amount), 10**places)
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{part:0{places}}" if places else f"{sign}{whole}"
