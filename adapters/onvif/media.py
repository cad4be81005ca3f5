"""The media service (ver10), read side: one profile per camera. Most clients still know only this one."""

from __future__ import annotations

from collections.abc import Sequence

from homeroom.ports import CameraInfo, Site

from . import profiles
from .profiles import Video
from .service import Access, Call, Operation, Table
from .soap import Element, Fault, clark, el, text_of

# Asked for by clients that give up over a fault; there is nothing to tell.
_EMPTY = (
    "GetMetadataConfigurations",
    "GetVideoAnalyticsConfigurations",
    "GetAudioSources",
    "GetAudioSourceConfigurations",
    "GetAudioEncoderConfigurations",
    "GetAudioOutputs",
    "GetAudioOutputConfigurations",
    "GetAudioDecoderConfigurations",
    "GetCompatibleMetadataConfigurations",
    "GetCompatibleVideoAnalyticsConfigurations",
    "GetCompatibleAudioEncoderConfigurations",
    "GetCompatibleAudioSourceConfigurations",
)


class MediaService:
    """Operations of the media service."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def operations(self) -> Table:
        """Handlers by operation."""
        before, media = Access.PRE_AUTH, Access.READ_MEDIA
        made = {
            "GetServiceCapabilities": Operation(before, self.get_service_capabilities),
            "CreateProfile": Operation(before, self.create_profile),  # Synology asks without credentials
            "GetProfiles": Operation(media, self.get_profiles),
            "GetProfile": Operation(media, self.get_profile),
            "GetVideoSources": Operation(media, self.get_video_sources),
            "GetVideoSourceConfigurations": Operation(media, self.get_video_source_configurations),
            "GetVideoSourceConfiguration": Operation(media, self.get_video_source_configuration),
            "GetVideoEncoderConfigurations": Operation(media, self.get_video_encoder_configurations),
            "GetVideoEncoderConfiguration": Operation(media, self.get_video_encoder_configuration),
            "GetVideoEncoderConfigurationOptions": Operation(media, self.get_video_encoder_configuration_options),
            "GetStreamUri": Operation(media, self.get_stream_uri),
            "GetSnapshotUri": Operation(media, self.get_snapshot_uri),
            "SetSynchronizationPoint": Operation(media, self.set_synchronization_point),
            **dict.fromkeys(_EMPTY, Operation(media, _nothing)),
        }
        return {clark(f"trt:{name}"): operation for name, operation in made.items()}

    @property
    def _videos(self) -> list[Video]:
        return [Video(camera) for camera in self._site.cameras]

    def _video(self, call: Call, path: str = "trt:ProfileToken", subcode: str = "ter:NoProfile") -> Video:
        return profiles.find(self._site.cameras, text_of(call.body, path), subcode)

    def get_service_capabilities(self, _call: Call) -> Element:
        """What the service can do."""
        return el("trt:GetServiceCapabilitiesResponse", capabilities(self._site.cameras))

    def create_profile(self, _call: Call) -> Element:
        """No more profiles than there are cameras."""
        raise Fault("Receiver", "ter:Action", "ter:MaxNVTProfiles", reason="There can be no more profiles")

    def get_profiles(self, _call: Call) -> Element:
        """One profile per camera."""
        return el("trt:GetProfilesResponse", *(_profile("trt:Profiles", video) for video in self._videos))

    def get_profile(self, call: Call) -> Element:
        """The profile of that token."""
        return el("trt:GetProfileResponse", _profile("trt:Profile", self._video(call)))

    def get_video_sources(self, _call: Call) -> Element:
        """One source per camera."""
        return el(
            "trt:GetVideoSourcesResponse",
            *(
                el(
                    "trt:VideoSources",
                    el("tt:Framerate", float(video.frame_rate)),
                    profiles.resolution("tt:Resolution", video),
                    token=video.token,
                )
                for video in self._videos
            ),
        )

    def get_video_source_configurations(self, _call: Call) -> Element:
        """One per camera."""
        made = (profiles.source_configuration("trt:Configurations", video) for video in self._videos)
        return el("trt:GetVideoSourceConfigurationsResponse", *made)

    def get_video_source_configuration(self, call: Call) -> Element:
        """The one of that token."""
        video = self._video(call, "trt:ConfigurationToken", "ter:NoConfig")
        made = profiles.source_configuration("trt:Configuration", video)
        return el("trt:GetVideoSourceConfigurationResponse", made)

    def get_video_encoder_configurations(self, _call: Call) -> Element:
        """One per camera."""
        made = (_encoder("trt:Configurations", video) for video in self._videos)
        return el("trt:GetVideoEncoderConfigurationsResponse", *made)

    def get_video_encoder_configuration(self, call: Call) -> Element:
        """The one of that token."""
        video = self._video(call, "trt:ConfigurationToken", "ter:NoConfig")
        return el("trt:GetVideoEncoderConfigurationResponse", _encoder("trt:Configuration", video))

    def get_video_encoder_configuration_options(self, call: Call) -> Element:
        """What is set is all that can be set."""
        if text_of(call.body, "trt:ConfigurationToken"):
            video = self._video(call, "trt:ConfigurationToken", "ter:NoConfig")
        elif text_of(call.body, "trt:ProfileToken"):
            video = self._video(call)
        else:
            video = next(iter(self._videos), Video(CameraInfo("", "", "")))
        return el("trt:GetVideoEncoderConfigurationOptionsResponse", _options(video))

    def get_stream_uri(self, call: Call) -> Element:
        """The camera's own address: video goes from it to the client directly."""
        return el("trt:GetStreamUriResponse", _media_uri(profiles.stream_uri(self._video(call))))

    def get_snapshot_uri(self, call: Call) -> Element:
        """The camera's own address, where it gives single pictures."""
        return el("trt:GetSnapshotUriResponse", _media_uri(profiles.snapshot_uri(self._video(call))))

    def set_synchronization_point(self, call: Call) -> Element:
        """Nothing of ours is streamed, so there is nothing to do."""
        self._video(call)
        return el("trt:SetSynchronizationPointResponse")


