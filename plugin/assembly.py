"""Puts a site together: finds, by the names in its manifest, the adapters and models that are installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .clock import SystemClock
from .difference import Difference
from .errors import BadInput
from .manifest import validate
from .ports import Model, Observer, ObserverFactory, Sink, SinkFactory, Source
from .registry import MODELS, OBSERVERS, SINKS, SOURCES, find, names
from .runtime import NewParts, Parts
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
    return factory(settings.secrets.get(id_) or resolved(entry, settings.folder, f"vms {id_}"))


def load_models(settings: SiteSettings, ids: Iterable[str]) -> dict[str, Model]:
    """These of the site's models, each loaded once."""
    load = find(MODELS, ENGINE)
    return {id_: load(settings.models[id_]) for id_ in ids}


def make_observer(id_: str, settings: SiteSettings) -> Observer:
    """The observer of one entry of `observers`. The law comes before anything of it is loaded."""
    settings.pack.admit(id_, settings.grounds)
    if id_ not in names(OBSERVERS):
        raise BadInput(f"observers: {id_} is not installed; run: pip install homeroom-{id_}")
    factory: ObserverFactory = find(OBSERVERS, id_)
    validate(settings.observers[id_], factory.schema, f"observers {id_}")
    return factory(settings.observers[id_], settings.folder)


def parts(settings: SiteSettings, *, extra: Mapping[str, Sink] | None = None) -> Parts:
    """All that a runtime of this site is made of, `extra` sinks included."""
    observers = {id_: make_observer(id_, settings) for id_ in settings.observers}
    sinks = {id_: make_sink(id_, settings) for id_ in settings.vms}
    models = load_models(settings, settings.used_models)
    return Parts(make_source, models, {**sinks, **(extra or {})}, SystemClock(), observers)


def new_parts(settings: SiteSettings, change: Difference) -> NewParts:
    """What a running site lacks to become this one."""
    sinks = {id_: make_sink(id_, settings) for id_ in (*change.sinks.added, *change.sinks.changed)}
    return NewParts(load_models(settings, change.models), sinks)
