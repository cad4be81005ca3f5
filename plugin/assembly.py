"""Puts a site together: finds, by the names in its manifest, the adapters and models that are installed."""

from __future__ import annotations

from collections.abc import Mapping

from .clock import SystemClock
from .errors import BadInput
from .manifest import validate
from .ports import Model, Sink, SinkFactory, Source
from .registry import MODELS, SINKS, SOURCES, find, names
from .runtime import Parts
from .secret import resolved
from .site import CameraSettings, SiteSettings

ENGINE = "openvino"


def make_source(camera: CameraSettings) -> Source:
    """The source for a camera, found by the scheme of its address."""
    if camera.scheme not in names(SOURCES):
        raise BadInput(
            f"camera {camera.id}: nothing installed reads {camera.scheme}:// addresses; "
            f"there are {', '.join(names(SOURCES))}"
        )
    made: Source = find(SOURCES, camera.scheme)(camera.id, camera.settings)
    return made


def make_sink(id_: str, settings: SiteSettings) -> Sink:
    """The sink of one entry of `vms`. Its own schema is applied first, so that a secret in plain sight is refused."""
    entry = settings.vms[id_]
    factory: SinkFactory = find(SINKS, entry["type"])
    validate(entry, factory.schema, f"vms {id_}")
    return factory(resolved(entry, settings.folder, f"vms {id_}"))


def load_models(settings: SiteSettings, *, allow_demonstration: bool) -> dict[str, Model]:
    """Every model that a room uses, loaded once."""
    used = {room.model for room in settings.rooms}
    load = find(MODELS, ENGINE)
    return {id_: load(settings.models[id_], allow_demonstration=allow_demonstration) for id_ in sorted(used)}


def parts(settings: SiteSettings, *, allow_demonstration: bool, extra: Mapping[str, Sink] | None = None) -> Parts:
    """All that a runtime of this site is made of, `extra` sinks included."""
    sinks = {id_: make_sink(id_, settings) for id_ in settings.vms}
    models = load_models(settings, allow_demonstration=allow_demonstration)
    return Parts(make_source, models, {**sinks, **(extra or {})}, SystemClock())
