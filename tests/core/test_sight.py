"""What pictures say of their camera: made faults are told, light, people and real recordings are not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

import av
import cv2
import numpy as np
import pytest

from homeroom.behaviors import CAMERA_COVERED, CAMERA_DARK, CAMERA_FROZEN
from homeroom.event import event_id
from homeroom.health import FROM_PICTURES, CameraHealth, conditions
from homeroom.manifest import load_vocabulary
from homeroom.picture import Frame, Gap
from homeroom.quality import measure
from homeroom.scene import Mode, Scene
from homeroom.sight import Sight
from tests.fakes import at
from tests.lab import lab
from tests.pictures import DARK, HARMLESS, TAMPERED, Luma, frame, room

VIEWS = ["made", *(f"intel-{name}" for name in ("classroom-preview.gif", "people-detection.gif"))]
Change = Callable[[Luma], Luma]
RECORDINGS = [
    "intel-classroom-preview.gif",
    "intel-face-demographics-walking.gif",
    "intel-head-pose-face-detection-female.gif",
    "intel-one-by-one-person-detection.mp4",
    "intel-people-detection.gif",
]


def health(*, live: bool = True, wanted: Mapping[str, Any] | None = None) -> CameraHealth:
    made = conditions(load_vocabulary(wanted), FROM_PICTURES, "r", "front", partial(event_id, "s", "e"))
    return CameraHealth(made, Sight(live))


def scene(second: float, picture: Frame, mode: Mode = Mode.WATCH) -> Scene:
    return Scene("front", at(second), mode, quality=measure(picture))


def lumas(path: str) -> Iterator[Luma]:
    """A recording's pictures, small for the sake of time."""
    with av.open(str(lab(f"media/{path}"))) as container:
        for picture in container.decode(video=0):
            yield picture.reformat(320, 180).to_ndarray(format="gray").astype(float)


def told(of: CameraHealth, views: Iterable[Scene | Gap]) -> list[tuple[str, bool, float, str]]:
    """(state, begins, second, reason) of each event."""
    return [
        (event.behavior, event.active, (event.utc - at(0)).total_seconds(), event.reason)
        for view in views
        for event in of.update(view)
    ]


def watched(luma: Luma, change: Change, *, before: float = 60, lasting: float = 60) -> list[Scene]:
    """A minute of a view as it is, a minute of it changed, a minute as it was; one picture a second."""
    whole = np.arange(0, before + lasting + 60)
    return [
        scene(float(second), frame(change(luma) if before <= second < before + lasting else luma, seed=int(second)))
        for second in whole
    ]


def views() -> list[str]:
    return [
        "made",
        "intel-classroom-preview.gif",
        "intel-people-detection.gif",
        "intel-one-by-one-person-detection.mp4",
    ]


def first(name: str) -> Luma:
    return room() if name == "made" else next(lumas(name))


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("fault", TAMPERED)
def test_a_covered_or_turned_camera_is_told_and_so_is_its_return(name: str, fault: str) -> None:
    events = told(health(), watched(first(name), TAMPERED[fault]))
    assert [event[:3] for event in events] == [(CAMERA_COVERED, True, 70), (CAMERA_COVERED, False, 130)]
    reasons = {"taped": "covered", "out of focus": "out of focus"}
    assert events[0][3] == reasons.get(fault, "turned away or covered")


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("change", HARMLESS)
def test_other_light_and_people_near_by_are_no_fault(name: str, change: str) -> None:
    assert told(health(), watched(first(name), HARMLESS[change])) == []


@pytest.mark.parametrize("kind", DARK)
def test_a_dark_picture_is_dark_and_not_covered(kind: str) -> None:
    events = told(health(), watched(room(), DARK[kind]))
    assert [event[:3] for event in events] == [(CAMERA_DARK, True, 90), (CAMERA_DARK, False, 130)]


@pytest.mark.parametrize("name", RECORDINGS)
def test_real_recordings_raise_no_false_alarm(name: str) -> None:
    """As a live camera that shows them in a loop for some minutes."""
    pictures = [frame(luma, seed=number) for number, luma in enumerate(islice(lumas(name), 0, None, 5))]
    views = [scene(number / 2, pictures[number % len(pictures)]) for number in range(max(400, len(pictures)))]
    assert told(health(), views) == []


def still(second: float) -> Frame:
    return frame(room(), seed=int(second))


def test_a_live_camera_that_repeats_its_picture_is_frozen_until_a_new_one_comes() -> None:
    views = [scene(second, still(min(second, 10) if second < 100 else second)) for second in range(120)]
    assert told(health(), views) == [
        (CAMERA_FROZEN, True, 70, "the same picture again and again"),
        (CAMERA_FROZEN, False, 101, ""),
    ]


def test_a_clock_that_a_frozen_camera_goes_on_writing_into_its_picture_hides_nothing() -> None:
    def stamped(second: int) -> Frame:
        made = still(0)
        luma = made.y.copy()
        luma[:9, :60] = 40 + second  # 0.9 % of the picture
        return Frame("front", at(second), luma, made.u, made.v, full_range=True)

    events = told(health(), [scene(second, stamped(second)) for second in range(100)])
    assert [event[:3] for event in events] == [(CAMERA_FROZEN, True, 60)]


def test_a_recording_or_a_still_is_never_frozen() -> None:
    assert told(health(live=False), [scene(second, still(0)) for second in range(300)]) == []


