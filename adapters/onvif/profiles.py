"""One media profile per camera, as Media1 and Media2 both describe it.

Source, configurations and profile of a camera all bear the camera's token: each kind has names of its own in ONVIF.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.ports import CameraInfo

from .soap import Element, Fault, el, invalid

_NAME = 64  # tt:Name


@dataclass(frozen=True, slots=True)
class Video:
    """A camera's video, with likely values for what is not known yet."""

    camera: CameraInfo

    @property
    def token(self) -> str:
        """The camera's token."""
        return self.camera.token

    @property
    def name(self) -> str:
        """The camera's name, as long as ONVIF allows."""
        return (self.camera.name or self.camera.token)[:_NAME]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.camera.width or 1920, self.camera.height or 1080

    @property
    def frame_rate(self) -> int:
        """Frames per second, rounded up."""
        return max(1, min(120, round(self.camera.frame_rate))) if self.camera.frame_rate > 0 else 25

    @property
    def encoding(self) -> str:
        """Media2's word for the codec."""
        return {"hevc": "H265", "mjpeg": "JPEG"}.get(self.camera.codec, "H264")

    @property
    def snapshot(self) -> bool:
        """Whether the camera is one that gives single pictures over HTTP."""
        return self.camera.address.startswith(("http://", "https://"))

    @property
    def stream(self) -> str:
        """The camera's RTSP address, or ""."""
        return self.camera.address if self.camera.address.startswith(("rtsp://", "rtsps://")) else ""


def find(cameras: Sequence[CameraInfo], token: str, subcode: str) -> Video:
    """The camera behind a token. Raises Fault with `subcode` where there is none."""
    for camera in cameras:
        if camera.token == token:
            return Video(camera)
    raise invalid("There is no such token", subcode)


def stream_uri(video: Video) -> str:
    """Where its video comes from. Raises Fault."""
    if not video.stream:
        raise Fault(
            "Receiver", "ter:Action", "ter:IncompleteConfiguration", reason="This profile's camera has no stream"
        )
    return video.stream


def snapshot_uri(video: Video) -> str:
    """Where a single picture comes from. Raises Fault."""
    if not video.snapshot:
        raise Fault("Receiver", "ter:ActionNotSupported", reason="Optional Action Not Implemented: no snapshots here")
    return video.camera.address


def source_configuration(name: str, video: Video) -> Element:
    """tt:VideoSourceConfiguration: the whole picture."""
    width, height = video.size
    return el(
        name,
        el("tt:Name", video.name),
        el("tt:UseCount", 1),
        el("tt:SourceToken", video.token),
        el("tt:Bounds", x=0, y=0, width=width, height=height),
        token=video.token,
    )


def resolution(name: str, video: Video) -> Element:
    """tt:VideoResolution."""
    width, height = video.size
    return el(name, el("tt:Width", width), el("tt:Height", height))


def multicast() -> Element:
    """tt:MulticastConfiguration: none."""
    address = el("tt:Address", el("tt:Type", "IPv4"), el("tt:IPv4Address", "0.0.0.0"))  # noqa: S104
    return el("tt:Multicast", address, el("tt:Port", 0), el("tt:TTL", 0), el("tt:AutoStart", "false"))
