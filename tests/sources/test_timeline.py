from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from homeroom.timeline import JUMP, CameraClock, Timeline

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
SECONDS = st.floats(-1e5, 1e5).map(lambda seconds: timedelta(seconds=seconds))


def test_steady_time_passes_through_unchanged() -> None:
    timeline = Timeline("c")
    for tick in range(20):
        utc = NOON + timedelta(seconds=tick / 5)
        assert timeline.place(utc) == (utc, None)


def test_a_jump_forward_is_a_gap_between_its_ends() -> None:
    timeline = Timeline("c")
    timeline.place(NOON)
    later = NOON + timedelta(seconds=5)
    placed, gap = timeline.place(later)
    assert placed == later
    assert gap is not None
    assert (gap.camera, gap.start, gap.end) == ("c", NOON, later)


def test_the_interval_of_scans_is_no_gap() -> None:
    timeline = Timeline("c", timedelta(seconds=30))
    timeline.place(NOON)
    assert timeline.place(NOON + timedelta(seconds=31)) == (NOON + timedelta(seconds=31), None)
    assert timeline.place(NOON + timedelta(seconds=91))[1] is not None


def test_a_small_step_back_stands_still_until_time_has_caught_up() -> None:
    timeline = Timeline("c")
    timeline.place(NOON)
    assert timeline.place(NOON - timedelta(seconds=1)) == (NOON, None)
    ahead = NOON + timedelta(milliseconds=200)
    assert timeline.place(ahead) == (ahead, None)


def test_a_clock_set_back_goes_on_from_where_it_was_and_is_reported() -> None:
    timeline = Timeline("c")
    timeline.place(NOON)
    placed, gap = timeline.place(NOON - timedelta(hours=1))
    assert placed == NOON
    assert gap is not None
    assert "went back" in gap.reason
    assert timeline.place(NOON - timedelta(minutes=59, seconds=59)) == (NOON + timedelta(seconds=1), None)


def test_a_lead_is_given_up_at_the_next_jump_forward() -> None:
    timeline = Timeline("c")
    timeline.place(NOON)
    timeline.place(NOON - timedelta(hours=1))
    placed, gap = timeline.place(NOON + timedelta(minutes=1))
    assert placed == NOON + timedelta(minutes=1)
    assert gap is not None


@given(st.lists(SECONDS, min_size=1, max_size=30))
def test_time_never_goes_backward_and_every_jump_is_a_gap(offsets: list[timedelta]) -> None:
    timeline = Timeline("c")
    last: datetime | None = None
    for offset in offsets:
        placed, gap = timeline.place(NOON + offset)
        if last is not None:
            assert placed >= last
            assert gap is not None or placed - last <= JUMP
        if gap is not None:
            assert (gap.start, gap.end) == (last, placed)
        last = placed


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(-(2**62), 2**62)), min_size=1, max_size=30))
def test_camera_time_never_leads_far_from_the_arrival(steps: list[tuple[float, int]]) -> None:
    clock = CameraClock()
    arrival = NOON
    for step, camera in steps:
        arrival += timedelta(seconds=step)
        assert arrival - JUMP <= clock.host(camera, arrival) <= arrival


@given(st.lists(st.floats(0, 1), min_size=2, max_size=200), st.integers(-(10**15), 10**15))
def test_jitter_of_the_network_goes_away_once_the_least_delay_was_seen(delays: list[float], epoch: int) -> None:
    clock = CameraClock()
    clock.host(epoch, NOON)  # came in without any delay
    for tick, delay in enumerate(delays, 1):
        sent = timedelta(milliseconds=40 * tick)
        arrival = NOON + sent + timedelta(seconds=delay)
        assert clock.host(epoch + 40_000 * tick, arrival) == NOON + sent


def test_a_camera_clock_set_anew_is_followed_at_once() -> None:
    clock = CameraClock()
    clock.host(0, NOON)
    assert clock.host(3_600_000_000, NOON + timedelta(seconds=1)) == NOON + timedelta(seconds=1)
    assert clock.host(2_000_000, NOON + timedelta(seconds=2)) == NOON + timedelta(seconds=2)


def test_a_slow_drift_is_followed_within_two_windows() -> None:
    clock = CameraClock()
    placed = arrival = NOON
    for second in range(600):  # the camera's clock loses 1 ms in every second
        arrival = NOON + timedelta(seconds=second)
        placed = clock.host(second * 999_000, arrival)
    assert arrival - placed <= timedelta(milliseconds=61)
