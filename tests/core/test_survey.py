"""A survey of live cameras and recordings: how many pictures, how far apart, and what happens when there are none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from homeroom.detection import Detection
from homeroom.errors import Unavailable
from homeroom.picture import Gap, Picture, Unit
from homeroom.scene import Mode
from homeroom.site import CameraSettings
from homeroom.survey import MOST_VIEWS, Survey, survey
from tests.fakes import T0, ScriptedModel, StillSource, VirtualClock, at, person, png
from tests.rooms import camera_of

LEFT, RIGHT = person(0.1, 0.2, 0.3, 0.8), person(0.6, 0.2, 0.8, 0.8)


def both(_: str, __: datetime) -> list[Detection]:
    return [LEFT, RIGHT]


def camera(mode: Mode = Mode.WATCH) -> CameraSettings:
    return replace(camera_of(Path("/nowhere/clip.mp4")), mode=mode)


def look(
    source: StillSource,
    seconds: float,
    pictures: int,
    mode: Mode = Mode.WATCH,
    told: list[tuple[int, int]] | None = None,
) -> Survey:
    said = told if told is not None else []
    detector = ScriptedModel(both).detector()
    note = lambda done, wanted: said.append((done, wanted))  # noqa: E731
    return survey(camera(mode), source, detector, seconds, pictures, note, clock=VirtualClock())


def test_a_live_camera_is_scanned_evenly_by_the_clock_and_how_far_it_is_is_told() -> None:
    told: list[tuple[int, int]] = []
    source = StillSource("front")
    made = look(source, 30, 10, Mode.SCAN, told)
    assert [(due - T0).total_seconds() for due in source.dues] == [3 * n for n in range(10)]
    assert told == [(n, 10) for n in range(1, 11)]
    assert len(made.looks[0].detections) == 2
    assert made.rate == 0.0


def test_a_watched_camera_s_rate_is_counted() -> None:
    made = look(StillSource("front", step=timedelta(seconds=0.25)), 20, 10)
    assert [one.utc for one in made.looks] == [at(2 * n) for n in range(10)]
    assert made.rate == pytest.approx(4, rel=0.05)


def test_a_short_recording_is_looked_at_more_closely_and_a_long_one_no_longer_than_asked() -> None:
    short = look(StillSource("front", live=False, count=20), 60, 10)
    assert 8 <= len(short.looks) <= 10
    assert short.looks[-1].utc >= at(15)
    long = look(StillSource("front", live=False, count=5000), 60, 10)
    assert long.looks[-1].utc <= at(60)
    assert long.rate == pytest.approx(1)


def test_however_many_pictures_few_are_kept() -> None:
    made = look(StillSource("front", live=False, count=300), 299, 300)
    assert len(made.looks) == 300
    assert MOST_VIEWS / 2 <= len(made.views) <= MOST_VIEWS
    steps = {later - one for one, later in zip(made.viewed, made.viewed[1:], strict=False)}
    assert len(steps) == 1


def test_who_is_in_an_excluded_area_is_not_counted() -> None:
    shut = replace(camera(), exclude=(((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)),))
    made = survey(shut, StillSource("front", live=False, count=3), ScriptedModel(both).detector(), 60, 3)
    assert [one.detections for one in made.looks] == [(LEFT,)] * len(made.looks)


@dataclass
class DeadSource(StillSource):
    """A camera that does not answer."""

    def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
        return Gap(self.camera, due, due, "host did not answer")

    def packets(self) -> Iterator[Unit]:
        raise Unavailable("host did not answer")
        yield


@pytest.mark.parametrize("mode", list(Mode))
def test_a_camera_that_never_shows_a_picture_says_why(mode: Mode) -> None:
    with pytest.raises(Unavailable, match="host did not answer"):
        look(DeadSource("front"), 30, 10, mode)


@dataclass
class BrokenSource(StillSource):
    """A camera whose stream breaks off after every three pictures, and sends damage in between."""

    begun: int = 0

    def packets(self) -> Iterator[Unit]:
        for number in range(3):
            second = 10 * self.begun + number
            yield Unit(png() if number != 1 else b"damage", at(second), key=True)
        self.begun += 1
        raise Unavailable("broke off")


def test_a_stream_that_breaks_off_is_taken_up_again_and_counted() -> None:
    made = look(BrokenSource("front"), 30, 30)
    assert len(made.looks) > 3
    assert "broke off" in made.gaps
    assert made.gaps[:2] == ("no whole picture came out of the bytes", "broke off")


def test_a_survey_can_be_stopped() -> None:
    stop = threading.Event()

    def told(done: int, _: int) -> None:
        if done == 2:
            stop.set()

    made = survey(
        camera(), StillSource("front"), ScriptedModel(both).detector(), 60, 30, told, clock=VirtualClock(), stop=stop
    )
    assert len(made.looks) == 2
