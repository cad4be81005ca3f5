import random
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.compute import Job, Pool, from_key, joined
from homeroom.fetch import BACKOFF, Backoff, Fetcher, moved, sampled
from homeroom.geometry import Polygon
from homeroom.picture import Codec, Gap, Picture, Unit
from homeroom.scene import Mode, Scene
from homeroom.site import CameraSettings
from tests.fakes import T0, HungSource, ScriptedModel, StillSource, VirtualClock, at

PNG = Codec("png")


class Spy:
    """A desk that keeps what comes in, and says when it has enough."""

    def __init__(self, enough: int) -> None:
        self.views: list[Scene | Gap] = []
        self.enough = enough
        self.full = threading.Event()
        self.finished = threading.Event()

    def put(self, view: Scene | Gap, horizon: object) -> None:
        self.views.append(view)
        if len(self.views) >= self.enough:
            self.full.set()

    def finish(self, camera: str) -> None:
        self.finished.set()


def camera(name: str, mode: Mode = Mode.SCAN, every: float = 30, exclude: tuple[Polygon, ...] = ()) -> CameraSettings:
    return CameraSettings(name, name, "", "fake", mode, timedelta(seconds=every), 2, 10, exclude, {})


def failed(error: Exception) -> None:
    raise AssertionError(error)


def test_fifty_hung_cameras_do_not_cost_a_healthy_one_a_single_scan() -> None:
    clock, pool, desk = VirtualClock(), Pool({"fake": ScriptedModel()}, 3, failed), Spy(20)
    healthy = StillSource("healthy")
    hung = [HungSource(f"hung-{number}") for number in range(50)]
    fetchers = [
        Fetcher(Job(camera(source.camera), desk, "fake", live=True), source, pool, clock, T0, failed)  # type: ignore[arg-type]
        for source in [*hung, healthy]
    ]
    pool.start()
    for fetcher in fetchers:
        fetcher.start()
    assert desk.full.wait(20)
    for fetcher in fetchers:
        fetcher.close()
    for fetcher in fetchers:
        assert fetcher.join(5)
    pool.close()
    assert healthy.dues[:20] == [at(30 * number) for number in range(20)], "every scan on its own grid, none left out"
    assert all(len(source.dues) == 1 for source in hung)


def test_of_a_recording_every_picture_is_computed_in_order() -> None:
    pool, desk = Pool({"fake": ScriptedModel()}, 3, failed), Spy(1000)
    source = StillSource("file", live=False, count=40)
    fetcher = Fetcher(
        Job(camera("file", Mode.WATCH), desk, "fake", live=False),  # type: ignore[arg-type]
        source,
        pool,
        VirtualClock(),
        T0,
        failed,
    )
    pool.start()
    fetcher.start()
    assert desk.finished.wait(20)
    pool.close()
    assert [view.utc for view in desk.views] == [at(number) for number in range(40)]


def unit(seconds: float, *, key: bool = False, size: int = 1) -> Unit:
    return Unit(b"x" * size, at(seconds), key)


def test_sampling_hands_over_all_units_between_two_pictures() -> None:
    units = [unit(n / 10, key=n == 0) for n in range(21)]
    pictures = list(sampled(units, "c", lambda: PNG, timedelta(seconds=1)))
    assert [picture.utc for picture in pictures] == [at(0), at(1), at(2)]
    assert [len(picture.units) for picture in pictures] == [1, 10, 10]
    assert [picture.fresh for picture in pictures] == [True, False, False]


def test_a_slow_rate_decodes_only_from_the_last_key_unit() -> None:
    units = [unit(n, key=n % 4 == 0) for n in range(31)]
    pictures = list(sampled(units, "c", lambda: PNG, timedelta(seconds=10)))
    assert [(picture.utc, len(picture.units), picture.fresh) for picture in pictures[1:]] == [
        (at(10), 3, True),
        (at(20), 1, True),
        (at(30), 3, True),
    ]


def test_a_stream_that_changes_its_codec_begins_anew() -> None:
    now = {"codec": PNG}

    def units() -> Iterator[Unit]:
        for n in range(6):
            now["codec"] = PNG if n < 3 else Codec("h264")
            yield unit(n, key=True)

    pictures = list(sampled(units(), "c", lambda: now["codec"], timedelta(seconds=1)))
    assert [(picture.codec.name, picture.fresh) for picture in pictures] == [
        ("png", True),
        ("png", False),
        ("png", False),
        ("h264", True),
        ("h264", False),
        ("h264", False),
    ]


@given(st.integers(0, 2**32), st.integers(1, 20))
def test_pauses_grow_to_their_limit_and_are_cut_by_half_at_most(seed: int, count: int) -> None:
    backoff = Backoff(random.Random(seed))
    for number in range(count):
        longest = min(BACKOFF[0] * 2**number, BACKOFF[1])
        assert longest / 2 <= backoff.pause() <= longest
    backoff.reset()
    assert backoff.pause() <= BACKOFF[0]


