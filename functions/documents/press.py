"""
Make a PDF from a template and plain JSON, with typst.

Called by   functions/documents/packing_slips.py, which imports it when the first document is made
Returns     the bytes of the PDF: the same JSON gives the same bytes

A template gets its data as JSON in `sys.inputs` and prints each text of it as it is: no text becomes markup. It can read files
of the folder of templates only. The fonts have Latin, Greek, Cyrillic, Hebrew and Arabic; characters that they do not have,
such as those of Chinese and most emoji, are printed as boxes.
"""

import json
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import typst

_ROOM = Path(__file__).parent
TEMPLATES = _ROOM / "templates"
MOST_BARS = (
    40  # characters of a Code 128: an id of a fulfillment has 38, and its narrowest bar is 0.16 mm on our papers
)


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Return the document of a template. Raises typst.TypstError for data that is not the template's: a mistake of this code."""
    made = _compiler(template).compile(format="pdf", sys_inputs={"data": _text(data)})
    assert isinstance(made, bytes)
    return made


def _text(data: Mapping[str, Any]) -> str:
    """Return the data as JSON. Half of a surrogate pair, which old rows may have, is no text: it becomes `?`."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode()


@cache
def _compiler(template: str) -> Any:
    return typst.Compiler(str(TEMPLATES / f"{template}.typ"), root=str(TEMPLATES), font_paths=_fonts())


@cache
def _fonts() -> Any:
    """Return the two fonts of the room, and no other: documents look alike wherever they are made."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_ROOM / "fonts")])


def qr_code(text: str) -> str:
    """Return the QR code of a text as SVG.

    The mask is given, because to compare all eight takes most of the time: ids and tokens are mixed enough with any.
    """
    import segno

    drawn = BytesIO()
    segno.make_qr(text, error="m", mask=3).save(drawn, kind="svg", border=0)
    return drawn.getvalue().decode()


def code_128(text: str) -> str:
    """Return the Code 128 of a text as SVG, without a margin and without the text below it."""
    from barcode import Code128  # type: ignore[import-untyped]  # published without types

    return _bars(Code128, text)


def sscc_code(sscc: str) -> str:
    """Return the GS1-128 of an SSCC as SVG: the element string (00), without a margin and without the text below it."""
    from barcode import Gs1_128

    return _bars(Gs1_128, f"00{sscc}")


def _bars(kind: Any, text: str) -> str:
    from barcode.writer import SVGWriter  # type: ignore[import-untyped]  # published without types

    drawn = BytesIO()
    kind(text, SVGWriter()).write(drawn, {"write_text": False, "quiet_zone": 0, "margin_top": 0, "margin_bottom": 0})
    return drawn.getvalue().decode()


def scanned(text: str, most: int) -> dict[str, Any]:
    """Return the barcode of a text: a Code 128 of up to `most` characters, else a QR code, which has more room and all letters."""
    if len(text) <= most and text.isascii() and text.isprintable():
        return {"svg": code_128(text), "square": False}
    return {"svg": qr_code(text), "square": True}


def countries(locale: str) -> Mapping[str, str]:
    """Return the names of countries by code in the language of a locale."""
    from babel import Locale

    return Locale.parse(locale, sep="-").territories
