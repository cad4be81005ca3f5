"""WS-UsernameToken (OASIS Web Services Security UsernameToken Profile 1.0 §3.1; ONVIF Core §5.9.5)."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from datetime import datetime

from lxml import etree

from homeroom.adapters.markup import Element

_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_WSSE = f"{_OASIS}wssecurity-secext-1.0.xsd"
_WSU = f"{_OASIS}wssecurity-utility-1.0.xsd"
_DIGEST = f"{_OASIS}username-token-profile-1.0#PasswordDigest"
_BASE64 = f"{_OASIS}soap-message-security-1.0#Base64Binary"


def security(username: str, password: str, created: datetime) -> Element:
    """A wsse:Security header that proves the password once; `created` is UTC by the camera's clock.

    Each has a nonce of its own and depends on nothing that changes, so that any thread may make one.
    """
    nonce = secrets.token_bytes(16)
    zulu = created.strftime("%Y-%m-%dT%H:%M:%S.") + f"{created.microsecond // 1000:03d}Z"
    proof = hashlib.sha1(nonce + zulu.encode() + password.encode(), usedforsecurity=False).digest()
    header = etree.Element(f"{{{_WSSE}}}Security", nsmap={"wsse": _WSSE, "wsu": _WSU})
    token = etree.SubElement(header, f"{{{_WSSE}}}UsernameToken")
    for name, text, kind in (
        (f"{{{_WSSE}}}Username", username, ""),
        (f"{{{_WSSE}}}Password", b64encode(proof).decode(), _DIGEST),
        (f"{{{_WSSE}}}Nonce", b64encode(nonce).decode(), _BASE64),
        (f"{{{_WSU}}}Created", zulu, ""),
    ):
        part = etree.SubElement(token, name)
        part.text = text
        if kind:
            part.set("EncodingType" if name.endswith("}Nonce") else "Type", kind)
    return header
