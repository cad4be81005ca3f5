"""What the head of a JPEG says of it (ITU-T T.81, Annex B); nothing is decoded."""

from __future__ import annotations

from homeroom.errors import Undecodable

_START = b"\xff\xd8\xff"
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # TEM, RSTn: markers without a segment (table B.1)
_NO_FRAME = frozenset({0xC4, 0xC8, 0xCC})  # DHT, JPG, DAC lie among the start-of-frame markers C0..CF
_ENDS = frozenset({0xD9, 0xDA})  # EOI, SOS: the head is over


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels. Raises Undecodable for what is no JPEG."""
    at = 2
    if data.startswith(_START):
        while at + 9 <= len(data) and data[at] == 0xFF:
            marker = data[at + 1]
            if marker == 0xFF or marker in _ALONE:
                at += 1 if marker == 0xFF else 2
                continue
            if marker in _ENDS:
                break
            if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
                height, width = int.from_bytes(data[at + 5 : at + 7]), int.from_bytes(data[at + 7 : at + 9])
                if width and height:
                    return width, height
                break
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
    raise Undecodable("it is no JPEG")
