"""A live H.264 stream as RTP over RTSP's own connection: packets made once, stamped anew each time they are sent.

Payload: RFC 6184; interleaving: RFC 2326 §10.12; sender reports: RFC 3550 §6.4.1.
"""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from .video import RATE, Stream, nals, parameter_sets

CLOCK = 90_000  # ticks a second, fixed for video by RFC 6184 §8.2.1
PAYLOAD = 1400  # bytes of a packet's content: what fits an Ethernet frame
TYPE = 96  # the first dynamic payload type
SOURCE = 0x486F6D65  # SSRC
_NTP = 2_208_988_800  # seconds from 1900 to 1970 (RFC 5905)
_HEAD = struct.Struct(">BBHBBHII")  # '$', channel, length; then RTP: flags, marker and type, sequence, time, source


def payloads(nal: bytes) -> Iterator[bytes]:
    """A NAL unit as RTP payloads: whole, or in fragments (FU-A) where it is too large."""
    if len(nal) <= PAYLOAD:
        yield nal
        return
    indicator, kind = nal[0] & 0xE0 | 28, nal[0] & 0x1F
    rest = range(1, len(nal), PAYLOAD - 2)
    for at in rest:
        edge = 0x80 if at == 1 else 0x40 if at + PAYLOAD - 2 >= len(nal) else 0
        yield bytes((indicator, edge | kind)) + nal[at : at + PAYLOAD - 2]


@dataclass(frozen=True, slots=True)
class Template:
    """An access unit as interleaved packets whose numbers are still to be written; `at` is where each begins."""

    data: bytes
    at: tuple[int, ...]
    key: bool

    def stamped(self, sequence: int, ticks: int) -> bytearray:
        """The packets, numbered from `sequence` on, for the RTP time `ticks`."""
        out = bytearray(self.data)
        for number, start in enumerate(self.at):
            struct.pack_into(">HI", out, start + 6, (sequence + number) & 0xFFFF, ticks & 0xFFFFFFFF)
        return out


def template(unit: bytes, *, key: bool, before: tuple[bytes, ...] = ()) -> Template:
    """The packets of an access unit, `before` (parameter sets) first; the last one carries the marker."""
    contents = [content for nal in (*before, *nals(unit)) for content in payloads(nal)]
    data, starts = bytearray(), []
    for number, content in enumerate(contents, start=1):
        starts.append(len(data))
        marker = 0x80 if number == len(contents) else 0
        data += _HEAD.pack(0x24, 0, 12 + len(content), 0x80, marker | TYPE, 0, 0, SOURCE) + content
    return Template(bytes(data), tuple(starts), key)


def templates(stream: Stream, *, light: bool) -> list[Template]:
    """A stream's units, or with `light` its key units alone."""
    sets = parameter_sets(stream.codec.extradata)
    units = stream.keys if light else stream.units
    return [template(unit.data, key=unit.key, before=sets if unit.key else ()) for unit in units]


def report(utc: float, ticks: int) -> bytes:
    """A sender report on channel 1: the RTP time `ticks` is the wall clock's `utc` (seconds since 1970)."""
    seconds, share = divmod(utc + _NTP, 1)
    body = struct.pack(">BBHIIIIII", 0x80, 200, 6, SOURCE, int(seconds), int(share * 2**32), ticks & 0xFFFFFFFF, 0, 0)
    return struct.pack(">BBH", 0x24, 1, len(body)) + body


def description(stream: Stream, host: str) -> str:
    """The stream's SDP (RFC 8866, RFC 6184 §8.1)."""
    sets = parameter_sets(stream.codec.extradata)
    profile = sets[0][1:4].hex().upper()
    sprop = ",".join(b64encode(one).decode() for one in sets)
    lines = [
        "v=0", f"o=- 1 1 IN IP4 {host}", "s=bench", f"c=IN IP4 {host}", "t=0 0", "a=control:*",
        f"m=video 0 RTP/AVP {TYPE}", f"a=rtpmap:{TYPE} H264/{CLOCK}",
        f"a=fmtp:{TYPE} packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sprop}",
        f"a=framerate:{RATE}", "a=control:track1",
    ]  # fmt: skip
    return "\r\n".join(lines) + "\r\n"
