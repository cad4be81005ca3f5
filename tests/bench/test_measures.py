from __future__ import annotations

import json

import pytest

from homeroom.bench import commands, report, soak
from homeroom.bench.capacity import judged
from homeroom.bench.contestant import MAKERS
from homeroom.bench.figures import Reading
from homeroom.bench.limit import parsed
from homeroom.bench.machine import describe, others, quiet
from homeroom.bench.measures import MEASURES, contestants
from homeroom.bench.run import merged
from homeroom.errors import Unavailable

ROUND = {
    "inference": Reading(100, 2.5, 1.25, 0.01, 0.02),  # 25 ms, 80/s
    "benchmark_app": Reading(100, 2.4, 1.2),  # 24 ms, 83.3/s
    "decode-keys": Reading(100, 1.6, 0.8, 0.0, 0.0),  # 16 ms, 125/s
    "pipeline-keys": Reading(50, 2.0, 1.0, 0.1, 0.0),  # 40 ms, 50/s
    "scan-file": Reading(10, 0.2, 1.0, 0.0, 0.0),
    "capture-file": Reading(0.5, 1.0, 1.0, 0.0, 0.0),
}


def figures(name: str, *rounds: dict[str, Reading]) -> dict[str, object]:
    return MEASURES[name].figures(rounds or [ROUND])


def test_a_stage_is_a_share_of_its_limit_by_cpu_and_by_wall() -> None:
    found = figures("inference")
    assert found["cpu_ratio"] == {
        "median": pytest.approx(24 / 25),
        "min": pytest.approx(0.96),
        "max": pytest.approx(0.96),
    }
    assert found["wall_ratio"]["median"] == pytest.approx(80 / (100 / 1.2))  # type: ignore[index]
    assert found["met"] is False


def test_the_pipeline_is_held_to_the_composite_limit() -> None:
    found = figures("key-frames")
    assert found["cpu_ratio"]["median"] == pytest.approx((24 + 16) / 40)  # type: ignore[index]
    assert found["wall_ratio"]["median"] == pytest.approx(50 * (1.2 / 100 + 0.8 / 100))  # type: ignore[index]
    assert found["met"] is True
    assert found["ours"] == {"cpu_ms": 40, "per_second": 50, "idle_ms": 2}


def test_a_scan_is_a_share_of_what_reading_everything_costs() -> None:
    found = figures("scan-file")
    assert found["cpu_ratio"]["median"] == pytest.approx(20 / 2000)  # type: ignore[index]
    assert (found["met"], found["wall_ratio"]) == (True, None)


def test_ratios_are_made_within_a_round_before_the_median_is_taken() -> None:
    slow = {name: Reading(one.units, one.cpu * 3, one.wall * 3) for name, one in ROUND.items()}
    assert figures("inference", ROUND, slow, slow)["cpu_ratio"] == {
        "median": pytest.approx(0.96), "min": pytest.approx(0.96), "max": pytest.approx(0.96)
    }  # fmt: skip


def test_every_measure_has_its_contestants_and_its_name_on_the_command_line() -> None:
    assert tuple(MEASURES) == commands.MEASURES
    assert soak.KINDS == commands.KINDS
    assert set(contestants(commands.MEASURES)) == set(MAKERS)
    assert contestants(["key-frames", "inference"]) == dict.fromkeys(
        ("pipeline-keys", "benchmark_app", "decode-keys", "inference"), 4.0
    )


def test_a_machine_is_quiet_when_others_use_little_and_when_it_tells() -> None:
    assert others([Reading(1, 1, 1, idle=0.5, others=0.5), Reading(1, 9, 1)]) == 0.25
    assert others([Reading(1, 1, 1)]) is None
    assert [quiet(share) for share in (0.01, 0.25, None)] == [True, False, False]


def test_benchmark_app_s_own_words_are_read() -> None:
    said = "[ INFO ] Count:            240 iterations\n[ INFO ] Duration:         2908.07 ms\n"
    assert parsed(said) == (240, 2908.07 / 1000)
    with pytest.raises(Unavailable, match=r"benchmark_app did not run: \[ ERROR \] no such file"):
        parsed("[ INFO ] x\n[ ERROR ] no such file\n")


def report_of(*names: str, share: float | None) -> dict[str, object]:
    measures = {name: {**MEASURES[name].figures([ROUND]), "others": share, "quiet": quiet(share)} for name in names}
    return {"machine": describe(), "measures": measures}


def test_the_table_says_what_was_met_and_whether_the_machine_was_quiet() -> None:
    busy = report.text(report_of("inference", "key-frames", "scan-file", share=0.4))
    assert "MISSED" in busy
    assert "1/100" in busy
    assert "24.00 + 16.00" in busy
    assert "others used up to 40% of the machine" in busy
    assert "not a quiet machine" not in report.text(report_of("inference", share=0.01))
    assert "may have run" in report.text(report_of("inference", share=None))


def test_a_report_keeps_other_measures_of_the_same_machine() -> None:
    before = report_of("inference", share=0.0)
    after = merged(before, report_of("scan-file", share=0.0))
    assert list(after["measures"]) == ["inference", "scan-file"]
    other = merged({**before, "machine": {"cpu": "another"}}, report_of("scan-file", share=0.0))
    assert list(other["measures"]) == ["scan-file"]
    assert json.loads(json.dumps(after)) == after


def step(**changes: object) -> dict[str, object]:
    good = {
        "every": 30,
        "looks": {"done": 100, "due": 100},
        "lag_seconds": {"p50": 0.1, "p99": 0.5, "max": 1.0},
        "cpu": {"site": 1.0, "cores": 2},
    }
    return {**good, **changes}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, ""),
        ({"cpu": {"site": 1.5, "cores": 2}}, "CPU: 25% is left, under the reserve of 30%"),
        ({"lag_seconds": {"p99": 5.5}}, "lag: p99 is 5.5 s, over 5 s"),
        ({"lag_seconds": {"p99": 1.5}, "every": None}, "lag: p99 is 1.5 s, over 1 s"),
        ({"looks": {"done": 90, "due": 100}}, "looks: 90 of 100 were done"),
        ({"lag_seconds": None}, "nothing was seen"),
    ],
)
def test_what_gives_out_first_is_named(changes: dict[str, object], word: str) -> None:
    assert judged(step(**changes)).gave_out == word
