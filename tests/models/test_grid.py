"""The network that knows drawn people, and what "person-grid" makes of nets that are not what their manifest says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import av
import numpy as np
import openvino as ov
import openvino.opset13 as ops
import pytest

from homeroom.detection import Detection
from homeroom.errors import BadInput
from homeroom.event import Event, Operation
from homeroom.geometry import Box
from homeroom.manifest import load_vocabulary
from homeroom.models.cache import files as verified
from homeroom.models.catalog import read
from homeroom.models.grid import Decoder, GridModel, layout_of
from homeroom.picture import Frame
from homeroom.room import Room, Seat
from homeroom.rule import BehaviorRule
from homeroom.scene import Mode, make_scene
from tests.drawn import CLIP, MANIFEST, MODEL, story

START = datetime(2026, 1, 1, tzinfo=UTC)
SHAPES = {"objectness": 1, "box": 4, "posture": 3, "activity": 4, "gesture": 2, "facing": 2}


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    return {**MODEL, "device": "CPU", "precision": "f32", "cache": str(tmp_path)}


@pytest.fixture
def demo(settings: dict[str, Any]) -> GridModel:
    manifest = read(MANIFEST)
    return GridModel(manifest.document, verified(manifest, Path(settings["cache"])), settings)


def clip() -> Iterator[tuple[float, Frame]]:
    """Each frame of the drawn clip with its second."""
    with av.open(str(CLIP)) as container:
        for frame in container.decode(video=0):
            planes = np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8)
            luma, chroma = planes[: frame.height], planes[frame.height :].reshape(2, frame.height // 2, -1)
            at = float(frame.time or 0)
            yield at, Frame("clip", START + timedelta(seconds=at), luma, chroma[0], chroma[1])


def said(detection: Detection) -> dict[str, str]:
    """The likeliest value on each axis."""
    likeliest = {axis: max(over, key=lambda value: over[value]) for axis, over in detection.axes.items()}
    return {axis: value for axis, value in likeliest.items() if detection.axes[axis][value] >= 0.6}


def written(
    folder: Path, channels: Mapping[str, int], objectness: float = -9.0, sides: tuple[int, int] = (14, 24)
) -> Path:
    """An IR with one constant answer: a convolution of zeros, then these biases."""
    image = ops.parameter([1, 3, 224, 384], ov.Type.f32, name="image")
    pooled = ops.max_pool(
        image, [224 // sides[0], 384 // sides[1]], [1, 1], [0, 0], [0, 0], [224 // sides[0], 384 // sides[1]]
    )
    results = []
    for name, count in channels.items():
        kernel = ops.constant(np.zeros((count, 3, 1, 1), np.float32))
        bias = ops.constant(np.full((1, count, 1, 1), objectness if name == "objectness" else 0.0, np.float32))
        y = ops.add(ops.convolution(pooled.output(0), kernel, [1, 1], [0, 0], [0, 0], [1, 1]), bias)
        y.output(0).set_names({name})
        results.append(ops.result(y))
    path = folder / "synthetic.xml"
    ov.save_model(ov.Model(results, [image], "synthetic"), str(path))
    return path


def loaded(xml: Path, settings: dict[str, Any], document: Mapping[str, Any] | None = None) -> GridModel:
    return GridModel(document or read(MANIFEST).document, {"xml": xml, "bin": xml.with_suffix(".bin")}, settings)


def changed(**decoder_settings: Any) -> dict[str, Any]:
    document = dict(read(MANIFEST).document)
    document["decoder_settings"] = {**document["decoder_settings"], **decoder_settings}
    return document


def answer(
    cells: Mapping[tuple[int, int], tuple[float, float, float, float, float]],
) -> dict[str, np.ndarray[Any, Any]]:
    """Outputs with a logit and a box in some (row, column), nobody elsewhere, and everybody seated."""
    outputs = {name: np.zeros((1, count, 14, 24), np.float32) for name, count in SHAPES.items()}
    outputs["objectness"][:] = -9
    outputs["posture"][0, 0] = 5
    for (row, column), (logit, *box) in cells.items():
        outputs["objectness"][0, 0, row, column] = logit
        outputs["box"][0, :, row, column] = box
    return outputs


@pytest.fixture
def decoder() -> Decoder:
    document = read(MANIFEST).document
    return Decoder(document, layout_of(document), document["thresholds"])


def test_the_network_finds_the_scripted_people_and_what_they_do(demo: GridModel) -> None:
    told = story()
    samples = {sample["at"]: sample["people"] for sample in told["samples"]}
    detector = demo.detector()
    looked = 0
    for at, frame in clip():
        people = samples.get(round(at, 3))
        if people is None:
            continue
        found = detector.detect([frame])[0]
        assert len(found) == len(people) == 4, f"at {at} s: {found}"
        for person in people:
            best = max(found, key=lambda one: one.box.iou(Box(*person["box"])))
            assert best.box.iou(Box(*person["box"])) > 0.6, f"at {at} s: {person}"
            wanted = {axis: value for axis, value in person["axes"].items() if value != "uncertain"}
            assert said(best).items() >= wanted.items(), f"at {at} s, seat {person['seat']}: {best}"
            assert best.model == MODEL["id"]
        looked += 1
    assert looked == told["seconds"]


@pytest.mark.parametrize("first", [0, 1])
def test_the_clip_at_five_pictures_a_second_brings_about_the_scripted_behaviors_and_no_others(
    demo: GridModel, first: int
) -> None:
    told = story()
    wanted = {
        (one["seat"], one["behavior"]): [other["from"] for other in told["behaviors"] if _same(one, other)]
        for one in told["behaviors"]
    }
    begun: dict[tuple[str, str], list[Event]] = {}
    for event in replayed(demo, told["seats"], first):
        if event.operation is Operation.INITIALIZED and event.behavior != "listening":
            begun.setdefault((event.seat or "", event.behavior), []).append(event)
    assert begun.keys() == wanted.keys()
    for place, events in begun.items():
        starts = [(one.start - START).total_seconds() for one in events]
        assert starts == pytest.approx(wanted[place], abs=0.4), place
    assert min(one.utc for events in begun.values() for one in events) <= START + timedelta(seconds=2)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["seat"], one["behavior"]) == (other["seat"], other["behavior"])


def replayed(model: GridModel, seats: Mapping[str, list[list[float]]], first: int) -> Iterator[Event]:
    """Events of every second picture of the clip, by the room and rules of the core, metadata included."""
    polygons = {seat: tuple((x, y) for x, y in corners) for seat, corners in seats.items()}
    room = Room("room", [Seat(seat, {"clip": corners}) for seat, corners in polygons.items()], {"clip": timedelta(1)})
    rules = [BehaviorRule("room", one, lambda *_: uuid4()) for one in load_vocabulary().behaviors.values()]
    detector = model.detector()
    for number, (_, frame) in enumerate(clip()):
        if number % 2 == first:
            states = room.observe(make_scene("clip", frame.utc, Mode.WATCH, detector.detect([frame])[0]))
            for rule in rules:
                yield from rule.update(states)


def test_detectors_of_two_threads_say_the_same(demo: GridModel) -> None:
    frame = next(clip())[1]
    said_by: list[Any] = []
    threads = [Thread(target=lambda: said_by.append(demo.detector().detect([frame, frame]))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said_by) == 2
    assert said_by[0] == said_by[1]
    assert said_by[0][0] == said_by[0][1]


def test_a_net_that_fits_its_manifest_loads_and_sees_nobody(tmp_path: Path, settings: dict[str, Any]) -> None:
    model = loaded(written(tmp_path, SHAPES), settings)
    assert model.id == MODEL["id"]
    assert model.detector().detect([next(clip())[1]]) == [[]]


def test_a_net_with_a_wrong_shape_is_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"posture should have shape \[1, 3, 14, 24\], the file has \[1, 5, 14, 24\]"):
        loaded(written(tmp_path, {**SHAPES, "posture": 5}), settings)


def test_a_net_with_another_grid_is_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="objectness should have shape"):
        loaded(written(tmp_path, SHAPES, sides=(7, 12)), settings)


def test_a_net_without_one_of_the_outputs_is_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match=r"gesture .* no such output"):
        loaded(written(tmp_path, {name: count for name, count in SHAPES.items() if name != "gesture"}), settings)


def test_a_net_that_sees_people_everywhere_is_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="people in an empty grey picture"):
        loaded(written(tmp_path, SHAPES, objectness=9.0), settings)


def test_a_manifest_whose_heads_and_classes_differ_is_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    document = changed(heads=[{"output": "posture", "classes": 3}])
    with pytest.raises(BadInput, match="11 classes, but its heads have 3"):
        loaded(written(tmp_path, SHAPES), settings, document)


@pytest.mark.parametrize(
    ("broken", "words"),
    [({"step": 15}, "no whole cells"), ({"step": 0}, "step"), ({"heads": []}, "heads"), ({"steps": 16}, "'step'")],
)
def test_broken_decoder_settings_are_named(tmp_path: Path, broken: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        layout_of(changed(**broken))


def test_a_missing_threshold_is_named() -> None:
    document = read(MANIFEST).document
    with pytest.raises(BadInput, match="nms_sigma"):
        Decoder(document, layout_of(document), {"detection": 0.4})


def test_a_cell_becomes_a_box_in_shares_of_the_picture(decoder: Decoder) -> None:
    (one,) = decoder(answer({(6, 11): (4.0, 0.5, 0.5, np.log(6), np.log(7))}))
    assert one.box.center == pytest.approx((12 / 24, 7 / 14))
    assert (one.box.width, one.box.height) == pytest.approx((6 / 24, 7 / 14))
    assert one.likelihood == pytest.approx(1 / (1 + np.exp(-4)))
    assert one.axes["posture"]["seated"] > 0.95
    assert sum(one.axes["activity"].values()) == pytest.approx(0.75)  # a quarter is "nothing to be told"


def test_neighboring_cells_that_mean_one_person_are_one_detection(decoder: Decoder) -> None:
    side = np.log(5)
    found = decoder(answer({(6, 11): (4.0, 0.4, 0.0, side, side), (6, 12): (3.0, -0.6, 0.0, side, side)}))
    assert len(found) == 1
    assert found[0].likelihood == pytest.approx(1 / (1 + np.exp(-4)))


def test_people_side_by_side_are_two_likeliest_first(decoder: Decoder) -> None:
    side = np.log(3)
    found = decoder(answer({(6, 8): (2.0, 0.0, 0.0, side, side), (6, 12): (5.0, 0.0, 0.0, side, side)}))
    assert [one.box.center[0] > 0.5 for one in found] == [True, False]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_cells_with_numbers_that_are_not_finite_are_left_out(decoder: Decoder, wrong: float) -> None:
    side = np.log(3)
    broken = {(3, 3): (4.0, wrong, 0.0, 1.0, 1.0), (9, 20): (wrong, 0.0, 0.0, 1.0, 1.0)}
    assert len(decoder(answer({(6, 12): (5.0, 0.0, 0.0, side, side), **broken}))) == 1


def test_boxes_end_at_the_edge_of_the_picture(decoder: Decoder) -> None:
    (one,) = decoder(answer({(0, 0): (4.0, 0.0, 0.0, 900.0, 900.0)}))
    assert one.box == Box(0.0, 0.0, 1.0, 1.0)
