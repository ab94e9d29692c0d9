"""
Show every component of the page kit with all its states. The page holds no data of the retailer.

Called by   functions/console/handler.py: /console/kit
"""

from comanda.aws.api.replies import Reply
from functions.console import kit
from functions.console.request import Request


def show(request: Request) -> Reply:
    return request.page("kit.html", **kit.facts(request.now))
