"""
Write the cells of CSV files that accountants open with a spreadsheet.

Called by   functions/books, functions/credit_accounts, functions/console
Returns     texts
Raises      nothing
"""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
