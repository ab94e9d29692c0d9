"""
Draw a text as a QR code.

Called by   functions/console/pages/badge.py, functions/console/pages/scanner.py, functions/console/pages/node_slip.py,
            functions/selfservice/pages.py
Returns     the address of a picture, which holds the whole picture
"""


def picture(text: str) -> str:
    import segno

    drawn: str = segno.make_qr(text, error="m").svg_data_uri(scale=6, border=4, light="#fff")
    return drawn
