"""A set-up end to end, answered by a script: what is found, asked, kept and written."""

from __future__ import annotations

import io
import json
import re
import stat
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from homeroom.__main__ import main
from homeroom.commission.command import set_up
from homeroom.commission.dialogue import Dialogue, Unattended
from homeroom.commission.draft import path_of
from homeroom.commission.flags import Flags
from homeroom.errors import BadInput
from homeroom.site import load_site
from tests.commission.fakes import RIGHT, Network, Script, clip

ASSESSMENT = "DPIA 2026-03, signed 2026-09-01"
NEEDED = (("Whose law", "eu"), ("impact_assessment", ""), ("assessment", ASSESSMENT))
QUIET: Mapping[str, Any] = {"look": False, "learn": False, "check": False, "fetch": False, "listen": "127.0.0.1:0"}


@pytest.fixture(autouse=True)
def _no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMEROOM_MODELS", str(tmp_path / "models"))


def school() -> Network:
    """Six devices of three makes: one open, one with another password, one that is switched off."""
    network = Network()
    network.add("10.0.0.5", "R101 front", "Alpha")
    network.add("10.0.0.6", "Room 101 - back", "Alpha")
    network.add("10.0.0.7", "Library", "Beta", "other")
    network.add("10.0.0.8", "Camera", "Gamma", None)
    network.add("10.0.0.9", "R102", "Alpha", "third")
    network.add("10.0.0.10", "R103", "Alpha")
    network.dead.add("onvif://10.0.0.10")
    network.offsets["onvif://10.0.0.6"] = 3600.0
    return network


def logins(*more: tuple[str, str]) -> Script:
    return Script(
        ("of kind Alpha: a password", "login"),
        ("User name", "viewer"),
        ("Password", RIGHT),
        ("not open yet", "skip"),
        ("of kind Beta: a password", "login"),
        ("User name", "viewer"),
        ("Password", "other"),
        ("Whose law", "eu"),
        ("assessment", ASSESSMENT),
        *more,
    )


def names_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def run(path: Path, dialogue: Dialogue, network: Network, *, attended: bool = True, **flags: Any) -> dict[str, Any]:
    """The summary of a set-up."""
    out = io.StringIO()
    made = Flags(**{**QUIET, "manifest": path, "json": True, **flags})
    code = set_up(made, dialogue, network.reach, out, attended=attended)
    assert code == 0, dialogue
    summary: dict[str, Any] = json.loads(out.getvalue())
    return summary


def test_from_a_network_to_a_manifest_that_loads(tmp_path: Path) -> None:
    network, script = school(), logins()
    summary = run(tmp_path / "north.json", script, network)
    settings = load_site(tmp_path / "north.json")
    assert settings.name == "north"
    assert {room.id: [one.id for one in room.cameras] for room in settings.rooms} == {
        "library": ["library-camera"],
        "r101": ["r101-front", "r101-back"],
        "room-10-0-0-8": ["room-10-0-0-8-camera"],
    }
    assert settings.pack.id == "eu"
    assert settings.grounds == {"impact_assessment": ASSESSMENT}
    assert settings.granularity == "class"
    assert "its clock is 3600 s ahead" in script.text
    assert set(summary["left_out"]) == {"onvif://10.0.0.9", "onvif://10.0.0.10"}
    assert any("--add --camera onvif://10.0.0.9" in line for line in summary["next"])
    by_id = {one.id: one.settings for _, one in settings.cameras}
    assert by_id["r101-front"]["password"] == RIGHT
    assert by_id["library-camera"]["password"] == "other"
    assert "password" not in by_id["room-10-0-0-8-camera"], "an open camera needs none"


def test_secrets_lie_in_files_of_their_own_that_their_user_alone_reads(tmp_path: Path) -> None:
    run(tmp_path / "north.json", logins(), school())
    text = (tmp_path / "north.json").read_text()
    files = sorted((tmp_path / "secrets").iterdir())
    assert [one.name for one in files] == ["alpha.pw", "beta.pw", "vms.pw"]
    for one in files:
        assert stat.S_IMODE(one.stat().st_mode) == 0o600
        assert one.read_text().strip() not in text
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert not path_of(tmp_path / "north.json").exists()
    assert [one for one in names_in(tmp_path) if one.startswith(".")] == []


