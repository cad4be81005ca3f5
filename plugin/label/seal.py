"""The seal: content encrypted so that nobody changes, swaps or outlives it unnoticed. Pure, but for the nonce.

AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits. Site, name and end of life are authenticated with it; the
end stands in front in the clear, so that what is over can be destroyed without the key.
"""

from __future__ import annotations

import json
import secrets
import struct
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from homeroom.errors import BadInput

KEY = 32  # bytes
_MAGIC = b"homeroom label 1\n"
_HEAD = struct.Struct(f">{len(_MAGIC)}sq12s")  # magic, end of life in seconds since 1970, nonce
HEAD = _HEAD.size


def sealed(key: bytes, site: str, name: str, expires: datetime, content: bytes) -> bytes:
    """The content under seal; its life is rounded down to seconds."""
    end, nonce = int(expires.timestamp()), secrets.token_bytes(12)
    return _HEAD.pack(_MAGIC, end, nonce) + AESGCM(key).encrypt(nonce, content, _bound(site, name, end))


def expiry(raw: bytes) -> datetime | None:
    """The end of life that the first HEAD bytes name; None where they are no seal's."""
    if len(raw) < HEAD or not raw.startswith(_MAGIC):
        return None
    _, end, _ = _HEAD.unpack_from(raw)
    try:
        return datetime.fromtimestamp(end, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def unsealed(key: bytes, site: str, name: str, raw: bytes) -> bytes:
    """The content. Raises BadInput where the seal, its name, its end, its site or the key is not what it was."""
    try:
        magic, end, nonce = _HEAD.unpack_from(raw)
        if magic == _MAGIC:
            return AESGCM(key).decrypt(nonce, raw[HEAD:], _bound(site, name, end))
    except (struct.error, InvalidTag):
        pass
    raise BadInput(
        f"{name}: does not open: it was changed, swapped or given a longer life, or the key is not its own; "
        "run homeroom label erase, and collect anew"
    )


def _bound(site: str, name: str, end: int) -> bytes:
    return json.dumps([_MAGIC.decode().strip(), site, name, end]).encode()
