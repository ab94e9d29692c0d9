"""
Print the CPU milliseconds of the first slip with its imports, of the next one, and of a long one, as JSON.

Called by   bench/documents.py, in a fresh interpreter: `python -m bench.slip press|naive 10 1000`
"""

import json
import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from time import process_time
from typing import Any

WORDS = (
    "order",
    "from",
    "to",
    "gift",
    "article",
    "code",
    "units",
    "all_units",
    "parcel",
    "carton",
    "on",
    "contents",
    "carrier",
    "tracking",
)


def slip(lines: int, number: str) -> dict[str, Any]:
    """Return the content of a slip, as comanda/domain/documents/packing_slip.py makes it."""
    return {
        "title": "Packing slip",
        "words": {word: word.capitalize() for word in WORDS},
        "locale": "en-US",
        "paper": "a4",
        "pickup": False,
        "number": number,
        "fulfillment_id": "ful_us1_01J0000000000000000000000A-001",
        "from": ["DC East"],
        "to": ["Ada Byron", "12 Main St", "02108 Boston MA", "United States"],
        "gift": "With love",
        "gifts": [],
        "lines": [{"title": f"Green tea, {i} g", "sku": f"TEA-{i:04}", "units": i % 9 + 1} for i in range(lines)],
        "units": 5 * lines,
        "parcels": [
            {
                "parcel": "B-1",
                "carrier": "UPS",
                "tracking": "1Z999AA10123456784",
                "carton": "M",
                "on": "",
                "sscc": "340123450000000017",
                "contents": [{"title": f"Green tea, {i} g", "units": i % 9 + 1} for i in range(lines)],
            }
        ],
    }


def press(content: Mapping[str, Any]) -> bytes:
    from functions.documents import press

    parcels = [{**one, "bars": press.sscc_code(one["sscc"])} for one in content["parcels"]]
    code = press.qr_code(content["fulfillment_id"])
    return press.pdf("packing_slip", {**content, "parcels": parcels, "code": code})


def naive(content: Mapping[str, Any]) -> bytes:
    """Make the slip as reportlab's guide does: paragraphs and a table in a document."""
    from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]  # published without types
    from reportlab.lib.styles import getSampleStyleSheet  # type: ignore[import-untyped]  # as above
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table  # type: ignore[import-untyped]  # as above

    styles = getSampleStyleSheet()
    rows = [[Paragraph(line["title"], styles["Normal"]), line["sku"], str(line["units"])] for line in content["lines"]]
    parcels = [[one["parcel"], one["carrier"], one["tracking"]] for one in content["parcels"]]
    parts = [
        Paragraph(content["title"], styles["Title"]),
        *(Paragraph(text, styles["Normal"]) for text in (content["number"], *content["from"], *content["to"])),
        Paragraph(content["gift"], styles["Normal"]),
        Table([["Article", "Code", "Units"], *rows], repeatRows=1),
        Table(parcels),
    ]
    made = BytesIO()
    SimpleDocTemplate(made, pagesize=A4).build(parts)
    return made.getvalue()


def measure(
    given: Callable[[int, str], Any], make: Callable[[Any], bytes], few: int, many: int, *, begins: bytes = b"%PDF"
) -> None:
    """Print what the first, the next and a long document take. `given` makes what a document has, of some lines and a number."""
    found = {}
    for name, content in (
        ("first", given(few, "WEB-1")),
        ("next", given(few, "WEB-2")),
        ("many", given(many, "WEB-3")),
    ):
        began = process_time()
        assert make(content).startswith(begins)
        found[name] = (process_time() - began) * 1000
    print(json.dumps(found))


if __name__ == "__main__":
    measure(slip, {"press": press, "naive": naive}[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3]))
