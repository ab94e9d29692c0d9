"""Read the texts of an XML document."""

from xml.etree import ElementTree as ET


def texts(xml: bytes, name: str) -> list[str]:
    """Return the texts of all elements of this name, whatever their namespace."""
    return [element.text or "" for element in ET.fromstring(xml).iter() if element.tag.rpartition("}")[2] == name]  # noqa: S314
