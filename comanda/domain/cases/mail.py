"""
Judge a mail that came to the retailer: whether a person wrote it, whether its sender is proven, and what of it is kept. Pure.

Called by   functions/cases
Returns     reasons to ignore it; True for a proven sender; text without markup, hidden characters and card numbers

Headers are compared by their names in any case. RFC 3834 defines Auto-Submitted, RFC 2369 and RFC 2919 the headers of lists,
RFC 8601 the results of authentication.
"""

import re
from collections.abc import Iterable, Iterator
from html import unescape

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
_RESULT = re.compile(r"\s*dmarc(?:/[0-9]+)?\s*=\s*([a-z]+)\b(.*)", re.IGNORECASE | re.DOTALL)
_HEADER_FROM = re.compile(r"(?:^|\s)header\.from\s*=\s*(\S+)", re.IGNORECASE)
# A comment, a declaration, or a tag with its name. The bounds and the possessive quantifiers keep the time in proportion to the
# length of the mail, whatever stands in it.
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^<>]{0,2000}+>"
    r"|<(/?)([a-z][a-z0-9]*)(?:[^<>\"']++|\"[^\"]{0,4000}+\"|'[^']{0,4000}+'){0,100}+>",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_DOMAIN = re.compile(r"[A-Za-z0-9.-]+")
_CODE = frozenset(("script", "style"))
_UNSEEN = frozenset((*_CODE, "template", "title"))
_BREAKS = frozenset(("blockquote", "br", "div", "h1", "h2", "h3", "h4", "li", "ol", "p", "table", "tr", "ul"))


def address(sender: str) -> str:
    """Return the address of a From header, with or without a name before it. "" for a text that has none, or several."""
    unquoted = re.sub(r'"(?:[^"\\]|\\.)*"', "", sender)
    parts = [part for part in re.split("[,;]", unquoted) if "@" in part]
    if len(parts) != 1:
        return ""
    bracketed = re.search(r"<([^<>]*)>\s*$", parts[0])
    found = text.trimmed(_HIDDEN.sub("", bracketed[1] if bracketed else parts[0]))
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
    for part in _parts(results)[1:]:  # the first part names the server
        if match := _RESULT.fullmatch(part):
            named = {name.casefold() for name in _HEADER_FROM.findall(match[2])}
            found.append(match[1].casefold() == "pass" and named == {domain})
    return bool(domain) and bool(found) and all(found)


def _parts(results: str) -> list[str]:
    """Return the parts of an Authentication-Results header between its semicolons, without comments.

    Quoted strings hold words of the sender, so only one that could be a domain is kept. A header with a comment or a quoted
    string that does not end has no parts.
    """
    parts, depth, at = [""], 0, 0
    while at < len(results):
        if not depth and (quoted := _QUOTED.match(results, at)):
            content, at = quoted[1], quoted.end()
            parts[-1] += content if _DOMAIN.fullmatch(content) else "?"
            continue
        sign, at = results[at], at + 1
        match sign:
            case "(":
                depth += 1
            case ")" if depth:
                depth -= 1
                parts[-1] += "" if depth else " "
            case "\\" if depth:
                at += 1
            case '"' if not depth:
                return []
            case ";" if not depth:
                parts.append("")
            case _ if not depth:
                parts[-1] += sign
    return [] if depth else parts


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
    return "".join(_words(written))


def _words(written: str) -> Iterator[str]:
    """Yield the words of a page that are shown, with line breaks where its elements break lines."""
    lower, at, endless = written.lower(), 0, set[str]()
    while found := _MARKUP.search(written, at):
        yield _blanks_as_one(written[at : found.start()])
        at, tag = found.end(), (found[2] or "").lower()
        if tag in _BREAKS:
            yield "\n"
        elif tag in _UNSEEN and not found[1] and tag not in endless:
            end = lower.find(f"</{tag}", at)
            if end >= 0:
                at = end
            elif tag in _CODE:
                return
            else:
                endless.add(tag)  # a title without an end hides nothing: the words of a customer count more
    yield _blanks_as_one(written[at:])


def _blanks_as_one(piece: str) -> str:
    return re.sub(r"\s+", " ", unescape(piece))
