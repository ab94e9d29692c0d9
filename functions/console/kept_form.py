"""
Keep a form for the person who filled it, on a page that the next person at a shared device may see.

Called by   functions/console/outside.py, which keeps it; functions/console/request.py, which opens it
Returns     forms
Raises      BadForm for a form that was kept for another session

The fields are sealed under the cookie of the person's session, which rests: when a badge opens it again, the same cookie opens
the form. Nobody else can read or send it, and nothing is stored.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace

from comanda.aws.console import seal
from functions.console.forms import MOST_CHARACTERS, BadForm, Form

FIELD = "sealed"  # the one field of a form that is kept


def kept(form: Form, cookie: str) -> Form | None:
    """Return the form with its fields sealed, or None for one that is too long to be kept."""
    plain = json.dumps({name: list(values) for name, values in form.fields.items()}).encode()
    sealed = urlsafe_b64encode(seal.seal(cookie, form.key, plain)).decode()
    return replace(form, fields={FIELD: (sealed,)}) if len(sealed) <= MOST_CHARACTERS else None


def opened(form: Form, cookie: str) -> Form:
    """Return the form as it was filled. Raises BadForm for one that this session cannot open."""
    if FIELD not in form.fields:
        return form
    try:
        plain = seal.unseal(cookie, form.key, urlsafe_b64decode(form.fields[FIELD][0]))
    except ValueError as error:  # sealed for another session, or no such text at all
        raise BadForm("another-person", 403) from error
    return replace(form, fields={name: tuple(values) for name, values in json.loads(plain).items()})
