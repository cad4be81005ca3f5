"""The demo: the main job on what the package itself carries."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from homeroom.manifest import load_vocabulary, shipped
from homeroom.models.evaluation.labels import read_labels

SECONDS = 25
LESSON = Path(__file__).resolve().parents[2] / "plugin" / "lesson"


def true_at_some_time() -> set[tuple[str, str]]:
    """(behavior, seat) of all that the lesson's labels say."""
    behaviors = load_vocabulary().behaviors.values()
    return {
        (one.id, person.seat)
        for picture in read_labels(LESSON / "labels.json").pictures
        for person in picture.people
        for one in behaviors
        if person.axes.get(one.axis) in one.values
    }


def test_the_demo_tells_what_happens_at_its_seats() -> None:
    command = [sys.executable, "-m", "homeroom", "demo", "--seconds", str(SECONDS), "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["device"].startswith("http://127.0.0.1:")
    assert told["first_event_after"] is not None
    seats = {seat["id"] for seat in shipped("examples/demo.json")["rooms"][0]["seats"]}
    assert len(seats) >= 8
    began = [(event["behavior"], event["seat"]) for event in told["events"] if event["operation"] == "Initialized"]
    assert {seat for _, seat in began} <= seats
    occupied = {seat for behavior, seat in began if behavior == "occupied"}
    assert len(occupied) >= 0.8 * len(seats), "most of those who are there are seen"
    others = [one for one in began if one[0] != "occupied"]
    right = [one for one in others if one in true_at_some_time()]
    print(f"the demo told {len(others)} behaviors, of which {len(right)} are true of their seats at some time")
    assert others
    assert len(right) >= 0.5 * len(others)
    assert "nobody was filmed" in ran.stderr
    assert "ONVIF" in ran.stderr
