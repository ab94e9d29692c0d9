"""Judge an NF-e: by the published schema, and by a second reader with the rules of keys, totals and the new taxes."""

from functools import cache
from pathlib import Path
from typing import Any

import nfelib
from fiscal_mcp.chave import analisa
from fiscal_mcp.documento import Documento
from fiscal_mcp.regras import aplica, carrega
from lxml import etree

_PUBLISHED = Path(nfelib.__file__).parent / "nfe"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


@cache
def _schema() -> Any:
    return etree.XMLSchema(etree.parse(str(_PUBLISHED / "schemas" / "v4_0" / "nfe_v4.00.xsd")))


@cache
def _rules() -> Any:
    return carrega()


@cache
def _signature() -> bytes:
    """Return the signature of a published example: whoever authorises an NF-e signs it, and the schema wants one."""
    sample = next((_PUBLISHED / "samples" / "v4_0" / "leiauteNFe").glob("3518*476051*"))
    return etree.tostring(next(etree.parse(str(sample)).iter(_SIGNATURE)))


def schema_says(xml: bytes) -> list[str]:
    """Return what the published schema refuses, as if the document were signed."""
    root = etree.fromstring(xml)
    root.append(etree.fromstring(_signature()))
    schema = _schema()
    schema.validate(etree.fromstring(etree.tostring(root)))
    return [str(error) for error in schema.error_log]


def second_says(xml: bytes) -> list[str]:
    """Return the errors that the second judge finds."""
    document = Documento.de_texto(xml.decode())
    found = [one.para_dict() for one in aplica(document, _rules())]
    key = analisa(document.chave)
    return [f"{one['id']} {one}" for one in found if one["severidade"] == "erro"] + key.get("problemas", [])


def published_samples() -> list[Path]:
    return sorted((_PUBLISHED / "samples" / "v4_0" / "leiauteNFe").glob("*.xml"))
