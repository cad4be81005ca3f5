"""What a model finds in the labelled recordings, looked at once for all tests, and figures held to bounds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import pytest

from homeroom.models.cache import verify
from homeroom.models.catalog import ModelManifest, catalog, whole
from homeroom.models.evaluation.claims import said
from homeroom.models.evaluation.labels import LabelledSet, read_labels
from homeroom.models.evaluation.matching import IOU, Match, matched, overlaps
from homeroom.models.evaluation.outcome import Outcome, looked
from homeroom.models.evaluation.pictures import frames
from homeroom.models.loading import load_model
from homeroom.ports import Model
from tests.lab import lab

EMBEDDED, RECOMMENDED = "homeroom-embedded", "homeroom-recommended"
ACTION = "person-detection-action-recognition-0006"
HERE = Path(__file__).parent
SETS = ("classroom", "raised-hand", "one-by-one", "corridor")
ROOMS = ("classroom", "raised-hand")  # the classrooms among them


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, as a figure that is shown whether it holds or not."""

    what: str
    right: int
    of: int

    def held(self, reached: float, target: float) -> None:
        """Fails below what was reached; the message, and the log, tell the target as well."""
        share = self.right / self.of if self.of else 0.0
        line = f"{self.what}: {self.right} of {self.of} = {share:.3f} (reached {reached}, target {target})"
        print(line)
        assert share >= reached, line


@cache
def labels(name: str) -> LabelledSet:
    """A labelled set; its pictures lie in the lab."""
    return read_labels(HERE / name / "labels.json", lab("media"))


@cache
def model(id_: str) -> Model:
    """A model of the catalog, its fetched files and those of models that it asks brought from the lab by digest."""
    if id_ not in catalog():
        pytest.skip(f"the catalog has no {id_} yet")
    with TemporaryDirectory() as folder:
        for part in whole(catalog()[id_]):
            bring(part, Path(folder))
        return load_model({"id": id_, "device": "CPU", "precision": "f32", "cache": folder})


def bring(manifest: ModelManifest, folder: Path) -> None:
    """Copies what the manifest would fetch from the lab into a cache; the loader verifies it."""
    for one in verify(manifest, folder).values():
        if one.state != "ok" and one.file.url:
            alike = [
                path for path in lab("models").rglob(f"*{one.path.suffix}") if path.stat().st_size == one.file.size
            ]
            one.path.parent.mkdir(parents=True, exist_ok=True)
            for path in alike:
                copyfile(path, one.path)
                if verify(manifest, folder)[one.file.role].state == "ok":
                    break


@cache
def outcomes(id_: str, name: str) -> tuple[Outcome, ...]:
    """A model on all pictures of a set."""
    return tuple(looked(frames(labels(name).pictures), model(id_).detector()))


def matches(id_: str, name: str, by: str = IOU) -> list[tuple[Outcome, Match]]:
    """Who was found in each picture."""
    return [(one, matched(overlaps(one.picture, one.detections, by))) for one in outcomes(id_, name)]


def people(id_: str, names: tuple[str, ...], by: str = IOU) -> tuple[Share, Share]:
    """Precision and recall at an overlap of one half."""
    each = [match for name in names for _, match in matches(id_, name, by)]
    right = sum(len(one.pairs) for one in each)
    of = f"{id_} on {' and '.join(names)}"
    return (
        Share(f"{of}: precision", right, right + sum(len(one.false) for one in each)),
        Share(f"{of}: recall", right, sum(len(one.scored) for one in each)),
    )


def values(id_: str, name: str, axis: str, by: str = IOU) -> list[tuple[str, str]]:
    """(truth, what was said) on an axis of each person who was found and whose truth is known."""
    return [
        (one.picture.people[person].axes[axis], said(one.detections[detection].axes.get(axis, {})))
        for one, match in matches(id_, name, by)
        for person, detection in match.pairs
        if axis in one.picture.people[person].axes
    ]