@pytest.mark.parametrize("kind", ["black", "taped"])
def test_a_picture_without_anything_in_it_is_not_frozen(kind: str) -> None:
    """In black no noise need be left, and a live camera with the lights off repeats itself."""
    picture = frame({**DARK, **TAMPERED}[kind](room()), noise=0)
    states = {event[0] for event in told(health(), [scene(second, picture) for second in range(120)])}
    assert states == {CAMERA_DARK if kind == "black" else CAMERA_COVERED}


def test_a_scanned_camera_needs_two_scans_for_a_fault_and_three_alike_for_frozen() -> None:
    def scans(*pictures: Frame) -> list[tuple[str, bool, float, str]]:
        return told(health(), [scene(30.0 * number, one, Mode.SCAN) for number, one in enumerate(pictures)])

    def covered(seed: int) -> Frame:
        return frame(TAMPERED["hand"](room()), seed=seed)

    assert scans(still(0), covered(1), still(2), still(3)) == []
    assert scans(still(0), covered(1), covered(2), still(3), still(4))[0][:3] == (CAMERA_COVERED, True, 60)
    assert scans(still(0), still(1), still(1), still(2)) == []
    assert scans(still(0), still(1), still(1), still(1))[0][:3] == (CAMERA_FROZEN, True, 90)


def test_a_camera_that_stays_turned_has_a_new_usual_view_after_a_while() -> None:
    turned = TAMPERED["upside down"]
    views = watched(room(), turned, before=60, lasting=700)
    events = told(health(), views)
    assert [event[:3] for event in events[:2]] == [(CAMERA_COVERED, True, 70), (CAMERA_COVERED, False, 370)]
    assert events[2][:3] == (CAMERA_COVERED, True, 770), "back is another view now"


def test_a_slow_change_is_followed() -> None:
    """A shadow that moves through the room in an hour."""
    luma, views = room(), []
    for minute in np.arange(0, 60, 0.25):
        shade = 1 - 0.8 * np.exp(-(((np.arange(luma.shape[1]) / luma.shape[1] - minute / 60) / 0.15) ** 2))
        views.append(scene(minute * 60, frame(luma * shade[None, :], seed=int(minute * 4))))
    assert told(health(), views) == []


def test_the_night_does_not_take_the_usual_view_away() -> None:
    day, night = room(), DARK["night"](room())
    views = [scene(second, frame(night if 100 <= second < 5000 else day, seed=second)) for second in range(0, 5200, 10)]
    assert {event[0] for event in told(health(), views)} == {CAMERA_DARK}


def gap(start: float, end: float, reason: str = "does not answer") -> Gap:
    return Gap("front", at(start), at(end), reason)


def test_a_scanned_camera_is_offline_after_two_scans_without_a_picture() -> None:
    one: Scene | Gap = scene(0, still(0), Mode.SCAN)
    assert told(health(), [one, gap(30, 50), scene(60, still(60), Mode.SCAN)]) == []
    views = [one, gap(30, 40), gap(60, 70), scene(90, still(90), Mode.SCAN)]
    assert [event[:3] for event in told(health(), views)] == [
        ("camera-offline", True, 70),
        ("camera-offline", False, 90),
    ]


def test_what_this_machine_did_not_look_at_is_no_fault_of_the_camera() -> None:
    views: list[Scene | Gap] = [
        scene(0, still(0)),
        *(gap(second, second + 10, "overloaded") for second in range(0, 100, 10)),
    ]
    assert told(health(), views) == []


def test_the_site_says_how_long_a_camera_may_be_gone() -> None:
    wanted = {"camera-offline": {"watch": {"min_time": 5, "min_off": 3}}, "camera-dark": {"emit": "none"}}
    views: list[Scene | Gap] = [scene(0, still(0)), gap(0, 6), scene(7, still(7)), scene(10, still(10))]
    events = told(health(wanted=wanted), [*views, *watched(room(), DARK["night"])[1:]])
    assert [event[:3] for event in events] == [("camera-offline", True, 6), ("camera-offline", False, 10)]


def test_a_gap_says_nothing_of_what_pictures_show() -> None:
    of = health()
    night = frame(DARK["night"](room()))
    views: list[Scene | Gap] = [scene(0, still(0)), *(scene(second, night) for second in (10, 20, 30))]
    views.append(Gap("front", at(30), at(40), "overloaded"))
    views += [scene(second, night) for second in (41, 50, 60, 71)]
    assert [event[:3] for event in told(of, views)] == [(CAMERA_DARK, True, 71)]


def test_measuring_is_the_same_for_any_range_and_size() -> None:
    luma = room()
    full = measure(frame(luma, noise=0))
    large = measure(frame(np.asarray(cv2.resize(luma, (1920, 1080)), np.float64), noise=0))
    assert float(full.edges() @ large.edges()) > 0.97
    grey = np.full((180, 320), 128, np.uint8)
    studio = Frame("front", at(0), (16 + luma * 219 / 255).astype(np.uint8), grey, grey)
    assert measure(studio).brightness == pytest.approx(full.brightness, abs=0.01)
    assert measure(studio).contrast == pytest.approx(full.contrast, abs=0.01)
    tiny = Frame("front", at(0), grey[:2, :2], grey[:1, :1], grey[:1, :1], full_range=True)
    assert measure(tiny).contrast == 0


def test_one_pixel_s_change_changes_one_print() -> None:
    luma = np.full((144, 256), 90, np.uint8)
    other = luma.copy()
    other[70, 100] += 1
    grey = np.full((72, 128), 128, np.uint8)
    one, two = (measure(Frame("front", at(0), each, grey, grey)) for each in (luma, other))
    assert one.repeated(two) == pytest.approx(1 - 1 / 576)
