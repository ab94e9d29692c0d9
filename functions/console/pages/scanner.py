"""
Try a scanner: a printed test code is scanned, and the page says which characters arrived as others.

Called by   functions/console/handler.py: /console/scanner
Returns     the page with the test code as a QR code
"""

from comanda.aws.api.qr_code import picture
from comanda.aws.api.replies import Reply
from comanda.domain.scanning.expected import changed_characters
from functions.console.request import Request

# Characters that keyboard layouts of different countries exchange, and those that GS1 codes need.
TEST_CODE = "AQWZYM-0123456789/:;+()=_]"
_MOST = 200  # characters of a scan that the page shows


def show(request: Request) -> Reply:
    return _page(request, None)


def act(request: Request) -> Reply:
    code = request.form.take("code")["code"].strip()
    return _page(request, code[:_MOST])


def _page(request: Request, arrived: str | None) -> Reply:
    return request.page(
        "scanner.html",
        handheld=True,
        scans=True,
        key=request.new_key(),
        test_code=TEST_CODE,
        picture=picture(TEST_CODE),
        arrived=arrived,
        changed=changed_characters(TEST_CODE, arrived) if arrived else (),
    )