def wrong(times: int) -> list[tuple[str, str]]:
    return [("not open yet", "login"), ("User name", "viewer"), ("Password", "wrong")] * times


def test_nobody_gets_a_third_wrong_password(tmp_path: Path) -> None:
    network = school()
    script = Script(
        ("of kind Alpha: a password", "login"), *wrong(9)[1:], ("of kind Beta: a password", "skip"), *NEEDED[::2]
    )  # fmt: skip
    run(tmp_path / "north.json", script, network)
    assert network.wrong == {f"onvif://10.0.0.{n}": 2 for n in (5, 6, 9)}
    assert len([words for words, _ in script.answers if words == "Password"]) == 3, "nobody is left to try it on"


def test_a_mistyped_password_is_shown_to_one_camera_alone(tmp_path: Path) -> None:
    network = Network()
    for number in range(1, 41):
        network.add(f"10.0.0.{number}", f"R{number}", "Alpha")
    script = Script(
        ("a password", "login"), *wrong(1)[1:], ("not open yet", "login"), ("User name", "v"), ("Password", RIGHT),
        *NEEDED[::2],
    )  # fmt: skip
    assert run(tmp_path / "north.json", script, network)["cameras"] == 40
    assert sum(network.wrong.values()) == 1


def test_a_wrong_password_of_a_list_counts_as_a_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network()
    network.add("10.0.0.5", "R101", "Alpha")
    network.add("10.0.0.6", "R102", "Alpha", None)
    monkeypatch.setenv("CAM", "wrong")
    (tmp_path / "list.csv").write_text("10.0.0.5,viewer,CAM\n10.0.0.6\n")
    script = Script(("not open yet", "login"), ("User name", "v"), ("Password", "wrong too"), *NEEDED[::2])
    run(tmp_path / "north.json", script, network, cameras=tmp_path / "list.csv", discover=False)
    assert network.wrong == {"onvif://10.0.0.5": 2}


def test_an_rtsp_camera_is_its_own_list(tmp_path: Path) -> None:
    network = Network()
    network.passwords["rtsp://10.0.0.5/stream1"] = RIGHT
    script = Script(("of kind rtsp", "login"), ("User name", "v"), ("Password", RIGHT), *NEEDED[::2])
    run(tmp_path / "n.json", script, network, camera=("rtsp://10.0.0.5/stream1",), discover=False)
    (camera,) = [one for _, one in load_site(tmp_path / "n.json").cameras]
    assert camera.settings["password"] == RIGHT


def test_what_a_person_named_goes_before_what_was_found_on_the_same_host(tmp_path: Path) -> None:
    network = Network()
    network.add("10.0.0.5", "R101 front", "Alpha")
    network.passwords["rtsp://10.0.0.5/stream1"] = None
    run(tmp_path / "n.json", Script(*NEEDED[::2]), network, camera=("rtsp://10.0.0.5/stream1",))
    assert [one.address for _, one in load_site(tmp_path / "n.json").cameras] == ["rtsp://10.0.0.5/stream1"]
    assert [one.id for one in load_site(tmp_path / "n.json").rooms] == ["r101"], "what it told of itself is used"
    with pytest.raises(BadInput, match="no new camera"):
        run(tmp_path / "n.json", Script(), network, add=True)


def test_a_recorder_with_several_cameras(tmp_path: Path) -> None:
    network = Network()
    network.add("10.0.0.5", "NVR", "Alpha", None, "R101 front", "R101 back", "Gym")
    run(tmp_path / "n.json", Script(*NEEDED[::2]), network)
    assert {room.id: len(room.cameras) for room in load_site(tmp_path / "n.json").rooms} == {"gym": 1, "r101": 2}
    (gym, *r101) = [one.settings for _, one in load_site(tmp_path / "n.json").cameras]
    assert gym["profile"] == "p2"
    assert [one["profile"] for one in r101] == ["p0", "p1"]


def test_rooms_are_changed_until_they_are_right(tmp_path: Path) -> None:
    network = Network()
    for number, name in enumerate(("R1", "R2", "R3", "Gym"), 1):
        network.add(f"10.0.0.{number}", name, "Alpha", None)
    script = Script(("Rooms", "drop 1"), ("Rooms", "merge 1 2"), ("Rooms", "rename 1 Physics lab"), *NEEDED[::2])
    run(tmp_path / "n.json", script, network)
    rooms = load_site(tmp_path / "n.json").rooms
    assert {(one.id, one.name, len(one.cameras)) for one in rooms} == {
        ("physics-lab", "Physics lab", 2),
        ("r3", "Room 3", 1),
    }


