"""Figures of the running site for Prometheus, read when it asks: GET /metrics, on loopback alone.

Labels are ids from the site manifest and the vocabulary: as many as these name, and no seat, person or address.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from shutil import disk_usage
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from .clock import Clock
from .errors import BadInput, HomeroomError
from .fetch import Fetcher
from .ledger import Ledger
from .ports import Model
from .reader import Reader

log = logging.getLogger(__name__)

CAMERA = ("room", "camera")


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted; everything is asked anew at each scrape. Models and sinks by id."""

    fetchers: Callable[[], Sequence[Fetcher]]
    models: Callable[[], Mapping[str, Model]]
    sinks: Callable[[], Sequence[str]]
    ledger: Ledger
    store: Reader
    clock: Clock


class SiteCollector(Collector):
    """The site's figures as Prometheus wants them."""

    def __init__(self, figures: Figures) -> None:
        self._of = figures

    def describe(self) -> Iterator[Metric]:
        """Nothing: names are known when asked, and no database is read to register."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """All families. What the store cannot tell now is left out."""
        yield from self._cameras()
        yield from self._site()
        with suppress(HomeroomError, OSError):
            yield from self._store()

    def _cameras(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("homeroom_camera_up", "1 while pictures come, 0 while none do", labels=CAMERA)
        computed = CounterMetricFamily("homeroom_camera_pictures", "Pictures and scans computed", labels=CAMERA)
        replaced = CounterMetricFamily(
            "homeroom_camera_pictures_replaced", "Pictures that a newer one made worthless unseen", labels=CAMERA
        )
        gaps = CounterMetricFamily("homeroom_camera_gaps", "Times that nothing was seen", labels=CAMERA)
        lag = GaugeMetricFamily(
            "homeroom_camera_lag_seconds", "From a live picture's own time to its result", labels=CAMERA
        )
        offset = GaugeMetricFamily(
            "homeroom_camera_clock_offset_seconds", "By how much the camera's clock is ahead", labels=CAMERA
        )
        fallen = GaugeMetricFamily(
            "homeroom_camera_fallback", "1 while pictures come another way than they should", labels=CAMERA
        )
        info = InfoMetricFamily("homeroom_camera", "How a camera is looked at", labels=CAMERA)
        late = CounterMetricFamily("homeroom_room_views_late", "Views left out as too late", labels=["room"])
        now, desks = self._of.clock.now(), {}
        for one in self._of.fetchers():
            job, status = one.job, one.source.status
            labels = [job.desk.room.id, job.camera.id]
            desks[job.desk.room.id] = job.desk
            up.add_metric(labels, float(not one.offline and job.computed > 0))
            computed.add_metric(labels, job.computed)
            replaced.add_metric(labels, job.replaced)
            gaps.add_metric(labels, job.gaps)
            if job.live:
                lag.add_metric(labels, one.pool.lag(job, now))
            if status.clock_offset is not None:
                offset.add_metric(labels, status.clock_offset)
            fallen.add_metric(labels, float(status.fallen))
            info.add_metric(labels, {"mode": job.camera.mode.value, "rung": status.rung, "chosen": status.chosen})
        for room, desk in desks.items():
            late.add_metric([room], desk.late)
        yield from (up, computed, replaced, gaps, lag, offset, fallen, info, late)

    def _site(self) -> Iterator[Metric]:
        degraded = GaugeMetricFamily(
            "homeroom_model_degraded", "1 while a model computes elsewhere than it should", labels=["model"]
        )
        for id_, model in self._of.models().items():
            degraded.add_metric([id_], float(bool(model.degraded)))
        events = CounterMetricFamily("homeroom_events_written", "Messages of events written", labels=["behavior"])
        for behavior, count in sorted(self._of.ledger.written.items()):
            events.add_metric([behavior], count)
        yield from (degraded, events)
        yield GaugeMetricFamily(
            "homeroom_events_unwritten", "Events in memory that the store cannot take now", self._of.ledger.waiting
        )

    def _store(self) -> Iterator[Metric]:
        total, _, free = disk_usage(self._of.store.path.parent)
        yield GaugeMetricFamily("homeroom_disk_free_bytes", "Free space of the disk that holds the store", free)
        yield GaugeMetricFamily("homeroom_disk_size_bytes", "Size of the disk that holds the store", total)
        waiting = GaugeMetricFamily("homeroom_outbox_events", "Events that wait for a sink", labels=["sink"])
        oldest = GaugeMetricFamily(
            "homeroom_outbox_oldest_age_seconds", "Age of the oldest event that waits, 0 for none", labels=["sink"]
        )
        refused = CounterMetricFamily("homeroom_dead_letters", "Events that a sink refused for good", labels=["sink"])
        counts, ages, letters = self._of.store.waiting(), self._of.store.oldest(), self._of.store.refused()
        now = self._of.clock.now()
        for sink in self._of.sinks():
            waiting.add_metric([sink], counts.get(sink, 0))
            oldest.add_metric([sink], max(0.0, (now - ages.get(sink, now)).total_seconds()))
            refused.add_metric([sink], letters.get(sink, 0))
        yield from (waiting, oldest, refused)


class MetricsServer:
    """Serves figures at an address such as 127.0.0.1:9464."""

    def __init__(self, listen: str) -> None:
        """Nothing listens before start(). Raises BadInput for a port that is none."""
        self._listen = listen
        host, _, port = listen.rpartition(":")
        self._host, self.port = host.strip("[]"), int(port)
        if self.port > 65535:
            raise BadInput(f"metrics {listen}: this is no port; there are 0 to 65535")
        self._server: WSGIServer | None = None
        self._thread: Thread | None = None

    def start(self, figures: Figures) -> None:
        """Listens, in a thread of its own. Raises BadInput where it cannot; `port` says where, if 0 was asked for."""
        registry = CollectorRegistry()
        registry.register(SiteCollector(figures))
        ProcessCollector(registry=registry)
        try:
            self._server, self._thread = start_http_server(self.port, self._host, registry)
        except OSError as error:
            raise self._refused(error) from None
        self.port = self._server.server_port
        log.info("figures for Prometheus: http://%s:%d/metrics", self._listen.rpartition(":")[0], self.port)

    def check(self) -> str:
        """Says where it would listen. Raises BadInput where it cannot."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            socket.create_server((self._host, self.port), family=family).close()
        except OSError as error:
            raise self._refused(error) from None
        return f"would listen on {self._listen}"

    def _refused(self, error: OSError) -> BadInput:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error  # a name that is unknown: < 0
        return BadInput(f"metrics {self._listen}: cannot listen there: {why}; choose another address or port")

    def close(self) -> None:
        """Stops serving; safe to call twice."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None
