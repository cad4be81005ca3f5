"""Stills are sealed: what is changed, swapped, outlived or killed half-way shows no picture."""

from __future__ import annotations

import json
import os
import re
import stat
import threading
from pathlib import Path

import pytest

from homeroom.errors import BadInput
from homeroom.label.audit import user
from homeroom.label.collection import Collection, collection_of
from homeroom.label.expiry import Expiry
from homeroom.label.permit import Permit
from homeroom.label.seal import HEAD
from homeroom.label.vault import Vault
from tests.fakes import T0, VirtualClock
from tests.label.made import JPEG, SEATED, acts, collection, in_the_clear, later, marked, settings, still


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def held(tmp_path: Path, clock: VirtualClock) -> Collection:
    """Three stills, the first of them labelled."""
    made = collection(settings(tmp_path), clock)
    marked(made, made.ids()[0])
    return made


def files(held: Collection) -> list[Path]:
    return sorted(held.vault.folder.iterdir())


def frames(held: Collection) -> list[Path]:
    return [path for path in files(held) if path.suffix == ".frame"]


def refused(held: Collection, id_: str) -> str:
    with pytest.raises(BadInput) as told:
        held.still(id_)
    assert "\n" not in str(told.value)
    return str(told.value)


def test_what_goes_in_comes_out(held: Collection) -> None:
    assert sorted(one.id for one in held.stills()) == held.ids()
    first = still(0)
    assert held.still(first.id) == first
    assert first.jpeg.startswith(JPEG)
    assert first.proposed == (SEATED,)
    shown = held.still(first.id).frame()
    assert (shown.width, shown.height, shown.camera, shown.utc) == (64, 48, "front", T0)
    assert [one.people for one in held.done().values()] == [(SEATED,)]


def test_nothing_lies_there_in_the_clear(held: Collection, tmp_path: Path) -> None:
    assert in_the_clear(tmp_path) == [tmp_path / "site.json"]
    assert len(frames(held)) == 3


def test_only_its_user_may_open_it(held: Collection) -> None:
    assert stat.S_IMODE(held.vault.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in [*files(held), held.audit.path]} == {0o600}