@pytest.mark.parametrize("said", ["rename", "merge 9", "drop x", "explode 1", "rename 1 ...", "merge 99999999999"])
def test_a_change_that_makes_no_sense_is_refused(said: str, tmp_path: Path) -> None:
    network = Network()
    network.add("10.0.0.5", "R1", "Alpha", None)
    with pytest.raises(BadInput):
        run(tmp_path / "n.json", Script(("Rooms", said), *NEEDED[::2]), network)


def test_grounds_that_do_not_exist_yet_are_left_open_and_told(tmp_path: Path) -> None:
    network = Network()
    network.add("10.0.0.5", "R1", "Alpha", None)
    script = Script(("Whose law", "eu"), ("assessment", "none"))
    run(tmp_path / "n.json", script, network)
    assert "will not run until `policy` names: impact_assessment" in script.text
    assert load_site(tmp_path / "n.json").grounds == {}


def test_seats_ask_for_every_ground_and_class_for_one(tmp_path: Path) -> None:
    network = Network()
    network.add("10.0.0.5", "R1", "Alpha", None)
    script = Script(
        ("Whose law", "eu"), ("What may be told", "seat"),
        ("legal basis", "School act, section 12"), ("impact assessment", ASSESSMENT),
        ("were told", "Letter of 2026-09-02"), ("permissions are kept", "School office, file 12"),
    )  # fmt: skip
    run(tmp_path / "n.json", script, network)
    assert set(load_site(tmp_path / "n.json").grounds) == {"legal_basis", "impact_assessment", "notice", "permission"}


def interrupt() -> str:
    raise KeyboardInterrupt


def gone() -> str:
    raise EOFError


@pytest.mark.parametrize("stop", [interrupt, gone])
@pytest.mark.parametrize(
    "question", ["of kind Beta", "Rooms", "Whose law", "assessment", "Which model", "Where does it"]
)
def test_who_stops_anywhere_goes_on_from_there(question: str, stop: Any, tmp_path: Path) -> None:
    path, network = tmp_path / "north.json", school()
    first = logins()
    first.answers.insert(0, (question, stop))
    code = set_up(Flags(manifest=path, check=False, fetch=False), first, network.reach, io.StringIO(), attended=True)
    assert code == 130
    assert not path.exists(), "nothing half-written"
    assert f"homeroom setup {path}" in first.text
    draft = path_of(path).read_text()
    assert RIGHT not in draft
    assert json.loads(draft)["cameras"]
    assert [one for one in names_in(tmp_path) if one.startswith(".")] == []
    before = network.wrong.copy()
    again = logins(("Go on from there", "yes"))
    if question != "of kind Beta":
        again.answers = [one for one in again.answers if "kind" not in one[0]]
    summary = run(path, again, network)
    assert {room.id for room in load_site(path).rooms} == {"library", "r101", "room-10-0-0-8"}
    assert not path_of(path).exists()
    if question != "of kind Beta":
        assert network.wrong == before, "what was found is not asked again"
        assert set(summary["left_out"]) == {"onvif://10.0.0.9", "onvif://10.0.0.10"}


def test_a_draft_may_be_forgotten(tmp_path: Path) -> None:
    path, network = tmp_path / "north.json", school()
    script = Script(("Id of the site", "old"), ("Search", interrupt))
    assert set_up(Flags(manifest=path), script, network.reach, io.StringIO(), attended=True) == 130
    assert path_of(path).exists()
    run(path, logins(("Id of the site", "new"), ("Go on from there", "no")), network)
    assert load_site(path).name == "new"


WHOLE = {"draft": 1, "add": False, "done": [], "manifest": {}, "cameras": [], "left_out": {}}


@pytest.mark.parametrize(
    "draft",
    [
        "",
        "[]",
        "{}",
        json.dumps({**WHOLE, "draft": 99}),
        json.dumps({**WHOLE, "manifest": {"rooms": 3}}),
        json.dumps({**WHOLE, "cameras": [{"address": 3}]}),
        json.dumps({**WHOLE, "left_out": [3]}),
    ],
)
def test_a_draft_that_is_none_is_refused_in_one_line(draft: str, tmp_path: Path) -> None:
    path = tmp_path / "n.json"
    path_of(path).write_text(draft)
    with pytest.raises(BadInput):
        run(path, Script(), Network(), resume=True)


