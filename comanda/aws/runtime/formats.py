"""
Write amounts, numbers and days as a locale does: the same on pages, in mails and in the words of events.

Called by   rooms that serve pages, functions/notify/render.py, functions/intake/order_history.py
Returns     texts, as CLDR has them. Babel is imported when the first locale is asked for
Raises      nothing: a locale that is unknown, or has no words here, is written as English

A locale of a region writes as its region does: es-MX has a decimal point, es a comma.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from comanda.domain import money

ENGLISH = "en-US"
LANGUAGES = {"en": ENGLISH, "pt": "pt-BR", "es": "es"}  # with words: by the language with which a locale begins


def language_of(locale: str) -> str:
    """Return the language of a locale, as LANGUAGES has it: `es` of es-MX."""
    return locale.replace("_", "-").partition("-")[0].lower()


def chosen(wanted: str, offered: Sequence[str]) -> str:
    """Return the locale in which a channel writes to a customer.

    It is the wanted one if the channel offers its language and there are words for it, else the first offered one that has
    words, else English. A channel that offers none writes in each language.
    """
    with_words = [one for one in offered if language_of(one) in LANGUAGES]
    if language_of(wanted) in {language_of(one) for one in with_words or (() if offered else LANGUAGES)}:
        return wanted
    return with_words[0] if with_words else ENGLISH


class Formats:
    """Write amounts, numbers and days as one locale does. `tag` is the language of the words: English where there are none."""

    def __init__(self, locale: str) -> None:
        from babel import Locale, UnknownLocaleError

        self.tag = LANGUAGES.get(language_of(locale), ENGLISH)
        self.locale = Locale.parse(self.tag, sep="-")
        try:
            wanted = Locale.parse(locale.replace("_", "-"), sep="-")
        except (UnknownLocaleError, ValueError):
            wanted = self.locale
        # A reader of French gets English words, so the numbers are English too.
        if wanted.language == self.locale.language:
            self.locale = wanted

    def money(self, minor: int, currency: str) -> str:
        """Return an amount of minor units with its currency, with the digits of ISO 4217."""
        amount = Decimal(minor).scaleb(-money.digits(currency))
        pattern = _money_pattern(currency, self.locale)
        return str(pattern.apply(amount, self.locale, currency=currency, currency_digits=False))

    def number(self, value: float | Decimal) -> str:
        """Return a number, a decimal one with all its digits."""
        from babel.numbers import format_decimal

        return format_decimal(value, locale=self.locale, decimal_quantization=not isinstance(value, Decimal))

    def date(self, day: str | date, style: str = "medium") -> str:
        """Return a local day, which has no zone."""
        return _date_text(date.fromisoformat(day) if isinstance(day, str) else day, style, self.locale)

    def utc_moment(self, at: str) -> str:
        """Return a moment in UTC, to the minute, with the zone's name."""
        there = datetime.fromisoformat(at).astimezone(UTC)
        return f"{self.date(there.date())}, {there:%H:%M} UTC"


@lru_cache(maxsize=32)
def of_locale(locale: str) -> Formats:
    """Return the formats of a locale, or those of English for one that is unknown."""
    return Formats(locale)


@lru_cache(maxsize=500)
def _money_pattern(currency: str, locale: Any) -> Any:
    """Return how a locale writes amounts of a currency, with the currency's own digits."""
    from babel.numbers import get_currency_symbol, parse_pattern

    digits = money.digits(currency)
    pattern = locale.currency_formats["standard"].pattern
    if get_currency_symbol(currency, locale)[-1].isalpha():
        pattern = pattern.replace("\u00a4#", "\u00a4\u00a0#")  # a code is separated from its number
    return parse_pattern(pattern.replace(".00", "." + "0" * digits if digits else ""))


# A table has many moments of a few days: each text is written once.
@lru_cache(maxsize=1_000)
def _date_text(day: date, style: str, locale: Any) -> str:
    from babel.dates import format_date

    return str(format_date(day, style, locale=locale))