def capabilities(cameras: Sequence[CameraInfo]) -> Element:
    """Capabilities of the media service."""
    return el(
        "trt:Capabilities",
        el("trt:ProfileCapabilities", MaximumNumberOfProfiles=len(cameras)),
        el("trt:StreamingCapabilities", RTPMulticast=False, RTP_TCP=False, RTP_RTSP_TCP=True),
        SnapshotUri=any(Video(camera).snapshot for camera in cameras),
        Rotation=False,
        VideoSourceMode=False,
        OSD=False,
    )


def _nothing(call: Call) -> Element:
    return el(f"trt:{call.message.operation.rpartition('}')[2]}Response")


def _profile(name: str, video: Video) -> Element:
    return el(
        name,
        el("tt:Name", video.name),
        profiles.source_configuration("tt:VideoSourceConfiguration", video),
        _encoder("tt:VideoEncoderConfiguration", video),
        token=video.token,
        fixed=True,
    )


def _encoder(name: str, video: Video) -> Element:
    """tt:VideoEncoderConfiguration. It has no word for H.265, and clients drop what is not H264."""
    h264 = el("tt:H264", el("tt:GovLength", video.frame_rate), el("tt:H264Profile", "Main"))
    jpeg = video.encoding == "JPEG"
    return el(
        name,
        el("tt:Name", video.name),
        el("tt:UseCount", 1),
        el("tt:Encoding", "JPEG" if jpeg else "H264"),
        profiles.resolution("tt:Resolution", video),
        el("tt:Quality", 5),
        el(
            "tt:RateControl",
            el("tt:FrameRateLimit", video.frame_rate),
            el("tt:EncodingInterval", 1),
            el("tt:BitrateLimit", 4096),
        ),
        None if jpeg else h264,
        profiles.multicast(),
        el("tt:SessionTimeout", "PT60S"),
        token=video.token,
    )


def _options(video: Video) -> Element:
    def span(name: str, least: int, most: int) -> Element:
        return el(name, el("tt:Min", least), el("tt:Max", most))

    jpeg = video.encoding == "JPEG"
    return el(
        "trt:Options",
        span("tt:QualityRange", 5, 5),
        el(
            "tt:JPEG" if jpeg else "tt:H264",
            profiles.resolution("tt:ResolutionsAvailable", video),
            None if jpeg else span("tt:GovLengthRange", video.frame_rate, video.frame_rate),
            span("tt:FrameRateRange", video.frame_rate, video.frame_rate),
            span("tt:EncodingIntervalRange", 1, 1),
            None if jpeg else el("tt:H264ProfilesSupported", "Main"),
        ),
    )


def _media_uri(uri: str) -> Element:
    return el(
        "trt:MediaUri",
        el("tt:Uri", uri),
        el("tt:InvalidAfterConnect", "false"),
        el("tt:InvalidAfterReboot", "false"),
        el("tt:Timeout", "PT0S"),
    )
