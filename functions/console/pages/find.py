"""
Find what a number names, and open it when it names one thing.

Called by   functions/console/handler.py: /console/find?q=
Returns     a redirect to the one hit, or the page that says that there is none
"""

import re

from functions.console.reply import Reply
from functions.console.request import Request

_ORDER = re.compile(r"(?:ord|ful|inv|ret)_([a-z0-9]{2,8}_[0-9A-HJKMNP-TV-Z]{26})(?:-[0-9]{3,4})?")


def show(request: Request) -> Reply:
    wanted = request.parameter("q")
    own_id = _ORDER.fullmatch(wanted)
    if own_id:
        return request.go(f"orders/ord_{own_id[1]}")
    return request.page("find.html", wanted=wanted[:254])
