"""
Let the desk finance save the files that an accountant wants of a month or a day: documents, taxes and trial balances.

Called by   functions/console/handler.py: /console/accounting-files?legal_entity=&channel=&period=, with `as` for a file
Returns     the page, or the API's CSV file. For a file of many documents, a page that shows its parts or how far it is
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from comanda.aws.api.query_dates import utc_day, utc_month
from comanda.aws.api.replies import Reply
from comanda.domain.errors import Invalid
from functions.console import choices
from functions.console.request import Request
from functions.console.view import spoken

_ADDING = 202
_KINDS = ("legal-entities", "channels")
_DAY = len("2026-11-20")
_ONE, _LAST = "one", "last"  # which part is saved: one that others follow, or the last one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Keep whose files are asked for. `period` is a UTC month or a UTC day."""

    legal_entity: str
    channel: str
    period: str

    def path(self, file: str = "", **more: str) -> str:
        """Return the address of the page, or of a file."""
        whose = {"legal_entity": self.legal_entity, "channel": self.channel, "period": self.period}
        return "accounting-files?" + urlencode(whose | ({"as": file} if file else {}) | more)

    @property
    def month(self) -> str:
        return self.period[:7]

    @property
    def query(self) -> dict[str, str]:
        """Return what names the documents to the API."""
        return {"legal_entity": self.legal_entity, "day" if len(self.period) == _DAY else "month": self.period}


def show(request: Request) -> Reply:
    names = ("legal_entity", "channel", "period")
    asked = _Asked(**{name: request.parameter(name).strip() for name in names})
    files = {"documents": _documents, "taxes": _taxes, "trial-balance": _trial_balance}
    answer = files.get(request.parameter("as"))
    return _page(request, asked) if answer is None else answer(request, asked)


def _page(request: Request, asked: _Asked) -> Reply:
    found, _ = choices.read(request, _KINDS)
    entities, channels = (_options(found[kind]) for kind in _KINDS)
    period = asked.period or f"{request.now:%Y-%m}"
    chosen = _Asked(
        legal_entity=asked.legal_entity or _first(entities),
        channel=asked.channel or next(iter(request.person.channels), _first(channels)),
        period=period,
    )
    return request.page(
        "accounting_files.html",
        asked=chosen,
        entities=entities,
        channels=channels,
        wrong="" if _is_period(period) else spoken("This is no month as in 2026-11, and no day as in 2026-11-20."),
    )


def _options(entries: choices.Entries | None) -> list[tuple[str, str]] | None:
    return None if entries is None else [(one["id"], f"{one['name']} ({one['id']})") for one in entries]


def _first(options: list[tuple[str, str]] | None) -> str:
    return options[0][0] if options else ""


def _is_period(text: str) -> bool:
    try:
        (utc_day if len(text) == _DAY else utc_month)(text)
    except Invalid:
        return False
    return True


def _documents(request: Request, asked: _Asked) -> Reply:
    """Answer the file. Where it takes several parts, show the part, which is saved by its own link, and lead to the next one."""
    number, cursor, save = (request.parameter(name) for name in ("part", "cursor", "save"))
    part = int(number) if number.isdecimal() and len(number) < _DAY else 1
    found = request.door.file("/v1/books/documents-file", **asked.query, cursor=cursor)
    whole = not cursor and not found.following
    # Documents may have been issued since the page called a part the last one: then another part follows.
    if not found.ok or whole or save == _ONE or (save == _LAST and not found.following):
        name = f"documents-{asked.period}" + ("" if whole else f"-{part}")
        return request.save(found, name, spoken("The file"))
    mine = {"part": str(part), "cursor": cursor, "save": _ONE if found.following else _LAST}
    following = {"part": str(part + 1), "cursor": found.following}
    return _long(
        request,
        asked,
        spoken("Documents"),
        part=part,
        save=asked.path("documents", **mine),
        following=asked.path("documents", **following) if found.following else "",
    )


def _taxes(request: Request, asked: _Asked) -> Reply:
    """Answer the file. While documents are added up, show how many are: each request for the page adds up some more."""
    found = request.door.file("/v1/books/taxes-file", **asked.query)
    if not found.ok:
        return request.failed(found, spoken("The file"))
    waited = bool(request.parameter("waited"))  # a script asks for the page, which can show no file
    if found.status != _ADDING and not waited:
        return request.save(found, f"taxes-{asked.period}", spoken("The file"))
    return _long(
        request,
        asked,
        spoken("Taxes"),
        added=found.body["documents"] if found.status == _ADDING else None,
        save=asked.path("taxes"),
        again=asked.path("taxes", waited="yes"),
    )


def _trial_balance(request: Request, asked: _Asked) -> Reply:
    found = request.door.file("/v1/books/trial-balance-file", channel=asked.channel, month=asked.month)
    return request.save(found, f"trial-balance-{asked.month}", spoken("The file"))


def _long(request: Request, asked: _Asked, title: str, **facts: Any) -> Reply:
    nothing: dict[str, Any] = {"part": None, "following": "", "added": None, "again": ""}
    return request.page("accounting_file.html", title=title, asked=asked, **(nothing | facts))
