"""Parameter sets and kinds of H.264 and H.265 units in Annex B form (ITU-T H.264 and H.265, Annex B)."""

from __future__ import annotations

from collections.abc import Iterator

_START = b"\0\0\1"
_H264_SETS = frozenset({7, 8})  # SPS, PPS (H.264 table 7-1)
_H265_SETS = frozenset({32, 33, 34})  # VPS, SPS, PPS (H.265 table 7-1)


def parameter_sets(unit: bytes, codec: str) -> bytes:
    """The parameter sets before the unit's first slice, in Annex B form; empty unless all kinds are there."""
    wanted = _H264_SETS if codec == "h264" else _H265_SETS if codec == "hevc" else frozenset()
    found: dict[bytes, int] = {}
    for nal in _nals(unit):
        kind = nal[0] & 0x1F if codec == "h264" else nal[0] >> 1 & 0x3F
        if kind in wanted:
            found[nal] = kind
        elif _slice(kind, codec):
            break
    if not wanted or set(found.values()) != wanted:
        return b""
    return b"".join(b"\0" + _START + nal for nal in found)


def begins(unit: bytes, codec: str) -> bool | None:
    """Whether a decoder can begin with this unit and show all of it; None where no slice begins in these bytes.

    True of every unit of other codecs. A unit of periodic intra refresh is none, whatever it says of recovery: it is
    inter coded for the most part.
    """
    if codec not in {"h264", "hevc"}:
        return True
    found: bool | None = None
    for nal in _nals(unit):
        kind = nal[0] & 0x1F if codec == "h264" else nal[0] >> 1 & 0x3F
        if not _slice(kind, codec):
            continue
        if codec == "hevc":
            return 16 <= kind <= 23  # IRAP (H.265 table 7-1)
        if kind == 5:  # IDR (H.264 table 7-1)
            return True
        if not _intra(nal):
            return False
        found = True
    return found


def opens_picture(data: bytes, codec: str) -> bool:
    """Whether the first slice of a picture (or field) of H.264 or H.265 begins in these bytes."""
    for nal in _nals(data):
        if codec == "h264" and _slice(nal[0] & 0x1F, codec) and nal[1:2] >= b"\x80":  # first_mb_in_slice 0 is one bit 1
            return True
        if codec == "hevc" and _slice(nal[0] >> 1 & 0x3F, codec) and nal[2:3] >= b"\x80":  # first_slice_segment_in_pic
            return True
    return False


def _intra(nal: bytes) -> bool:
    """Whether an H.264 slice is an I slice (7.3.3, 7.4.3): its header begins with first_mb_in_slice, slice_type."""
    bits = "".join(f"{byte:08b}" for byte in nal[1:9])
    at = 0
    value = -1
    for _ in range(2):  # Exp-Golomb codes (9.1): n zeros, then n + 1 bits of the value + 1
        zeros = len(bits[at:]) - len(bits[at:].lstrip("0"))
        code = bits[at + zeros : at + 2 * zeros + 1]
        value = int(code, 2) - 1 if code else -1
        at += 2 * zeros + 1
    return value % 5 == 2


def _slice(kind: int, codec: str) -> bool:
    return 1 <= kind <= 5 if codec == "h264" else kind < 32


def _nals(unit: bytes) -> Iterator[bytes]:
    begin = unit.find(_START)
    while begin >= 0:
        end = unit.find(_START, begin + 3)
        nal = unit[begin + 3 : end if end >= 0 else None].rstrip(b"\0")
        if nal:
            yield nal
        begin = end
