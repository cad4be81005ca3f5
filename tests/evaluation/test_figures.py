"""The arithmetic: what must hold of any figures, whatever was found."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from homeroom.detection import Detection, HeadPose
from homeroom.geometry import Box
from homeroom.models.evaluation import figures as made_figures
from homeroom.models.evaluation.calibration import binned, calibration
from homeroom.models.evaluation.claims import Claim, said
from homeroom.models.evaluation.confusion import Values
from homeroom.models.evaluation.figures import evaluated, jsonable, named
from homeroom.models.evaluation.heads import apart
from homeroom.models.evaluation.intervals import bootstrapped, weights, wilson
from homeroom.models.evaluation.labels import LabelledPicture, Person, scored_axes
from homeroom.models.evaluation.matching import HEAD, matched, overlaps
from homeroom.models.evaluation.outcome import Outcome
from tests.evaluation.made import outcomes, perfect, seen

BOX = Box(0.2, 0.2, 0.4, 0.8)


def pictured(people: Sequence[Person], found: Sequence[Detection], ignore: Any = ()) -> Outcome:
    return Outcome(LabelledPicture(Path("1.png"), tuple(people), ignore=ignore), tuple(found), 64, 64)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_figures, "weights", lambda pictures: weights(pictures, 40))


few = settings(max_examples=40)


@few
@given(outcomes())
def test_whoever_sees_everything_right_has_ones(found: list[Outcome]) -> None:
    assume(not any(_crossed(one) for one in found))
    figures = evaluated([perfect(one) for one in found])
    told = {
        name: figure["value"]
        for name, figure in named(jsonable(figures))
        if not name.startswith(("latency", "subgroups", "ece", "sizes")) and not name.endswith("coverage")
    }
    assert set(told.values()) <= {1, None}
    assert {one.value for one in figures["ece"].values()} <= {0, None}
    assert figures["people"]["recall"].n == figures["people"]["precision"].n


def _crossed(one: Outcome) -> bool:
    """Whether two people overlap so much that the detection of one may find the other, as in COCO."""
    boxes = [person.box for person in one.picture.people]
    return any(a.iou(b) >= 0.5 for a, b in combinations(boxes, 2))


@few
@given(outcomes())
def test_every_interval_holds_its_figure_and_lies_within_0_and_1(found: list[Outcome]) -> None:
    for name, figure in named(jsonable(evaluated(found))):
        if figure["value"] is not None and figure["low"] is not None and not name.startswith(("latency", "head")):
            assert 0 <= figure["low"] <= figure["value"] + 1e-9, name
            assert figure["value"] <= figure["high"] + 1e-9 <= 1 + 2e-9, name


@few
@given(outcomes(), st.randoms(use_true_random=False))
def test_the_order_of_pictures_people_and_detections_changes_no_figure(
    found: list[Outcome], chance: random.Random
) -> None:
    shuffled = [
        Outcome(
            LabelledPicture(one.picture.path, _mixed(one.picture.people, chance), ignore=one.picture.ignore),
            _mixed(one.detections, chance), one.width, one.height,
        )
        for one in _mixed(tuple(found), chance)
    ]  # fmt: skip
    values = [{name: one["value"] for name, one in named(jsonable(evaluated(of)))} for of in (found, shuffled)]
    if not _twins(found):
        assert values[0] == pytest.approx(values[1], nan_ok=True)


def _mixed(items: Any, chance: random.Random) -> Any:
    made = list(items)
    chance.shuffle(made)
    return tuple(made)


def _twins(found: Sequence[Outcome]) -> bool:
    """Whether somebody overlaps alike with two: who is found then depends on the order, as in COCO."""
    return any(
        len(set(row.tolist())) < len(row) for one in found for row in overlaps(one.picture, one.detections).people
    )


@given(st.integers(0, 300), st.integers(0, 300))
def test_wilson_holds_the_share_and_narrows(right: int, more: int) -> None:
    n = right + more
    figure = wilson(right, n)
    if not n:
        assert figure.value is None
        return
    assert figure.low is not None
    assert figure.high is not None
    assert 0 <= figure.low <= right / n <= figure.high <= 1
    wider = wilson(right * 4, n * 4)
    assert wider.low is not None
    assert wider.high is not None
    assert wider.high - wider.low < figure.high - figure.low


def test_wilson_is_what_the_literature_has() -> None:
    figure = wilson(81, 263)  # R. G. Newcombe, Statistics in Medicine 17, 1998, table I: 0.2553 to 0.3662
    assert [figure.low, figure.high] == pytest.approx([0.2553, 0.3662], abs=5e-5)
    figure = wilson(0, 20)  # 0.0000 to 0.1611
    assert [figure.low, figure.high] == pytest.approx([0, 0.1611], abs=5e-5)


def test_the_bootstrap_covers_the_truth_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(3)
    drawn = weights(60, 300)
    held = 0
    for _ in range(200):
        counts = np.column_stack([chance.binomial(5, 0.8, 60), np.full(60, 5)]).astype(float)
        figure = bootstrapped(counts, lambda sums: sums[:, 0] / sums[:, 1], 300, drawn)
        assert figure.low is not None
        assert figure.high is not None
        held += figure.low <= 0.8 <= figure.high
    assert 0.88 <= held / 200 <= 0.99


def test_the_same_pictures_give_the_same_intervals() -> None:
    assert np.array_equal(weights(30), weights(30))
    assert weights(30, 7).sum(axis=1).tolist() == [30.0] * 7


def calibrated(share_right: float | None, n: int = 40_000) -> float:
    """ECE of made claims: as right as they are sure, or right this often."""
    chance = np.random.default_rng(5)
    sure_of = chance.uniform(0.3, 1, n)
    right = chance.uniform(size=n) < (sure_of if share_right is None else share_right)
    made = [
        Claim(number % 100, "posture", "seated", "seated", float(p), bool(r))
        for number, (p, r) in enumerate(zip(sure_of, right, strict=True))
    ]
    values = Values(scored_axes())
    errors, _ = calibration(binned(made, values, 100), values, weights(100, 20))
    assert errors["all"].value is not None
    assert errors["all"].value == errors["posture"].value
    assert errors["facing"].value is None
    return errors["all"].value


def test_who_is_as_right_as_sure_has_hardly_an_error() -> None:
    assert calibrated(None) < 0.01
    assert calibrated(1.0) == pytest.approx(0.35, abs=0.01)  # sure of 65 % on average, and always right


@given(st.dictionaries(st.sampled_from("abc"), st.floats(0, 0.33), max_size=3))
def test_the_likeliest_value_is_said_unless_doubt_is_as_likely(over: dict[str, float]) -> None:
    told = said(over)
    doubt = 1 - sum(over.values())
    assert (told == "uncertain") == (not over or max(over.values()) <= doubt)


def test_uncertain_counts_against_recall_and_not_against_precision() -> None:
    people = [Person(Box(x, 0.2, x + 0.1, 0.8), {"posture": "standing"}) for x in (0.0, 0.2, 0.4, 0.6)]
    found = [seen(one.box, {"posture": "standing"}, 0.9, 1.0 if number else 0.4) for number, one in enumerate(people)]
    figures = evaluated([pictured(people, found)])
    standing = figures["axes"]["posture"]["standing"]
    assert (standing["precision"].value, standing["recall"].value) == (1.0, 0.75)
    assert figures["axes"]["posture"]["coverage"].value == 0.75


def test_who_was_missed_and_who_is_nobody_count_end_to_end_alone() -> None:
    people = [Person(BOX, {"gesture": "hand-raised"}), Person(Box(0.6, 0.2, 0.8, 0.8), {"gesture": "hand-raised"})]
    found = [seen(BOX, {"gesture": "hand-raised"}), seen(Box(0, 0, 0.1, 0.1), {"gesture": "hand-raised"}, 0.5)]
    figures = evaluated([pictured(people, found)])
    of_found, end = (tree["axes"]["gesture"]["hand-raised"] for tree in (figures, figures["end_to_end"]))
    assert (of_found["precision"].value, of_found["recall"].value, of_found["recall"].n) == (1, 1, 1)
    assert (end["precision"].value, end["recall"].value, end["recall"].n) == (0.5, 0.5, 2)
    assert figures["people"]["precision"].value == figures["people"]["recall"].value == 0.5
    matrix = figures["confusion"]["gesture"]
    assert matrix["truth"] == ["hand-raised", "none", "nobody"]
    assert matrix["said"] == ["hand-raised", "none", "uncertain", "missed"]
    assert matrix["counts"] == [[1, 0, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]]


def test_an_axis_that_cannot_be_told_is_not_scored() -> None:
    figures = evaluated([pictured([Person(BOX, {})], [seen(BOX, {"activity": "reading"})])])
    assert figures["axes"]["activity"]["reading"]["precision"].value is None
    assert figures["macro_f1"].value is None


def test_who_does_none_of_an_axis_is_right_as_uncertain_and_spoils_the_precision_of_what_is_said() -> None:
    reader = Person(BOX, {"activity": "reading"})
    idle = [Person(Box(x, 0.2, x + 0.1, 0.8), {"activity": "uncertain"}) for x in (0.6, 0.8)]
    found = [
        seen(BOX, {"activity": "reading"}),
        seen(idle[0].box, {"activity": "reading"}, 0.8),
        seen(idle[1].box, {}, 0.7),
    ]
    figures = evaluated([pictured([reader, *idle], found)])
    reading = figures["axes"]["activity"]["reading"]
    assert (reading["precision"].value, reading["recall"].value, reading["recall"].n) == (0.5, 1, 1)
    activity = figures["axes"]["activity"]
    assert (activity["accuracy"].value, activity["accuracy"].n) == (pytest.approx(2 / 3), 3)
    assert (activity["coverage"].value, activity["coverage"].n) == (1, 1)
    assert figures["confusion"]["activity"]["truth"] == ["reading", "writing", "listening", "uncertain", "nobody"]
    assert figures["confusion"]["activity"]["counts"][3] == [1, 0, 0, 1, 0]


def test_difficult_people_and_ignored_areas_are_neither_right_nor_wrong() -> None:
    hidden = Person(BOX, {"posture": "seated"}, difficult=True)
    mirror = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    inside = Person(Box(0.6, 0.2, 0.8, 0.8), {"posture": "seated"})
    found = [
        seen(BOX, {}),
        seen(BOX, {}, 0.8),
        seen(Box(0.55, 0.1, 0.7, 0.4), {}, 0.7),
        seen(Box(0, 0, 0.1, 0.1), {}, 0.6),
    ]
    figures = evaluated([pictured([hidden, inside], found, (mirror,))])
    assert figures["people"]["recall"].n == 0
    assert (figures["people"]["precision"].value, figures["people"]["precision"].n) == (0, 1)


def test_by_the_head_a_box_through_the_desk_is_the_person() -> None:
    visible = Box(0.4, 0.3, 0.6, 0.5)
    person = Person(visible, {"posture": "seated"}, head=(0.5, 0.33))
    neighbour = Person(Box(0.58, 0.3, 0.78, 0.5), {"posture": "standing"}, head=(0.68, 0.33))
    through = Box(0.38, 0.28, 0.62, 0.98)
    beside = Box(0.56, 0.28, 0.8, 0.98)
    found = [seen(beside, {"posture": "standing"}, 0.95), seen(through, {"posture": "seated"}, 0.9)]
    outcome = pictured([person, neighbour], found)
    assert matched(overlaps(outcome.picture, outcome.detections)).pairs == []
    assert sorted(matched(overlaps(outcome.picture, outcome.detections, HEAD)).pairs) == [(0, 1), (1, 0)]
    figures = evaluated([outcome], HEAD)
    assert figures["people"]["ap50"].value == 1
    assert "ap" not in figures["people"]
    hidden = pictured([replace(person, difficult=True), neighbour], found)
    assert matched(overlaps(hidden.picture, hidden.detections, HEAD)).false == []


def test_heads_aside_and_down_and_their_degrees() -> None:
    poses = [(40.0, 0.0), (0.0, -30.0), (0.0, 0.0)]
    told = [(50.0, 0.0), (0.0, -20.0), (-36.0, 0.0)]
    people = [
        Person(Box(x, 0, x + 0.1, 0.5), head_pose=HeadPose(*pose, 0))
        for x, pose in zip((0, 0.3, 0.6), poses, strict=True)
    ]
    found = [Detection(one.box, 0.9, {}, "m", HeadPose(*pose, 0)) for one, pose in zip(people, told, strict=True)]
    head = evaluated([pictured(people, found)])["head"]
    assert head["yaw_mae"].value == pytest.approx(46 / 3)
    assert head["pitch_mae"].value == pytest.approx(10 / 3)
    assert (head["aside"]["recall"].value, head["aside"]["precision"].value) == (1, 0.5)
    assert (head["down"]["recall"].value, head["down"]["precision"].value) == (0, None)
    silent = evaluated([pictured(people, [Detection(one.box, 0.9, {}, "m") for one in people])])["head"]
    assert (silent["coverage"].value, silent["aside"]["recall"].value, silent["yaw_mae"].value) == (0, 0, None)


@given(st.floats(-720, 720), st.floats(-720, 720))
def test_angles_are_at_most_half_a_turn_apart(one: float, other: float) -> None:
    assert 0 <= apart(one, other) <= 180
    assert apart(one, one + 360) == pytest.approx(0, abs=1e-9)


def crowd(group: str, right: int, wrong: int, number: int) -> list[Outcome]:
    """People of a group whose postures are seen right and wrong, one a picture, both values in turn."""
    made = []
    for index in range(right + wrong):
        value, other = ("seated", "standing") if index % 2 else ("standing", "seated")
        person = Person(BOX, {"posture": value}, groups={"skin": group})
        made.append(pictured([person], [seen(BOX, {"posture": value if index < right else other})]))
    return made[:number]


def test_the_worst_subgroup_is_named_with_how_far_it_is_behind() -> None:
    found = [*crowd("light", 380, 20, 400), *crowd("dark", 320, 80, 400), *crowd("rare", 5, 5, 10)]
    made = evaluated(found)["subgroups"]
    assert (made["worst"]["group"], made["worst"]["cell"], made["worst"]["best"]) == ("skin", "dark", "light")
    assert not made["worst"]["few"]
    assert made["gap"].value == pytest.approx(0.15, abs=0.01)
    cells = made["groups"]["skin"]
    assert cells["rare"]["macro_f1"].value is None  # too few to be compared
    assert cells["rare"]["n"] == 10
    assert made["groups"]["distance"]["near"]["n"] == 810
    low, high = cells["dark"]["macro_f1"].low, cells["dark"]["macro_f1"].high
    assert low is not None
    assert high is not None
    assert 0.7 < low < 0.8 < high < 0.9


def test_cells_are_compared_by_values_that_all_of_them_have() -> None:
    lucky = [
        pictured([Person(BOX, {"posture": "seated"}, groups={"skin": "light"})], [seen(BOX, {"posture": "seated"})])
    ] * 100
    mixed = crowd("dark", 100, 0, 100)
    asleep = Person(BOX, {"posture": "head-on-desk"}, groups={"skin": "dark"})
    hard = [pictured([asleep], [seen(BOX, {"posture": "seated"})])] * 30
    cells = evaluated([*lucky, *mixed, *hard])["subgroups"]["groups"]["skin"]
    # seated alone is common to both; of the hard value only what it costs "seated" is seen
    assert cells["light"]["macro_f1"].value == 1
    assert cells["dark"]["macro_f1"].value == pytest.approx(2 * 50 / (2 * 50 + 30))


def test_figures_are_json() -> None:
    figures = jsonable(evaluated([pictured([Person(BOX)], [])]))
    assert json.loads(json.dumps(figures)) == figures
