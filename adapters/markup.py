"""XML from outside, read as if an enemy had sent it."""

from __future__ import annotations

from lxml import etree

Element = etree._Element  # noqa: SLF001 (the class has no public name)


class Malformed(ValueError):
    """What came is no document that is read here. Its text ends a sentence that begins with who sent it."""


def parse(raw: bytes) -> Element:
    """The root element: UTF-8 or UTF-16, no DTD, no entities, nothing fetched; depth and texts as libxml2 bounds them.

    Raises Malformed. How many bytes there may be is the caller's to bound.
    """
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed("is not UTF-8 text") from None
    if "<!DOCTYPE" in text:  # SOAP 1.2 part 1 §5 forbids it; with it go entities and their bombs
        raise Malformed("has a document type declaration")
    parser = etree.XMLParser(
        encoding="utf-8",  # overrides what the document declares, so that the check above saw what the parser sees
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        raise Malformed("is not well-formed XML") from None
