"""Show the parts that pages share, with all their states.

Called by   functions/console/handler.py: /console/kit/parts
Returns     the page
"""

from comanda.aws.api.replies import Reply
from functions.console import kit_parts
from functions.console.request import Request


def show(request: Request) -> Reply:
    return request.page("kit_parts.html", **kit_parts.facts(request.now))
