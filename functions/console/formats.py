"""
Write money, numbers, days and moments as the reader's language does, with the name of the zone beside each time.

Called by   functions/console/render.py, as filters of all templates
Returns     texts, and `<time>` elements for days and moments

A moment is ISO 8601 with its offset, as the API writes it. Without a zone it is written in UTC, and says so.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from comanda.aws.runtime import formats
from functions.console import amounts

ENGLISH = "en_US"
# The catalog of each language but English, which readers of all others get.
CATALOGS = {begins: tag.replace("-", "_") for begins, tag in formats.LANGUAGES.items() if tag != formats.ENGLISH}


class Formats(formats.Formats):
    """Write values on pages as one locale does. `language` is that of the words, as its catalog is named."""

    def __init__(self, locale: str) -> None:
        super().__init__(locale)
        self.language = self.tag.replace("-", "_")

    @staticmethod
    @lru_cache(maxsize=16)
    def for_locale(locale: str) -> "Formats":
        """Return the formats of a locale, or those of English for one that is unknown."""
        return Formats(locale)

    def amount(self, minor: int, currency: str) -> str:
        """Return an amount as a person types it: with the locale's decimal sign, and neither groups nor currency."""
        from babel.numbers import get_decimal_symbol

        return amounts.written(minor, currency, get_decimal_symbol(self.locale))

    def day(self, value: str | date, style: str = "medium") -> Any:
        """Return a `<time>` of a local day, which has no zone."""
        return _time(value if isinstance(value, str) else value.isoformat(), self.date(value, style))

    def moment(self, value: str | datetime, zone: str = "UTC", *, named: bool = True) -> Any:
        """Return a `<time>` with the day, the time and the zone's name. A table names its zone once: `named=False`."""
        at = _moment(value).astimezone(ZoneInfo(zone))
        text = f"{self.date(at.date())}, {_time_text(at.hour, at.minute, self.locale)}"
        return _time(_machine(at), text, self.zone_name(zone) if named else "")

    def ago(self, value: str | datetime, now: datetime, zone: str = "UTC") -> Any:
        """Return a `<time>` with how far a moment lies from now: "3 hr. ago", "in 2 days". Its title is the moment, whole."""
        at = _moment(value)
        there = at.astimezone(ZoneInfo(zone))
        whole = f"{self.date(there.date())}, {_time_text(there.hour, there.minute, self.locale)}"
        away = (at - now).total_seconds() / 60
        text = _ago_text(round(away) or (1 if away > 0 else -1), self.language)
        title = escape(f"{whole} {self.zone_name(zone)}")
        return _markup(f'<time class="zone" datetime="{_machine(at)}" title="{title}">{escape(text)}</time>')

    def when(self, value: str | datetime, now: datetime, zone: str = "UTC") -> Any:
        """Return a moment with its zone, and how far it lies from now."""
        return _markup(f"{self.moment(value, zone)} {self.ago(value, now, zone)}")

    def clock(self, value: str | datetime, zone: str = "UTC", *, named: bool = True) -> Any:
        """Return a `<time>` with the time of day and the zone's name."""
        at = _moment(value).astimezone(ZoneInfo(zone))
        text = _time_text(at.hour, at.minute, self.locale)
        return _time(_machine(at), text, self.zone_name(zone) if named else "")

    def until(self, value: str | datetime) -> str:
        """Return a moment as the `datetime` of a countdown, in UTC."""
        return _machine(_moment(value))

    def age(self, seconds: float) -> str:
        """Return a duration in its largest unit, in short: "3 h", "2 days"."""
        from babel.dates import format_timedelta

        return str(format_timedelta(int(seconds), "minute", threshold=1.5, format="short", locale=self.locale))

    def zone_name(self, zone: str) -> str:
        """Return the name of a zone's city, for the heading of a table whose times do not name it."""
        return "UTC" if zone == "UTC" else _city(zone, self.locale)


# A table has many moments of one zone: each text is written once.
@lru_cache(maxsize=3_000)
def _time_text(hour: int, minute: int, locale: Any) -> str:
    from babel.dates import format_time

    return str(format_time(time(hour, minute), "short", locale=locale))


@lru_cache(maxsize=3_000)
def _ago_text(minutes: int, language: str) -> str:
    """Return how far a moment lies away, in the words of a language: those of es-MX say "en 24 n" for 24 hours."""
    from babel.dates import format_timedelta

    away = timedelta(minutes=minutes)
    return str(format_timedelta(away, "minute", 1.5, add_direction=True, format="short", locale=language))


@lru_cache(maxsize=1_000)
def _city(zone: str, locale: Any) -> str:
    from babel.dates import get_timezone_location

    return str(get_timezone_location(ZoneInfo(zone), locale, return_city=True))


def _moment(value: str | datetime) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _machine(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _time(machine: str, text: str, zone: str = "") -> Any:
    if not zone:
        return _markup(f'<time datetime="{machine}">{escape(text)}</time>')
    return _markup(f'<time datetime="{machine}">{escape(text)} <span class="zone">{escape(zone)}</span></time>')


def _markup(html: str) -> Any:
    """Return HTML whose texts are escaped. `Markup.format` would take several times as long, for each time of a list."""
    from markupsafe import Markup

    return Markup(html)  # noqa: S704  every text in it is escaped where it is put together
