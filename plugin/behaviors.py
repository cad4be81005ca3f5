"""The vocabulary of behaviors: ids, axes, topics and how long a behavior must last, from manifests/behaviors.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .detection import Distribution
from .event import Emit

UNCERTAIN = "uncertain"
OCCUPIED = "occupied"
CAMERA_OFFLINE = "camera-offline"
CAMERA_FROZEN = "camera-frozen"
CAMERA_DARK = "camera-dark"
CAMERA_COVERED = "camera-covered"
CAMERA_CLOCK = "camera-clock"
CAMERA_LAG = "camera-lag"
CAMERA_FALLBACK = "camera-fallback"
DEVICE_FALLBACK = "device-fallback"
DISK_LOW = "disk-low"
SITE_WIDE = frozenset({DEVICE_FALLBACK, DISK_LOW})  # states of no camera and no room


@dataclass(frozen=True, slots=True)
class Debounce:
    """What it takes for a behavior to begin and to end.

    Watched: `min_time` seconds on, `min_off` seconds off. Scanned: on in `min_scans` of the last `of` scans.
    On at probability >= `on`, still on until below `off` (hysteresis). After an end, `cool_down` seconds of rest.
    """

    min_time: float = 0.0
    min_off: float = 0.0
    min_scans: int = 1
    of: int = 1
    on: float = 0.5
    off: float = 0.35
    cool_down: float = 0.0


@dataclass(frozen=True, slots=True)
class Behavior:
    """One behavior: present as far as its `axis` takes one of `values`.

    Health states have no axis; of their debounce only `min_time` and `min_off` count.
    """

    id: str
    label: str
    topic: str
    alias: str | None
    severity: str
    emit: Emit
    axis: str = ""
    values: tuple[str, ...] = ()
    debounce: Debounce = Debounce()

    def probability(self, axes: Mapping[str, Distribution]) -> float:
        """How likely the behavior is, given the distributions over each axis; 0..1."""
        over = axes.get(self.axis, {})
        known = sum(over.get(value, 0.0) for value in self.values if value != UNCERTAIN)
        rest = 1.0 - sum(p for value, p in over.items() if value != UNCERTAIN) if UNCERTAIN in self.values else 0.0
        return min(1.0, max(0.0, known + rest))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All behaviors in force at a site, by id, and the axes they live on."""

    axes: Mapping[str, tuple[str, ...]]
    behaviors: Mapping[str, Behavior]
    health: Mapping[str, Behavior]
    topic_namespace: str

    def __getitem__(self, behavior: str) -> Behavior:
        """The behavior or health state of that id; KeyError where there is none."""
        return self.behaviors[behavior] if behavior in self.behaviors else self.health[behavior]

    @property
    def emitted(self) -> tuple[Behavior, ...]:
        """Those that reach a VMS as events, health included."""
        everything = (*self.behaviors.values(), *self.health.values())
        return tuple(one for one in everything if one.emit in (Emit.EVENT, Emit.ALARM))


def vocabulary(document: Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> Vocabulary:
    """Reads behaviors.json (already validated); `overrides` (behavior -> fields) come from the site manifest."""
    overrides = overrides or {}

    def read(entry: Mapping[str, Any]) -> Behavior:
        changed = overrides.get(entry["id"], {})
        watch = {**entry.get("watch", {}), **changed.get("watch", {})}
        scan = {**entry.get("scan", {}), **changed.get("scan", {})}
        hysteresis = {**entry.get("hysteresis", {}), **changed.get("hysteresis", {})}
        return Behavior(
            id=entry["id"],
            label=entry["label"],
            topic=entry["topic"],
            alias=entry["alias"],
            severity=changed.get("severity", entry["severity"]),
            emit=Emit(changed.get("emit", entry["emit"])),
            axis=entry.get("axis", ""),
            values=tuple(entry.get("values", ())),
            debounce=Debounce(
                **watch, **scan, **hysteresis, cool_down=changed.get("cool_down", entry.get("cool_down", 0.0))
            ),
        )

    return Vocabulary(
        axes={axis: tuple(values) for axis, values in document["axes"].items()},
        behaviors={entry["id"]: read(entry) for entry in document["behaviors"]},
        health={entry["id"]: read(entry) for entry in document["health"]},
        topic_namespace=document["topic_namespace"],
    )
