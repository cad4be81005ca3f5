"""The law comes first: no frame without the grounds that the pack asks for, and none for longer than it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from homeroom.__main__ import main
from homeroom.errors import Forbidden
from homeroom.label.permit import permit_of
from homeroom.policy import load_pack
from tests.label.made import GROUNDS, settings, site

REASONS = {name: f"{name}, signed 2026-09-01" for name in GROUNDS}


def test_the_packs_say_for_how_long(tmp_path: Path) -> None:
    assert permit_of(settings(tmp_path)).hours == 168
    assert permit_of(settings(tmp_path, jurisdiction="eu", policy=REASONS)).hours == 24


@pytest.mark.parametrize("lacking", GROUNDS)
def test_each_ground_is_needed(lacking: str, tmp_path: Path) -> None:
    grounds = {name: text for name, text in REASONS.items() if name != lacking}
    with pytest.raises(Forbidden, match=f"labelling needs {lacking} under `policy`"):
        permit_of(settings(tmp_path, jurisdiction="eu", policy=grounds))


def test_hours_may_be_fewer_and_never_more(tmp_path: Path) -> None:
    made = settings(tmp_path, jurisdiction="eu", policy=REASONS)
    assert permit_of(made, 1).hours == 1
    assert permit_of(made, 24).hours == 24
    with pytest.raises(Forbidden, match="24 hours at most"):
        permit_of(made, 25)


def test_a_pack_that_does_not_name_it_forbids_it(tmp_path: Path) -> None:
    pack = load_pack("lab")
    silent = replace(pack, verdicts={name: one for name, one in pack.verdicts.items() if name != "labelling"})
    with pytest.raises(Forbidden, match="labelling is not in the pack"):
        permit_of(replace(settings(tmp_path), pack=silent))


def test_a_pack_that_names_no_hours_allows_none(tmp_path: Path) -> None:
    pack = load_pack("lab")
    open_ended = {**pack.verdicts, "labelling": replace(pack.verdicts["labelling"], hours=None)}
    with pytest.raises(Forbidden, match="names no hours"):
        permit_of(replace(settings(tmp_path), pack=replace(pack, verdicts=open_ended)))


@pytest.mark.parametrize("verb", ["collect", "serve"])
def test_without_grounds_it_is_one_line_and_2_and_nothing_is_taken(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = site(tmp_path, jurisdiction="eu", policy={"impact_assessment": "DPIA 2026-03"})
    assert main(["label", verb, str(path)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "labelling needs legal_basis, notice, permission" in said[0]
    assert "Art. 5(1)(c) and (e)" in said[0]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["clip.mp4", "site.json"]


def test_more_hours_are_one_line_and_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = site(tmp_path, jurisdiction="eu", policy=REASONS)
    assert main(["label", "collect", str(path), "--hours", "48", "--unaided"]) == 2
    assert "--hours 48: policy eu lets frames be kept for 24 hours at most" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()
