from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.bench.figures import Reading, chained, largest, over_rounds, percentile, rounded, slope


def test_a_reading_is_told_per_unit() -> None:
    read = Reading(units=100, cpu=2.5, wall=2.0, idle=0.5)
    assert (read.cpu_ms, read.rate, read.idle_ms) == (25, 50, 5)
    assert Reading(1, 1, 1).idle_ms is None
    assert Reading.from_json(read.to_json()) == read


def test_the_composite_limit_adds_cpu_and_wall_time_per_unit() -> None:
    inference, decoding = Reading(800, 20, 10), Reading(2000, 20, 5)  # 25 ms and 80/s; 10 ms and 400/s
    limit = chained(inference, decoding)
    assert limit.cpu_ms == pytest.approx(25 + 10)
    assert limit.rate == pytest.approx(1 / (1 / 80 + 1 / 400))


def test_a_figure_is_the_median_of_its_rounds() -> None:
    rounds = [{"a": Reading(1, cpu, 1)} for cpu in (3, 1, 2)]
    assert over_rounds(rounds, lambda one: one["a"].cpu) == {"median": 2, "min": 1, "max": 3}


values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200)


@given(values, st.sampled_from([0.01, 0.5, 0.9, 0.99, 1.0]))
def test_a_percentile_is_the_smallest_value_that_the_share_does_not_exceed(
    found: Sequence[float], share: float
) -> None:
    at = percentile(found, share)
    assert at in found
    assert sum(one <= at for one in found) >= share * len(found) - 1e-6
    assert sum(one < at for one in found) < share * len(found) + 1e-6


def test_the_99th_of_a_hundred_is_the_second_largest() -> None:
    assert percentile(range(1, 101), 0.99) == 99
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@given(st.floats(-100, 100), st.floats(-100, 100), st.lists(st.integers(0, 1000), min_size=2, max_size=50, unique=True))
def test_the_slope_of_a_line_is_its_slope(rise: float, level: float, xs: Sequence[int]) -> None:
    assert slope([(x, level + rise * x) for x in xs]) == pytest.approx(rise, abs=1e-6)


def test_no_points_and_one_moment_have_no_slope() -> None:
    assert slope([]) == slope([(1, 5)]) == slope([(1, 5), (1, 6)]) == 0


@given(st.integers(0, 1200), st.integers(1, 1500), st.integers(1, 1000))
def test_the_largest_count_that_holds_is_found_within_a_tenth(limit: int, start: int, ceiling: int) -> None:
    tried: list[int] = []

    def holds(count: int) -> bool:
        tried.append(count)
        return count <= limit

    found = largest(holds, start, ceiling)
    best = min(limit, ceiling)
    assert found <= best
    assert best - found <= max(1, 0.1 * found)
    assert len(tried) == len(set(tried)) <= 24
    assert all(1 <= one <= ceiling for one in tried)


def test_reports_keep_four_digits() -> None:
    assert rounded({"a": [1.23456, 7], "b": {"c": 123456.0}, "d": None}) == {
        "a": [1.235, 7],
        "b": {"c": 123500.0},
        "d": None,
    }