def test_a_recorder_s_new_channel_is_added_and_its_old_ones_are_not(tmp_path: Path) -> None:
    network = Network()
    network.add("10.0.0.5", "NVR", "Alpha", None, "R1", "R2")
    run(tmp_path / "n.json", Script(*NEEDED[::2]), network)
    network.names["onvif://10.0.0.5"] = ("R1", "R2", "R3")
    run(tmp_path / "n.json", Script(), network, add=True)
    assert [one.id for one in load_site(tmp_path / "n.json").rooms] == ["r1", "r2", "r3"]


def test_a_room_that_would_be_too_full_is_refused_while_it_can_be_changed(tmp_path: Path) -> None:
    network = Network()
    for number in range(1, 9):
        network.add(f"10.0.0.{number}", f"R1 cam {number}", "Alpha", None)
    run(tmp_path / "n.json", Script(*NEEDED[::2]), network)
    network.add("10.0.0.9", "R1 door", "Alpha", None)
    with pytest.raises(BadInput, match="8 at most"):
        run(tmp_path / "n.json", Script(), network, add=True)
    run(tmp_path / "n.json", Script(("Rooms", "rename 1 Corridor")), network, add=True)
    assert [one.id for one in load_site(tmp_path / "n.json").rooms] == ["r1", "corridor"]


def test_more_cameras_join_a_manifest_and_nothing_else_changes(tmp_path: Path) -> None:
    path, network = tmp_path / "north.json", school()
    run(path, logins(), network)
    before = json.loads(path.read_text())
    network.add("10.0.0.20", "R101 side", "Delta", None)
    network.add("10.0.0.21", "R200", "Delta", None)
    network.passwords["onvif://10.0.0.9"] = RIGHT
    script = Script(("of kind Alpha", "login"), ("User name", "viewer"), ("Password", RIGHT))
    summary = run(path, script, network, add=True)
    after = json.loads(path.read_text())
    assert {key: after[key] for key in before if key != "rooms"} == {k: v for k, v in before.items() if k != "rooms"}
    rooms = {room["id"]: room for room in after["rooms"]}
    assert [one["id"] for one in rooms["r101"]["cameras"]] == ["r101-front", "r101-back", "r101-side"]
    assert {"r102", "r200"} <= set(rooms)
    assert [room for room in before["rooms"] if room["id"] != "r101"] == [
        rooms[room["id"]] for room in before["rooms"] if room["id"] != "r101"
    ]
    assert json.loads(Path(summary["backup"]).read_text()) == before
    assert "Whose law" not in " ".join(script.asked)


def test_a_manifest_is_never_written_over_unasked(tmp_path: Path) -> None:
    path = tmp_path / "north.json"
    path.write_text("precious")
    with pytest.raises(BadInput, match="--add or --force"):
        run(path, Unattended(print), school(), attended=False)
    assert path.read_text() == "precious"
    summary = run(path, logins(("is there already", "anew")), school())
    assert Path(summary["backup"]).read_text() == "precious"
    run(path, logins(), school(), force=True)
    assert len([one for one in names_in(tmp_path) if ".bak" in one]) == 2


def test_the_vms_keeps_its_password_when_a_manifest_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "north.json"
    run(path, logins(), school())
    before = (tmp_path / "secrets" / "vms.pw").read_text()
    run(path, logins(), school(), force=True)
    assert (tmp_path / "secrets" / "vms.pw").read_text() == before


