"""The demo: the main job on what the package itself carries."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.drawn import story

SECONDS = 20


def test_the_demo_shows_what_its_script_says_at_the_right_seats() -> None:
    command = [sys.executable, "-m", "homeroom", "demo", "--seconds", str(SECONDS), "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["device"].startswith("http://127.0.0.1:")
    assert told["first_event_after"] is not None
    seats = set(story()["seats"])
    began = [(event["behavior"], event["seat"]) for event in told["events"] if event["operation"] == "Initialized"]
    assert sorted(began[:4]) == [("occupied", seat) for seat in sorted(seats)]
    # the clip's last seconds may fall outside of the run on a slow machine
    assert [one for one in began[4:] if one[0] != "head-on-desk"][:3] == [
        ("hand-raised", "B1"),
        ("standing", "B1"),
        ("hand-raised", "A1"),
    ]
    assert set(began[4:]) <= {("hand-raised", "B1"), ("standing", "B1"), ("hand-raised", "A1"), ("head-on-desk", "A2")}
    assert "demonstration only" in ran.stderr.lower()
    assert "ONVIF" in ran.stderr
