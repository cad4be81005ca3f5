"""Parameter sets within H.264 and H.265 units in Annex B form (ITU-T H.264 and H.265, Annex B)."""

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
