"""
Judge a mail that came to the retailer: whether a person wrote it, whether its sender is proven, and what of it is kept. Pure.

Called by   functions/cases
Returns     reasons to ignore it; True for a proven sender; text without markup, hidden characters and card numbers

Headers are compared by their names in any case. RFC 3834 defines Auto-Submitted, RFC 2369 and RFC 2919 the headers of lists,
RFC 8601 the results of authentication.
"""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from comanda.domain import card_numbers, text

AUTOMATIC, MAILING_LIST, EMPTY = "automatic", "mailing-list", "empty"

_LIST_HEADERS = ("list-id", "list-post", "list-unsubscribe")
_PRECEDENCES = {"bulk": MAILING_LIST, "list": MAILING_LIST, "junk": MAILING_LIST, "auto_reply": AUTOMATIC}
_AUTOMATIC_HEADERS = ("x-autoreply", "x-autorespond", "x-mail-autoreply", "x-failed-recipients")
_REPORTS = ("multipart/report", "message/delivery-status", "message/disposition-notification")
_ROBOTS = ("mailer-daemon", "postmaster")
# Everything that text.TEXT refuses, and marks that change how the rest is read.
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*dmarc(?:/[0-9]+)?\s*=\s*([a-z]+)\b(.*)", re.IGNORECASE | re.DOTALL)
_HEADER_FROM = re.compile(r"(?:^|\s)header\.from\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)


def address(sender: str) -> str:
    """Return the address of a From header, with or without a name before it. "" for a text that has none, or several."""
    unquoted = re.sub(r'"(?:[^"\\]|\\.)*"', "", sender)
    parts = [part for part in re.split("[,;]", unquoted) if "@" in part]
    if len(parts) != 1:
        return ""
    bracketed = re.search(r"<([^<>]*)>\s*$", parts[0])
    found = text.trimmed(bracketed[1] if bracketed else parts[0])
    return found if re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", found) else ""


def why_ignored(sender: str, headers: Iterable[tuple[str, str]]) -> str | None:
    """Return why the mail opens no case: a machine wrote it, or a list sent it. None for the mail of a person."""
    if sender.partition("@")[0].casefold() in _ROBOTS:
        return AUTOMATIC
    for name, value in ((name.strip().casefold(), value.strip().casefold()) for name, value in headers):
        word = value.partition(";")[0].strip()
        if name == "auto-submitted" and word != "no":
            return AUTOMATIC
        if name == "precedence" and word in _PRECEDENCES:
            return _PRECEDENCES[word]
        if name == "return-path" and value == "<>":
            return AUTOMATIC
        if name == "content-type" and word in _REPORTS:
            return AUTOMATIC
        if name in _AUTOMATIC_HEADERS and value not in ("", "no"):
            return AUTOMATIC
        if name in _LIST_HEADERS:
            return MAILING_LIST
    return None


def is_proven(sender: str, results: str) -> bool:
    """Return True if the receiving server found DMARC to pass for exactly the domain of the sender's address.

    `results` is the value of the Authentication-Results header that the receiving server itself has written.
    """
    domain = sender.rpartition("@")[2].casefold()
    found = []
    plain = results
    while (without := _COMMENT.sub(" ", plain)) != plain:  # comments may be nested
        plain = without
    for part in plain.split(";")[1:]:  # the first part names the server
        if match := _RESULT.fullmatch(part):
            named = _HEADER_FROM.search(match[2])
            found.append(match[1].casefold() == "pass" and named is not None and named[1].casefold() == domain)
    return bool(domain) and bool(found) and all(found)


def plain(written: str, *, html: bool) -> str:
    """Return the words of a mail: no markup, no hidden characters, no card numbers, trimmed and in NFC."""
    if html or re.match(r"\s*<(?:!doctype|html)\b", written, re.IGNORECASE):
        written = _without_markup(written)
    written = _HIDDEN.sub("", written.replace("\r\n", "\n").replace("\r", "\n"))
    found = text.trimmed(re.sub(r"\n[ \t]*(?:\n[ \t]*){2,}", "\n\n", written))
    return "" if text.is_blank(found) else card_numbers.masked(found)


def one_line(written: str) -> str:
    """Return a subject as one line."""
    return re.sub(r"\s+", " ", plain(written, html=False))


def _without_markup(written: str) -> str:
    parser = _Words()
    parser.feed(written)
    parser.close()
    return "".join(parser.words)


class _Words(HTMLParser):
    """Collect the words of a page that are shown."""

    _UNSEEN = frozenset(("head", "script", "style", "template", "title"))
    _BREAKS = frozenset(("blockquote", "br", "div", "h1", "h2", "h3", "h4", "li", "ol", "p", "table", "tr", "ul"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._inside: list[str] = []  # unseen elements that are open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  the parser's own names
        if tag in self._UNSEEN:
            self._inside.append(tag)
        elif tag in self._BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            del self._inside[self._inside.index(tag) :]
        elif tag in self._BREAKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words.append(re.sub(r"\s+", " ", data))