HOSTILE = [
    "\x1b]0;owned\x07\x1b[2J\x1b[31m",
    "R1\r\nFAIL everything",
    "../../../../etc/cron.d/x",
    "a\"b\\c'$(reboot)`",
    "\u202egnp.exe\u2066",
    "x" * 100_000,
    "\ud800",
    "-rf",
    "\x9b2J",
    "CON",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_the_network_reach_neither_terminal_nor_file_names_raw(name: str, tmp_path: Path) -> None:
    network = Network()
    network.add("10.0.0.5", name, name, RIGHT, name, location=name)
    network.devices["x"] = network.devices["onvif://10.0.0.5"].__class__(f"file:///etc/passwd{name}", name, name, name)
    script = Script(("a password", "login"), ("User name", "v"), ("Password", RIGHT), *NEEDED[::2])
    run(tmp_path / "n.json", script, network)
    told = "\n".join([*script.told, *script.asked])
    assert all(char.isprintable() or char == "\n" for char in told)
    assert max(map(len, told.splitlines())) < 1000
    text = (tmp_path / "n.json").read_text("utf-8")
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "passwd" not in text
    assert all(re.fullmatch("[a-z0-9-]{1,60}[.]pw", one) for one in names_in(tmp_path / "secrets"))
    load_site(tmp_path / "n.json")


# Scripts.


def test_a_script_gives_everything_by_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAM", RIGHT)
    (tmp_path / "list.csv").write_text(
        "# the school\naddress;username;password-env;room;name\n10.0.0.5;viewer;CAM;101;front\n10.0.0.6;;;101;back\n"
    )
    told: list[str] = []
    summary = run(
        tmp_path / "n.json", Unattended(told.append), school(), attended=False, site="north", discover=False,
        cameras=tmp_path / "list.csv", camera=("10.0.0.8",), room=("Gym=10.0.0.8",), username="viewer",
        password_env="CAM", jurisdiction="eu", granularity="class", ground=(f"impact_assessment={ASSESSMENT}",),
        model="person-detection-action-recognition-0006", onvif=True, vms_user="vms", metrics="none",
    )  # fmt: skip
    settings = load_site(tmp_path / "n.json")
    assert {room.id: [one.id for one in room.cameras] for room in settings.rooms} == {
        "gym": ["gym-camera"],
        "r101": ["r101-front", "r101-back"],
    }
    assert summary["left_out"] == {}
    text = (tmp_path / "n.json").read_text()
    assert '{"env": "CAM"}' in text
    assert sorted(names_in(tmp_path / "secrets")) == ["vms.pw"]


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        ({"site": None}, "--site"),
        ({"discover": None}, "--discover"),
        ({"camera": ()}, "--camera"),
        ({"room": ()}, "--room"),
        ({"jurisdiction": None}, "--jurisdiction"),
        ({"granularity": None}, "--granularity"),
        ({"ground": ()}, "--ground impact_assessment"),
        ({"model": None}, "--model"),
        ({"fetch": None}, "--fetch"),
        ({"onvif": None}, "--onvif"),
        ({"listen": None}, "--listen"),
        ({"vms_user": None}, "--vms-user"),
        ({"metrics": None}, "--metrics"),
        ({"look": None}, "--look"),
        ({"learn": None}, "--learn"),
        ({"check": None}, "--check"),
        ({"username": None, "password_env": None}, "--username"),
    ],
)
def test_what_a_script_lacks_is_named_by_its_flag(
    lacking: dict[str, Any], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAM", RIGHT)
    flags: dict[str, Any] = {
        "site": "north", "discover": False, "camera": ("10.0.0.5",), "room": ("101=10.0.0.5",), "username": "viewer",
        "password_env": "CAM", "jurisdiction": "eu", "granularity": "class",
        "ground": (f"impact_assessment={ASSESSMENT}",), "model": "person-detection-action-recognition-0006",
        "onvif": True, "vms_user": "vms", "metrics": "none",
    }  # fmt: skip
    with pytest.raises(BadInput, match=named):
        run(tmp_path / "n.json", Unattended(print), school(), attended=False, **{**flags, **lacking})


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"camera": ("rtsp://viewer:hunter2@10.0.0.5/x",)}, "take user and password out"),
        ({"camera": ("gopher://10.0.0.5",)}, "gopher"),
        ({"camera": ("rtsp://[::1/x",)}, "no URL"),
        ({"camera": ("not there.mp4",)}, "neither a file nor an address"),
        ({"camera": ("/not/there.mp4",)}, "no such file"),
        ({"camera": ("~nobody-of-that-name/x.mp4",)}, "no such file"),
        ({"camera": ("x" * 1000,)}, "neither a file"),
        ({"camera": ("x" * 2000,)}, "1024"),
        ({"manifest": Path("x" * 300)}, "too long"),
        ({"manifest": Path("not/there/n.json")}, "make the folder first"),
        ({"room": ("Gym",)}, "NAME=ADDRESS"),
        ({"room": ("Gym=10.9.9.9",)}, "no camera 10.9.9.9"),
        ({"jurisdiction": "atlantis"}, "eu, lab"),
        ({"ground": ("impact_assesment=x",)}, "names are legal_basis"),
        ({"ground": ("impact_assessment=x",)}, "3 to 500"),
        ({"model": "gpt"}, "person-detection"),
        ({"listen": "everywhere"}, "--listen"),
        ({"metrics": "0.0.0.0:9"}, "--metrics"),
        ({"site": "a b"}, "--site"),
        ({"password_env": "NOT_SET_ANYWHERE"}, "NOT_SET_ANYWHERE"),
        ({"password_file": Path("/not/there")}, "--password-file"),
        ({"vms_password_env": "NOT_SET_ANYWHERE"}, "--vms-password-env"),
    ],
)
def test_a_wrong_flag_is_named_and_no_secret_is_repeated(flags: dict[str, Any], said: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {"camera": ("10.0.0.8",), "yes": True, "discover": False, "jurisdiction": "eu"}
    given["ground"] = (f"impact_assessment={ASSESSMENT}",)
    with pytest.raises(BadInput, match=re.escape(said)) as caught:
        run(tmp_path / "n.json", Unattended(print), school(), attended=False, **{**given, **flags})
    assert "hunter2" not in str(caught.value)
    assert not (tmp_path / "n.json").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("10.0.0.5,viewer,hunter2", "list.csv:1: column 3 names an environment variable"),
        ("10.0.0.5,,PATH", "without a user name"),
        ("rtsp://a:hunter2@10.0.0.5/", "list.csv:1: take user"),
        ("10.0.0.5,a,,b,c,d", "more than 5 columns"),
        ('10.0.0.5,"a', "not CSV"),
    ],
)
def test_a_wrong_line_of_a_list_is_named(line: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(line + "\n")
    with pytest.raises(BadInput, match=re.escape(said)) as caught:
        run(tmp_path / "n.json", Unattended(print), school(), attended=False, cameras=tmp_path / "list.csv", yes=True)
    assert "hunter2" not in str(caught.value)


def test_lists_that_cannot_be_read(tmp_path: Path) -> None:
    for raw in (b"\xff\xfe\x00", b"x" * (1024 * 1024 + 1), b"10.0.0.5\n" * 1001):
        (tmp_path / "list.csv").write_bytes(raw)
        with pytest.raises(BadInput, match=r"list\.csv"):
            run(
                tmp_path / "n.json",
                Unattended(print),
                school(),
                attended=False,
                cameras=tmp_path / "list.csv",
                yes=True,
            )


def test_forty_devices_are_tried_side_by_side(tmp_path: Path) -> None:
    network = Network()
    for number in range(1, 41):
        network.add(f"10.0.0.{number}", f"R{number}", "Alpha", None)
    together = threading.Barrier(20, timeout=60)
    network.before = together.wait  # nobody gets on until twenty are at it
    summary = run(tmp_path / "n.json", Script(*NEEDED[::2]), network)
    assert summary["rooms"] == 40


def test_the_command_line_makes_a_manifest_that_check_accepts(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    clip(tmp_path, "R101 front.mp4", pytestconfig.rootpath)
    arguments = ["setup", "n.json", "--yes", "--json", "--no-discover", "--camera", "R101 front.mp4"]
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert (
        main(
            [*arguments, "--learn", "--jurisdiction", "lab", "--model", "homeroom-embedded", "--listen", "127.0.0.1:0"]
        )
        == 0
    )
    summary = json.loads(capsys.readouterr().out)
    assert (summary["rooms"], summary["cameras"], summary["ok"]) == (1, 1, True)
    kinds = [row["kind"] for row in summary["checked"] if row["kind"] != "accuracy"]
    assert kinds == ["policy", "model", "camera", "vms"]
    (picture,) = summary["pictures"]
    assert stat.S_IMODE(Path(picture).stat().st_mode) == 0o600, "people may be in it"
    assert len(json.loads((tmp_path / "n.json").read_text())["rooms"][0]["seats"]) >= 8, "of ten people"
    assert json.loads((tmp_path / "n.json").read_text())["rooms"][0]["cameras"][0] == {
        "id": "r101-front",
        "address": "R101 front.mp4",
    }
    assert main(["check", "n.json"]) == 0
