"""The media service (ver20), read side: the same profiles in the newer words."""

from __future__ import annotations

from collections.abc import Sequence

from homeroom.ports import CameraInfo, Site

from . import profiles
from .profiles import Video
from .service import Access, Call, Operation, Table
from .soap import Element, clark, el, text_of


class Media2Service:
    """Operations of the media service, version 2."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def operations(self) -> Table:
        """Handlers by operation."""
        before, media = Access.PRE_AUTH, Access.READ_MEDIA
        made = {
            "GetServiceCapabilities": Operation(before, self.get_service_capabilities),
            "GetProfiles": Operation(media, self.get_profiles),
            "GetVideoSourceConfigurations": Operation(media, self.get_video_source_configurations),
            "GetVideoEncoderConfigurations": Operation(media, self.get_video_encoder_configurations),
            "GetMetadataConfigurations": Operation(media, _nothing),
            "GetAnalyticsConfigurations": Operation(media, _nothing),
            "GetStreamUri": Operation(media, self.get_stream_uri),
            "GetSnapshotUri": Operation(media, self.get_snapshot_uri),
            "SetSynchronizationPoint": Operation(media, self.set_synchronization_point),
        }
        return {clark(f"tr2:{name}"): operation for name, operation in made.items()}

    def _video(self, call: Call) -> Video:
        return profiles.find(self._site.cameras, text_of(call.body, "tr2:ProfileToken"), "ter:NoProfile")

    def _asked(self, call: Call, path: str, subcode: str) -> list[Video]:
        """The one camera that a request names by token, or all of them."""
        token = text_of(call.body, path)
        if token:
            return [profiles.find(self._site.cameras, token, subcode)]
        return [Video(camera) for camera in self._site.cameras]

    def get_service_capabilities(self, _call: Call) -> Element:
        """What the service can do."""
        return el("tr2:GetServiceCapabilitiesResponse", capabilities(self._site.cameras))

    def get_profiles(self, call: Call) -> Element:
        """One profile per camera, with those configurations whose types are asked for."""
        types = {(one.text or "").strip() for one in call.body.findall(clark("tr2:Type"))}
        videos = self._asked(call, "tr2:Token", "ter:NoProfile")
        return el("tr2:GetProfilesResponse", *(_profile(video, types) for video in videos))

    def get_video_source_configurations(self, call: Call) -> Element:
        """One per camera."""
        videos = self._configured(call)
        made = (profiles.source_configuration("tr2:Configurations", video) for video in videos)
        return el("tr2:GetVideoSourceConfigurationsResponse", *made)

    def get_video_encoder_configurations(self, call: Call) -> Element:
        """One per camera."""
        made = (_encoder("tr2:Configurations", video) for video in self._configured(call))
        return el("tr2:GetVideoEncoderConfigurationsResponse", *made)

    def _configured(self, call: Call) -> list[Video]:
        if text_of(call.body, "tr2:ConfigurationToken"):
            return self._asked(call, "tr2:ConfigurationToken", "ter:NoConfig")
        return self._asked(call, "tr2:ProfileToken", "ter:NoProfile")

    def get_stream_uri(self, call: Call) -> Element:
        """The camera's own address: video goes from it to the client directly."""
        return el("tr2:GetStreamUriResponse", el("tr2:Uri", profiles.stream_uri(self._video(call))))

    def get_snapshot_uri(self, call: Call) -> Element:
        """The camera's own address, where it gives single pictures."""
        return el("tr2:GetSnapshotUriResponse", el("tr2:Uri", profiles.snapshot_uri(self._video(call))))

    def set_synchronization_point(self, call: Call) -> Element:
        """Nothing of ours is streamed, so there is nothing to do."""
        self._video(call)
        return el("tr2:SetSynchronizationPointResponse")


def capabilities(cameras: Sequence[CameraInfo]) -> Element:
    """Capabilities of the media service, version 2."""
    return el(
        "tr2:Capabilities",
        el(
            "tr2:ProfileCapabilities",
            MaximumNumberOfProfiles=len(cameras),
            ConfigurationsSupported="VideoSource VideoEncoder",
        ),
        el("tr2:StreamingCapabilities", RTSPStreaming=True, RTPMulticast=False, RTP_RTSP_TCP=True),
        SnapshotUri=any(Video(camera).snapshot for camera in cameras),
        Rotation=False,
        VideoSourceMode=False,
        OSD=False,
    )


def _nothing(call: Call) -> Element:
    return el(f"tr2:{call.message.operation.rpartition('}')[2]}Response")


def _profile(video: Video, types: set[str]) -> Element:
    parts = []
    if types & {"All", "VideoSource"}:
        parts.append(profiles.source_configuration("tr2:VideoSource", video))
    if types & {"All", "VideoEncoder"}:
        parts.append(_encoder("tr2:VideoEncoder", video))
    return el(
        "tr2:Profiles",
        el("tr2:Name", video.name),
        el("tr2:Configurations", *parts) if types else None,
        token=video.token,
        fixed=True,
    )


def _encoder(name: str, video: Video) -> Element:
    """tt:VideoEncoder2Configuration."""
    more: dict[str, object] = {} if video.encoding == "JPEG" else {"GovLength": video.frame_rate, "Profile": "Main"}
    return el(
        name,
        el("tt:Name", video.name),
        el("tt:UseCount", 1),
        el("tt:Encoding", video.encoding),
        profiles.resolution("tt:Resolution", video),
        el(
            "tt:RateControl",
            el("tt:FrameRateLimit", video.frame_rate),
            el("tt:BitrateLimit", 4096),
            ConstantBitRate=False,
        ),
        profiles.multicast(),
        el("tt:Quality", 5),
        attributes=more,
        token=video.token,
    )
