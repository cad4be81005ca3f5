"""Alarms that no real pictures speak for stay in the store, until the site has accepted the behavior."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.acceptance import NONE, Acceptance, read_acceptance, record_of
from homeroom.check import known
from homeroom.event import Emit
from homeroom.manifest import load_vocabulary
from homeroom.shadow import in_shadow, remarks, shadowed
from homeroom.site import read_site
from tests.fakes import PROVEN, ScriptedModel

VOCABULARY = load_vocabulary()
ALARMS = load_vocabulary({id_: {"emit": "alarm"} for id_ in VOCABULARY.behaviors})
ACCEPTED = Acceptance("fake", PROVEN.files, frozenset({"head-on-desk"}))


def model(evidence: Mapping[str, Sequence[str]], **changes: Any) -> ScriptedModel:
    return ScriptedModel(info=replace(PROVEN, evidence=evidence, **changes))


def test_an_alarm_without_evidence_runs_in_shadow_mode_and_what_is_no_alarm_does_not() -> None:
    unproven = model({"posture": ["seated", "standing"]})
    assert in_shadow(VOCABULARY, unproven, NONE) == ["head-on-desk"]
    made = shadowed(VOCABULARY, unproven, NONE)
    assert made["head-on-desk"].emit is Emit.SHADOW
    assert made["standing"] == VOCABULARY["standing"]
    assert made.health == VOCABULARY.health
    assert VOCABULARY["head-on-desk"].emit is Emit.ALARM


@given(st.sets(st.sampled_from([(axis, value) for axis, values in VOCABULARY.axes.items() for value in values])))
def test_a_behavior_is_out_of_the_shadow_exactly_when_each_of_its_values_has_evidence(
    proven: set[tuple[str, str]],
) -> None:
    evidence: dict[str, list[str]] = {}
    for axis, value in proven:
        evidence.setdefault(axis, []).append(value)
    hidden = in_shadow(ALARMS, model(evidence), NONE)
    for one in ALARMS.behaviors.values():
        each = {(one.axis, value) for value in one.values if value != "uncertain"}
        assert (one.id in hidden) == (not each <= proven)


def test_a_site_accepts_a_behavior_of_one_model_with_the_very_files_that_were_measured() -> None:
    unproven = model({})
    assert in_shadow(VOCABULARY, unproven, ACCEPTED) == []
    assert in_shadow(ALARMS, unproven, ACCEPTED) != []
    assert in_shadow(VOCABULARY, unproven, replace(ACCEPTED, model="other")) == ["head-on-desk"]
    assert in_shadow(VOCABULARY, model({}, files={"xml": "1" * 96}), ACCEPTED) == ["head-on-desk"]


def record(**changes: Any) -> dict[str, Any]:
    figure = {"value": 0.9, "low": 0.8, "high": 0.95, "n": 60}
    made = {
        "acceptance": 1,
        "site": "north",
        "model": "fake",
        "files": PROVEN.files,
        "behaviors": {"head-on-desk": {"behaviors.head-on-desk.recall": figure}},
        "set": {"title": "Room 12", "evidence": "real", "pictures": 150, "people": 3200},
        "limits": ["behaviors.head-on-desk.recall>=0.8"],
        "date": "2026-11-25",
    }
    return {**made, **changes}


def test_a_record_beside_the_store_is_read(tmp_path: Path) -> None:
    store = tmp_path / "school.db"
    assert read_acceptance(store, "north") == NONE
    record_of(store).write_text(json.dumps(record()))
    assert read_acceptance(store, "north") == ACCEPTED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (json.dumps(record(site="south")), "is of site south, not of north"),
        (json.dumps(record())[:-20], "JSON"),
        (json.dumps(record(files={"xml": "12"})), r"\$\.files"),
        (json.dumps({**record(), "set": {"title": "x", "evidence": "rendered", "pictures": 1, "people": 1}}), "real"),
        ("", ""),
        ("[]", ""),
    ],
)
def test_a_record_that_is_of_no_use_accepts_nothing_and_says_so_in_one_line(
    tmp_path: Path, text: str, why: str
) -> None:
    store = tmp_path / "school.db"
    record_of(store).write_text(text)
    found = read_acceptance(store, "north")
    assert not found.behaviors
    assert str(record_of(store)) in found.problem
    assert "it accepts nothing" in found.problem
    assert "\n" not in found.problem
    assert re.search(why, found.problem)
    assert next(iter(remarks(VOCABULARY, {}, found))) == found.problem


def test_whoever_runs_the_site_is_told_what_runs_in_shadow_mode_and_what_lifts_it() -> None:
    (line,) = remarks(VOCABULARY, {"fake": model({})}, NONE)
    assert "head-on-desk" in line
    assert "homeroom models evaluate --site" in line
    assert list(remarks(VOCABULARY, {"fake": model({})}, ACCEPTED)) == []


def test_check_tells_what_was_measured_and_what_no_real_pictures_speak_for(tmp_path: Path) -> None:
    document = {
        "site": "s",
        "jurisdiction": "lab",
        "models": [{"id": "fake"}],
        "rooms": [{"id": "r", "cameras": [{"id": "c", "address": "clip.mp4"}]}],
    }
    site = read_site(document, tmp_path, "site.json")
    evidence = {"posture": ["seated", "standing"], "gesture": ["hand-raised"], "facing": ["turned-around"]}
    figures = {"hold-out (rendered)": ["precision 0.9", "recall 0.8", "AP 0.7", "macro-F1 0.8", "ECE 0.1"]}
    lines = list(known(model(evidence, measured=figures), site))
    assert lines[:2] == [
        "precision 0.9, recall 0.8, AP 0.7, macro-F1 0.8: hold-out (rendered)",
        "occupied, head-on-desk, reading, writing, listening: measured on rendered pictures only",
    ]
    assert "alarms of head-on-desk stay in the store" in lines[2]
    assert "not measured" in next(iter(known(model({}), site)))
    assert list(known(model(VOCABULARY.axes), site)) == []