def test_a_folder_that_others_may_open_is_closed(tmp_path: Path, clock: VirtualClock) -> None:
    made = settings(tmp_path)
    folder = collection_of(made, clock).vault.folder
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    collection(made, clock, stills=1)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path, clock: VirtualClock) -> None:
    made = settings(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").write_text("mine")
    folder = collection_of(made, clock).vault.folder
    folder.parent.mkdir()
    folder.symlink_to(elsewhere)
    with pytest.raises(BadInput, match="is a link"):
        collection(made, clock, stills=1)
    with pytest.raises(BadInput):
        collection_of(made, clock).erase()
    assert [one.name for one in elsewhere.iterdir()] == ["mine"]


def test_a_flipped_byte_is_told_in_one_line(held: Collection) -> None:
    path = frames(held)[0]
    whole = path.read_bytes()
    for place in (HEAD - 1, HEAD, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert "does not open" in refused(held, path.stem)
        assert "label erase" in refused(held, path.stem)
    path.write_bytes(whole[:-1])
    assert "does not open" in refused(held, path.stem)
    path.write_bytes(whole)
    assert held.still(path.stem).id == path.stem


def test_another_key_opens_nothing(held: Collection) -> None:
    key = held.vault.folder / "key"
    key.write_bytes(bytes(32))
    assert "does not open" in refused(held, held.ids()[0])
    key.write_bytes(b"short")
    assert "is no key" in refused(held, held.ids()[0])


def test_swapped_files_open_nothing(held: Collection) -> None:
    first, second, third = frames(held)
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    assert "does not open" in refused(held, first.stem)
    assert "does not open" in refused(held, second.stem)
    labels = next(path for path in files(held) if path.suffix == ".labels")
    third.write_bytes(labels.read_bytes())
    assert "does not open" in refused(held, third.stem)


def test_a_still_of_another_site_does_not_open(held: Collection, clock: VirtualClock) -> None:
    other = Vault(held.vault.folder, "other", clock)
    with pytest.raises(BadInput, match="does not open"):
        other.get(f"{held.ids()[0]}.frame")


def test_a_longer_life_is_refused(held: Collection, clock: VirtualClock) -> None:
    path = frames(held)[0]
    raw = bytearray(path.read_bytes())
    end = int.from_bytes(raw[17:25], "big")
    assert end == int(T0.timestamp()) + 24 * 3600
    raw[17:25] = (end + 3600).to_bytes(8, "big")
    path.write_bytes(raw)
    assert "longer life" in refused(held, path.stem)
    later(clock, hours=24)
    assert "longer life" in refused(held, path.stem), "nor does it open after its own end"


def test_a_still_ends_when_its_hours_are_over(held: Collection, clock: VirtualClock) -> None:
    ids = held.ids()
    later(clock, hours=23, minutes=59, seconds=59)
    assert (held.ids(), held.expire()) == (ids, 0)
    later(clock, seconds=1)
    assert held.ids() == []
    assert "gone" in refused(held, ids[0])
    assert held.expire() == 3
    assert files(held) == []
    assert held.expire() == 0
    assert [line["act"] for line in acts(held)] == ["labelled", "expired"]
    assert acts(held)[-1]["frames"] == 3


def test_each_still_has_its_own_end_and_the_key_goes_with_the_last(tmp_path: Path, clock: VirtualClock) -> None:
    held = collection(settings(tmp_path), clock, stills=1)
    first = held.ids()
    marked(held, *first)
    later(clock, hours=1)
    second = still(7, clock)
    collection_of(settings(tmp_path), clock).add(second, Permit(24))
    later(clock, hours=23)
    assert held.expire() == 1
    assert held.ids() == [second.id]
    assert {path.name for path in files(held)} == {f"{second.id}.frame", "key"}
    assert held.still(second.id) == second
    later(clock, hours=1)
    assert held.expire() == 1
    assert files(held) == []


def test_labels_live_as_long_as_their_still(held: Collection, clock: VirtualClock) -> None:
    later(clock, hours=10)
    marked(held, held.ids()[1])
    later(clock, hours=14)
    held.expire()
    assert files(held) == []


def test_erasing_destroys_all_and_may_be_done_again(held: Collection) -> None:
    key = (held.vault.folder / "key").read_bytes()
    assert held.erase() == 3
    assert files(held) == []
    assert held.erase() == 0
    assert [line["act"] for line in acts(held)] == ["labelled", "erased"]
    held.add(still(0), Permit(24))
    assert (held.vault.folder / "key").read_bytes() != key


def test_the_key_is_overwritten_before_it_is_unlinked(held: Collection, tmp_path: Path) -> None:
    key = held.vault.folder / "key"
    kept = tmp_path / "kept"
    os.link(key, kept)  # the same bytes on the disk, under a second name
    before = kept.read_bytes()
    held.erase()
    assert not key.exists()
    assert len(kept.read_bytes()) == 32
    assert kept.read_bytes() != before


def test_who_still_looks_after_an_erasure_sees_nothing(tmp_path: Path, clock: VirtualClock) -> None:
    looking = collection(settings(tmp_path), clock)
    ids = looking.ids()
    raw = {path: path.read_bytes() for path in frames(looking)}
    collection_of(settings(tmp_path), clock).erase()
    for path, content in raw.items():
        path.write_bytes(content)  # as undeleted from the disk
    with pytest.raises(BadInput, match="the frames are gone"):
        looking.still(ids[0])
    assert looking.expire() == 3, "what no key opens is swept away"
    assert files(looking) == []


def test_what_a_killed_writer_left_is_swept_away(held: Collection) -> None:
    path = frames(held)[0]
    (held.vault.folder / "0123.frame.part").write_bytes(path.read_bytes())
    (held.vault.folder / "4567.frame").write_bytes(b"half")
    ids = [path.stem for path in frames(held) if path.stem != "4567"]
    assert held.ids() == ids
    held.expire()
    assert held.ids() == ids
    assert not list(held.vault.folder.glob("*.part"))
    assert not (held.vault.folder / "4567.frame").exists()


def test_many_writers_share_one_key(tmp_path: Path, clock: VirtualClock) -> None:
    made = settings(tmp_path)
    begin = threading.Barrier(8)

    def write(number: int) -> None:
        begin.wait(10)
        collection_of(made, clock).add(still(number, clock), Permit(24))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    held = collection_of(made, clock)
    assert len(list(held.stills())) == 8


def test_the_audit_names_acts_and_nobody_else(held: Collection) -> None:
    held.scored()
    labelled, scored = acts(held)
    assert scored == {
        "time": "2026-03-02T08:00:00+00:00",
        "act": "scored",
        "frames": 3,
        "who": user(),
        "policy": "lab",
        "digest": held.audit.pack.digest,
        "hours": 168,
    }
    assert labelled["frames"] == 1
    text = held.audit.path.read_text()
    assert not re.search(r"box|front|seated|clip|/", json.dumps(json.loads(text.splitlines()[0])))


def test_a_running_site_destroys_what_is_over(held: Collection, clock: VirtualClock, tmp_path: Path) -> None:
    expiry = Expiry(held, clock)
    expiry.look()
    assert len(frames(held)) == 3
    later(clock, hours=24)
    expiry.look()
    assert files(held) == []
    assert acts(held)[-1]["act"] == "expired"


def test_a_running_site_without_frames_makes_no_folder(tmp_path: Path, clock: VirtualClock) -> None:
    held = collection_of(settings(tmp_path), clock)
    Expiry(held, clock).look()
    assert not held.vault.folder.exists()
    assert not held.audit.path.exists()


def test_what_cannot_be_destroyed_ends_no_site(
    tmp_path: Path, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    held = collection(settings(tmp_path), clock)
    later(clock, hours=24)
    (held.vault.folder / "odd.frame").mkdir()
    expiry = Expiry(held, clock)
    expiry.look()
    assert "cannot be destroyed" in caplog.text
    assert [path.name for path in files(held)] == ["odd.frame"], "neither key nor any other is left"
    (held.vault.folder / "odd.frame").rmdir()
    later(clock, minutes=1)
    expiry.look()
    assert files(held) == []
