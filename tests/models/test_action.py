"""The decoder of action nets, on small networks and random outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from homeroom.errors import BadInput
from homeroom.models.action import ActionModel, Decoder, Grid, anchored
from homeroom.models.axes import softmax
from homeroom.models.network import Input
from homeroom.models.nms import overlaps, soft_nms

from .nets import CLASSES, COLUMNS, HEIGHT, ROWS, STEP, WIDTH, flat, small_manifest, small_net

COUNT = ROWS * COLUMNS
ON_CPU = {"device": "CPU", "precision": "f32"}


def loaded(folder: Path, changes: dict[str, Any] | None = None, **net: Any) -> ActionModel:
    files = small_net(folder, **net)
    return ActionModel(small_manifest(files, **(changes or {})), files, ON_CPU)


def outputs(fill: float = 0.0) -> dict[str, Any]:
    scores = np.zeros((1, COUNT, 2), np.float32)
    scores[..., 0] = 1.0
    return {
        "boxes": np.full((1, COUNT, 4), fill, np.float32),
        "scores": scores,
        "actions": np.zeros((1, ROWS, COLUMNS, len(CLASSES)), np.float32),
    }


def decoder(**thresholds: float) -> Decoder:
    document = small_manifest({})
    return Decoder(document, outputs(), {**document["thresholds"], **thresholds})


def test_a_bright_picture_shows_one_person_where_the_prior_is(tmp_path: Path) -> None:
    (found,) = loaded(tmp_path).detector().detect([flat(250)])
    assert len(found) == 1
    assert found[0].model == "small"
    assert found[0].likelihood > 0.9
    assert found[0].box.center == pytest.approx(((1.5 * STEP) / WIDTH, (1.5 * STEP) / HEIGHT))
    assert (found[0].box.width, found[0].box.height) == pytest.approx((8 / WIDTH, 12 / HEIGHT))
    assert found[0].axes["gesture"]["hand-raised"] > 0.99


def test_a_dark_picture_shows_nobody(tmp_path: Path) -> None:
    assert loaded(tmp_path).detector().detect([flat(20), flat(100)]) == [[], []]


def test_both_orders_of_axes_decode_alike(tmp_path: Path) -> None:
    last = loaded(tmp_path / "nhwc").detector().detect([flat(250)])
    first = loaded(tmp_path / "nchw", channels_first=True).detector().detect([flat(250)])
    assert first == last


def test_a_head_whose_shape_fits_two_orders_is_refused(tmp_path: Path) -> None:
    # 2 x 2 cells of 2 classes: NCHW and NHWC look the same
    document = small_manifest({}, classes=CLASSES[:2], input={"width": 32, "height": 32})
    sample = outputs() | {"actions": np.zeros((1, 2, 2, 2), np.float32)}
    with pytest.raises(BadInput, match=r"actions has shape \[1, 2, 2, 2\], which fits two orders of axes"):
        Decoder(document, sample, document["thresholds"])


def test_a_head_with_another_number_of_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not what the manifest says: 2 rows, 4 columns and 2 classes are expected"):
        loaded(tmp_path, {"classes": CLASSES[:2]})


def test_a_missing_output_is_named_with_those_that_exist(tmp_path: Path) -> None:
    wanted = {**small_manifest({})["decoder_settings"], "scores": "conf"}
    with pytest.raises(BadInput, match="no output 'conf'; it has actions, boxes, scores"):
        loaded(tmp_path, {"decoder_settings": wanted})


def test_priors_that_do_not_fit_the_boxes_are_refused() -> None:
    document = small_manifest({})
    sample = outputs() | {"boxes": np.zeros((1, COUNT + 1, 4), np.float32)}
    with pytest.raises(BadInput, match="its 8 prior boxes need 32"):
        Decoder(document, sample, document["thresholds"])


def test_scores_that_are_no_probabilities_are_refused() -> None:
    document = small_manifest({})
    sample = outputs() | {"scores": np.full((1, COUNT, 2), 3.0, np.float32)}
    with pytest.raises(BadInput, match="holds no probabilities"):
        Decoder(document, sample, document["thresholds"])


def test_a_net_that_sees_people_in_an_empty_picture_is_refused(tmp_path: Path) -> None:
    # with a threshold of almost nothing the small net "sees" its background: as broken files do at the usual one
    with pytest.raises(BadInput, match=r"sees \d+ people in an empty grey picture"):
        loaded(tmp_path, {"thresholds": {"detection": 1e-7, "nms_sigma": 0.6}})


def test_a_site_may_change_thresholds_that_the_model_knows_and_no_others(tmp_path: Path) -> None:
    files = small_net(tmp_path)
    shy = ActionModel(small_manifest(files), files, {**ON_CPU, "thresholds": {"detection": 1.0}})
    assert shy.detector().detect([flat(250)]) == [[]]
    with pytest.raises(BadInput, match="no threshold 'overlap'; known are detection, nms_sigma"):
        ActionModel(small_manifest(files), files, {**ON_CPU, "thresholds": {"overlap": 0.5}})


def test_priors_stand_in_the_middle_of_their_cells_row_by_row_anchor_by_anchor() -> None:
    grid = Grid(rows=2, columns=3, step=8, heads=("a", "b"), channels_first=(False, False), first=0)
    priors = anchored(grid, [(4, 8), (6, 12)], Input(24, 16))
    assert priors.shape == (12, 4)
    assert priors[0] == pytest.approx((4 / 24, 4 / 16, 4 / 24, 8 / 16))
    assert priors[1] == pytest.approx((4 / 24, 4 / 16, 6 / 24, 12 / 16))
    assert priors[2] == pytest.approx((12 / 24, 4 / 16, 4 / 24, 8 / 16))
    assert priors[6] == pytest.approx((4 / 24, 12 / 16, 4 / 24, 8 / 16))


def test_a_class_that_says_nothing_of_an_axis_leaves_it_uncertain() -> None:
    given_outputs = outputs()
    given_outputs["scores"][0, 3] = (0.1, 0.9)
    given_outputs["actions"][0, 0, 3] = (0.0, 0.0, 0.0)
    (found,) = decoder()(given_outputs)
    assert found.axes["gesture"] == pytest.approx({"hand-raised": 1 / 3, "none": 2 / 3})
    assert found.axes["posture"] == pytest.approx({"seated": 1 / 3, "standing": 1 / 3})
    assert found.axes["facing"] == pytest.approx({"front": 2 / 3})
    assert "activity" not in found.axes


def test_rows_that_are_not_finite_are_left_out() -> None:
    given_outputs = outputs()
    given_outputs["scores"][0, :, 1] = (0.9, 0.9, 0.9, np.nan, np.inf, -np.inf, 0.9, 0.9)
    given_outputs["boxes"][0, 0] = np.nan
    given_outputs["boxes"][0, 1] = -np.inf
    given_outputs["actions"][0, 0, 2] = np.nan
    found = decoder()(given_outputs)
    assert {round(one.box.center[0] * COLUMNS - 0.5) for one in found} == {2, 3}
    assert len(found) == 2


anything = st.floats(width=32, allow_nan=True, allow_infinity=True)


@settings(max_examples=60, deadline=None)
@given(
    boxes=arrays(np.float32, (1, COUNT, 4), elements=anything),
    scores=arrays(np.float32, (1, COUNT, 2), elements=anything | st.floats(0.5, 1, width=32)),
    actions=arrays(np.float32, (1, ROWS, COLUMNS, len(CLASSES)), elements=anything),
)
def test_whatever_a_net_puts_out_detections_are_sound(boxes: Any, scores: Any, actions: Any) -> None:
    found = decoder()({"boxes": boxes, "scores": scores, "actions": actions})
    assert [one.likelihood for one in found] == sorted((one.likelihood for one in found), reverse=True)
    for one in found:
        assert 0.4 <= one.likelihood <= 1
        assert 0 <= one.box.left < one.box.right <= 1
        assert 0 <= one.box.top < one.box.bottom <= 1
        for over in one.axes.values():
            assert all(0 <= probability <= 1 for probability in over.values())
            assert sum(over.values()) <= 1 + 1e-9


@given(
    logits=arrays(np.float64, st.tuples(st.integers(0, 5), st.integers(1, 6)), elements=st.floats(-1e6, 1e6)),
    scale=st.floats(0.1, 100),
)
def test_softmax_gives_distributions_and_keeps_the_order(logits: Any, scale: float) -> None:
    probabilities = softmax(logits, scale)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(logits)))
    likeliest = np.take_along_axis(probabilities, logits.argmax(axis=1)[:, None], axis=1)
    assert (likeliest[:, 0] == probabilities.max(axis=1)).all()


coordinates = st.floats(-2, 2)


@st.composite
def candidates(draw: st.DrawFn) -> tuple[Any, Any]:
    count = draw(st.integers(0, 12))
    corners = draw(arrays(np.float64, (count, 2, 2), elements=coordinates))
    corners.sort(axis=1)
    return corners.reshape(count, 4), draw(arrays(np.float64, count, elements=st.floats(0, 1)))


@given(given_candidates=candidates(), sigma=st.floats(0, 1), floor=st.floats(0, 1))
def test_suppression_keeps_each_box_at_most_once_and_never_raises_a_score(
    given_candidates: tuple[Any, Any], sigma: float, floor: float
) -> None:
    boxes, scores = given_candidates
    kept = soft_nms(boxes, scores, sigma, floor)
    left = [score for _, score in kept]
    assert left == sorted(left, reverse=True)
    assert len({index for index, _ in kept}) == len(kept)
    assert all(floor <= score <= scores[index] for index, score in kept)
    if len(scores) and scores.max() > 0 and scores.max() >= floor:
        assert kept[0] == (int(scores.argmax()), scores.max())


@given(given_candidates=candidates())
def test_overlap_is_symmetric_and_whole_with_itself(given_candidates: tuple[Any, Any]) -> None:
    boxes, _ = given_candidates
    shares = overlaps(boxes)
    assert (shares == shares.T).all()
    assert ((shares >= 0) & (shares <= 1 + 1e-9)).all()
    covered = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) > 0
    assert np.diag(shares)[covered] == pytest.approx(1)


def test_boxes_that_lie_apart_leave_each_other_alone() -> None:
    boxes = np.array([[0.0, 0.0, 0.2, 0.2], [0.5, 0.5, 0.7, 0.7], [0.0, 0.0, 0.2, 0.21]])
    kept = soft_nms(boxes, np.array([0.9, 0.8, 0.7]), 0.6, 0.4)
    assert kept == [(0, 0.9), (1, 0.8)]
