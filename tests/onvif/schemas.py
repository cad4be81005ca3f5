"""The official schemas as one XML Schema 1.1, without a network."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import xmlschema
from lxml import etree

from homeroom.adapters.onvif.soap import clark

XSD = "{http://www.w3.org/2001/XMLSchema}"
WSDLS = ("ver10/device/wsdl/devicemgmt.wsdl", "ver10/media/wsdl/media.wsdl", "ver20/media/wsdl/media.wsdl")
EVENTS = "ver10/events/wsdl/event.wsdl"


def _types(wsdl: Path, folder: Path) -> Path:
    """The schema within a WSDL as a file of its own, its relative addresses made absolute."""
    found = etree.parse(str(wsdl)).getroot().find(f".//{XSD}schema")
    assert found is not None
    for other in found.iter(f"{XSD}import", f"{XSD}include"):
        location = other.get("schemaLocation", "")
        if location and "://" not in location:
            other.set("schemaLocation", (wsdl.parent / location).resolve().as_uri())
    made = folder / ("-".join(wsdl.parts[-4:]) + ".xsd")
    made.write_bytes(etree.tostring(found))
    return made


def official(root: Path, folder: Path) -> xmlschema.XMLSchema11:
    """All services' schemas together; `folder` is for scratch files."""
    catalog: dict[str, str] = json.loads((root / "catalog.json").read_text())
    places = {address: (root / name).resolve().as_uri() for address, name in catalog.items()}
    files = [_types(root / "wsdl" / name, folder) for name in (*WSDLS, EVENTS)]
    imports = [(etree.parse(str(one)).getroot().get("targetNamespace"), one.as_uri()) for one in files]
    imports.append((clark("tt:x")[1:-2], (root / "wsdl/ver10/schema/onvif.xsd").resolve().as_uri()))
    imports.append((clark("wsrf-r:x")[1:-2], (root / "r-2.xsd").resolve().as_uri()))
    lines = [f'<xs:import namespace="{space}" schemaLocation="{where}"/>' for space, where in imports]
    whole = folder / "all.xsd"
    whole.write_text(f'<xs:schema xmlns:xs="{XSD[1:-1]}">{"".join(lines)}</xs:schema>')

    def mapped(uri: str) -> str:
        return places.get(uri.replace("https:", "http:", 1), uri)

    with warnings.catch_warnings():
        # devicemgmt.wsdl declares tds:Capabilities twice, with different types.
        warnings.simplefilter("ignore", xmlschema.XMLSchemaTypeTableWarning)
        return xmlschema.XMLSchema11(str(whole), uri_mapper=mapped, allow="local")
