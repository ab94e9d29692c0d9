"""
Publish the labels of all enumerations in one language.

Called by   functions/directory/handler.py, for GET /v1/labels
Returns     the labels by kind and value; they may be kept for a day
Raises      Invalid for a text that is no locale

The words are part of this code and show nothing of a retailer, so the route is open. They are imported by the first request
for them.
"""

from typing import Any

from comanda.aws.api.http import Answer, query, respond
from comanda.aws.api.resolver import Response
from comanda.domain import text
from comanda.domain.errors import Invalid, Problem
from comanda.domain.text import WrongText

_DAY = "public, max-age=86400"


def labels_of(event: dict[str, Any]) -> Response[str]:
    """Return all labels in the language of the locale: English without one, and for a language that has no words."""
    from comanda.domain.labels import labels

    try:
        locale = text.LOCALE.read(query(event).get("locale", labels.LOCALES[0]))
    except WrongText as wrong:
        raise Invalid(Problem(pointer="/locale", code=wrong.code, message=wrong.message)) from wrong
    body = {"locale": labels.supported(locale), "labels": labels.catalog(locale)}
    return respond(Answer(status=200, body=body, headers={"Cache-Control": _DAY}))