def test_two_hundred_cameras_that_go_together_do_not_come_back_together() -> None:
    backoffs = [Backoff(random.Random(seed)) for seed in range(200)]
    for tries in range(6):
        pauses = [backoff.pause() for backoff in backoffs]
        longest = min(BACKOFF[0] * 2**tries, BACKOFF[1])
        tenths = Counter(int(pause / longest * 20) for pause in pauses)
        assert max(tenths.values()) <= 40, "spread evenly over half the pause: 20 in each tenth of it, give or take"


@pytest.mark.parametrize("mode", Mode)
def test_a_camera_is_left_alone_until_its_first_turn(mode: Mode) -> None:
    clock, pool, desk = VirtualClock(), Pool({"fake": ScriptedModel()}, 1, failed), Spy(1)
    asked: list[datetime] = []

    class Noting(StillSource):
        def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
            asked.append(clock.now())
            return super().fetch(due, timeout)

        def packets(self) -> Iterator[Unit]:
            asked.append(clock.now())
            return super().packets()

    job = Job(camera("c", mode), desk, "fake", live=True)  # type: ignore[arg-type]
    fetcher = Fetcher(job, Noting("c", count=3), pool, clock, at(12), failed)
    pool.start()
    fetcher.start()
    assert desk.finished.wait(20)
    pool.close()
    assert asked[0] == at(12)


def test_a_clock_set_back_does_not_stop_the_looking() -> None:
    units = [unit(n / 10, key=True) for n in range(100)] + [unit(n / 10 - 3600, key=True) for n in range(100, 200)]
    assert len(list(sampled(units, "c", lambda: PNG, timedelta(seconds=1)))) == 20


def test_a_scan_that_waited_for_its_key_picture_is_no_gap() -> None:
    clock, pool, desk = VirtualClock(), Pool({"fake": ScriptedModel()}, 1, failed), Spy(4)

    class Slow(StillSource):
        def fetch(self, due: datetime, timeout: float) -> Picture | Gap | None:
            made = super().fetch(due, timeout)
            late = timedelta(seconds=7 * (len(self.dues) % 2))
            return moved(made, late) if isinstance(made, Picture) else made

    source = Slow("slow", count=4)
    fetcher = Fetcher(Job(camera("slow"), desk, "fake", live=True), source, pool, clock, T0, failed)  # type: ignore[arg-type]
    pool.start()
    fetcher.start()
    assert desk.finished.wait(20)
    pool.close()
    assert not any(isinstance(view, Gap) for view in desk.views)


def picture(*units: Unit, fresh: bool) -> Picture:
    return Picture("c", units[-1].utc, PNG, units, fresh)


def test_a_live_camera_s_waiting_pictures_become_one_with_all_units() -> None:
    both = joined(picture(unit(0, key=True), fresh=True), picture(unit(1), fresh=False))
    assert isinstance(both, Picture)
    assert (both.utc, both.fresh, len(both.units)) == (at(1), True, 2)
    newer = picture(unit(2, key=True), fresh=True)
    assert joined(both, newer) is newer


@pytest.mark.parametrize("old", [[unit(0, key=True), *[unit(0)] * 600], [unit(0, key=True, size=33 * 1024 * 1024)]])
def test_too_much_unseen_is_a_gap(old: list[Unit]) -> None:
    gap = joined(picture(*old, fresh=True), picture(unit(1), fresh=False))
    assert gap == Gap("c", at(0), at(1), "overloaded")


def test_a_decoder_that_lost_its_thread_begins_at_a_key_unit() -> None:
    lost = picture(unit(0), unit(1, key=True), unit(2), fresh=False)
    resumed = from_key(lost)
    assert resumed is not None
    assert (resumed.fresh, len(resumed.units)) == (True, 2)
    assert from_key(picture(unit(0), fresh=False)) is None


def test_scanned_cameras_hold_no_decoder_of_their_own() -> None:
    pool, desk = Pool({"fake": ScriptedModel()}, 3, failed), Spy(20)
    sources = [StillSource(f"c{number}", count=1, live=False) for number in range(20)]
    jobs = [Job(camera(source.camera), desk, "fake", live=False) for source in sources]  # type: ignore[arg-type]
    pool.start()
    for job, source in zip(jobs, sources, strict=True):
        picture = source.fetch(T0, 1)
        assert isinstance(picture, Picture)
        pool.submit(job, picture, T0)
    assert desk.full.wait(20)
    pool.close()
    assert all(isinstance(view, Scene) for view in desk.views)
    assert [job.decoder.decoded for job in jobs] == [0] * 20


def test_a_watched_cameras_sight_is_measured_once_a_second() -> None:
    pool, desk = Pool({"fake": ScriptedModel()}, 3, failed), Spy(21)
    source = StillSource("c", count=21, live=False, step=timedelta(seconds=0.25))
    job = Job(camera("c", Mode.WATCH), desk, "fake", live=False)  # type: ignore[arg-type]
    pool.start()
    for number in range(21):
        picture = source.fetch(at(0.25 * number), 1)
        assert isinstance(picture, Picture)
        pool.submit(job, picture, picture.utc)
    assert desk.full.wait(20)
    pool.close()
    assert [view.utc for view in desk.views if isinstance(view, Scene) and view.quality] == [at(n) for n in range(6)]
