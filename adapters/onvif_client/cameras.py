"""All cameras of an ONVIF device, for a site manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from homeroom.ports import CameraInfo

from .camera import OnvifCamera

if TYPE_CHECKING:
    from homeroom.ports import CameraListFactory


class OnvifCameras:
    """A device with one or more video sources: a camera, a recorder, an encoder.

    Each CameraInfo stands in a site manifest as {"address": info.address, "profile": info.token}: the address is the
    device's, the same for all, and the token is that of the source's best profile.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._address = str(settings.get("address", ""))
        self._camera = OnvifCamera("device", settings)

    def cameras(self) -> Sequence[CameraInfo]:
        """One for each video source. Raises Unavailable, or BadInput for a wrong password."""
        model, profiles = self._camera.sources()
        return [
            CameraInfo(
                token=one.token,
                name=", ".join(filter(None, (model, one.name))),
                room="",
                address=self._address,
                codec=one.codec,
                width=one.width,
                height=one.height,
                frame_rate=one.frame_rate,
            )
            for one in profiles
        ]


if TYPE_CHECKING:
    _: CameraListFactory = OnvifCameras
