"""
Check where a sign-in shall lead back to: a page of the console, and nothing else on the internet.

Called by   functions/console/sign_in.py
Returns     a path below `/console` with its query; "" (the home page) for everything else
"""

import re

_MOST = 500
_PATH = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_QUERY = re.compile(r"[A-Za-z0-9._~=&%+:@-]*")
_NOT_PAGES = ("assets", "sign-in", "signed-in", "signed-out", "sign-out")


def safe(given: str) -> str:
    """Return the path if it is one of the console's pages, else "".

    Only letters, digits and a few signs may stand in it: no scheme, host, backslash, control or encoded character before
    the query, and no part that begins with a dot.
    """
    path, mark, query = given.partition("?")
    if len(given) > _MOST or not _PATH.fullmatch(path) or not _QUERY.fullmatch(query):
        return ""
    return "" if path.partition("/")[0] in _NOT_PAGES else path + mark + query
