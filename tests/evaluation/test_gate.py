"""Limits, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeroom.errors import BadInput
from homeroom.models.evaluation.figures import named
from homeroom.models.evaluation.gate import judged, limits

FIGURES = {
    "people": {"recall": {"value": 0.95, "low": 0.91, "high": 0.97, "n": 180}},
    "macro_f1": {"value": 0.7, "low": 0.6, "high": 0.82, "n": 500},
    "axes": {"posture": {"standing": {"recall": {"value": None, "low": None, "high": None, "n": 0}}}},
    "ece": {"all": {"value": 0.06, "low": 0.05, "high": 0.08, "n": 500}},
    "latency": {"median_ms": 12.5},
}


def lines(least: list[str], most: list[str]) -> list[tuple[bool, str]]:
    return [(one.ok, one.line) for one in judged(FIGURES, limits(least, most))]


def test_names_are_those_of_the_report_without_axes() -> None:
    assert {name for name, _ in named(FIGURES)} == {
        "people.recall", "macro_f1", "posture.standing.recall", "ece.all", "latency.median_ms",
    }  # fmt: skip


def test_the_figure_decides_and_the_line_names_the_interval() -> None:
    assert lines(["people.recall=0.9", "macro_f1=0.8"], ["ece.all=0.05", "latency.median_ms=20"]) == [
        (True, "passed: people.recall is 0.95, wanted is at least 0.9 (lower end of its interval 0.91 on n = 180)"),
        (False, "FAILED: macro_f1 is 0.7, wanted is at least 0.8 (lower end of its interval 0.6 on n = 500)"),
        (False, "FAILED: ece.all is 0.06, wanted is at most 0.05 (upper end of its interval 0.08 on n = 500)"),
        (True, "passed: latency.median_ms is 12.5, wanted is at most 20"),
    ]


def test_a_pass_that_the_interval_does_not_bear_out_is_said() -> None:
    ((ok, line),) = lines(["people.recall=0.93"], [])
    assert ok
    assert line.endswith("(lower end of its interval 0.91 on n = 180); a larger set would tell for certain")


def test_what_could_not_be_measured_fails() -> None:
    ((ok, line),) = lines(["posture.standing.recall=0.1"], [])
    assert not ok
    assert line == "FAILED: posture.standing.recall: the set has nothing to measure it on; wanted is at least 0.1"


def test_limits_come_from_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "limits.json"
    path.write_text(json.dumps({"min": {"people.recall": 0.9}, "max": {"ece.all": 0.1}}))
    assert [str(one) for one in limits([str(path), "macro_f1=0.5"], [])] == [
        "people.recall>=0.9", "ece.all<=0.1", "macro_f1>=0.5",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["people.recall=", "=0.9", "people.recall=nan", "people.recall=inf", "people.recall=x"]
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no limit"):
        limits([text], [])


def test_a_figure_that_does_not_exist_is_named_with_the_one_that_was_meant() -> None:
    with pytest.raises(BadInput, match=r"no figure 'people.recal'; did you mean people.recall\?"):
        lines(["people.recal=0.9"], [])
