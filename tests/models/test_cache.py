"""Fetching and verifying model files, against a real web server and real folders."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.errors import BadInput, Unavailable
from homeroom.models import cache
from homeroom.models.cache import default_cache, fetch, files, verify
from homeroom.models.catalog import ModelManifest, manifest
from tests.lab import need

from .mirror import Mirror, mirror
from .nets import small_manifest

DATA = {"xml": b"<net/>" * 1000, "bin": bytes(range(256)) * 2000}


@pytest.fixture
def server() -> Iterator[Mirror]:
    with mirror() as running:
        running.content = {f"/official/FP16/net.{role}": data for role, data in DATA.items()}
        yield running


def manifest_of(address: str = "https://models.example") -> ModelManifest:
    entries = {
        role: {
            "name": f"net.{role}",
            "url": f"https://models.example/official/FP16/net.{role}",
            "size": len(data),
            "sha384": hashlib.sha384(data).hexdigest(),
        }
        for role, data in DATA.items()
    }
    made = manifest(small_manifest({}, id="net", files=entries), "net.json", Path())
    # only https stands in a manifest; here the official address is the local server
    for file in made.files.values():
        object.__setattr__(file, "url", file.url.replace("https://models.example", address))
    return made


def folder_with(path: Path, data: dict[str, bytes], below: str = "intel/net/FP16") -> str:
    where = path / "mirror" / below
    where.mkdir(parents=True, exist_ok=True)
    for role, content in data.items():
        (where / f"net.{role}").write_bytes(content)
    return str(path / "mirror")


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_files_come_from_the_official_address(server: Mirror, tmp_path: Path) -> None:
    paths = fetch(manifest_of(server.address), tmp_path)
    assert {role: path.read_bytes() for role, path in paths.items()} == DATA
    assert left_in(tmp_path) == ["net.bin", "net.xml"]


def test_what_is_there_and_right_is_not_fetched_again(server: Mirror, tmp_path: Path) -> None:
    fetch(manifest_of(server.address), tmp_path)
    (tmp_path / "net" / "net.bin").unlink()
    server.asked.clear()
    fetch(manifest_of(server.address), tmp_path)
    assert server.asked == ["/official/FP16/net.bin"]


@pytest.mark.parametrize("place", ["intel/net/FP16/", "net/FP16/", "net/", ""])
def test_a_mirror_may_be_laid_out_as_a_tree_or_flat(server: Mirror, tmp_path: Path, place: str) -> None:
    server.content = {f"/omz/{place}net.{role}": data for role, data in DATA.items()}
    assert len(fetch(manifest_of(), tmp_path / "web", server.address + "/omz/")) == 2
    source = folder_with(tmp_path, DATA, place)
    assert len(fetch(manifest_of(), tmp_path / "local", source)) == 2


def test_progress_ends_with_the_whole_size(server: Mirror, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    fetch(manifest_of(server.address), tmp_path, None, lambda *step: seen.append(step))
    assert ("net.bin", len(DATA["bin"]), len(DATA["bin"])) in seen
    assert [done for name, done, _ in seen if name == "net.bin"] == sorted(
        done for name, done, _ in seen if name == "net.bin"
    )


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        ("truncated", Unavailable, "the download broke off; try again"),
        ("endless", BadInput, "larger than the 6000 bytes of the manifest"),
        ("busy", Unavailable, "answers 503"),
    ],
)
def test_a_bad_download_leaves_the_cache_as_it_was(
    server: Mirror, tmp_path: Path, fault: str, error: type[Exception], says: str
) -> None:
    server.fault = fault
    with pytest.raises(error, match=says) as caught:
        fetch(manifest_of(server.address), tmp_path)
    assert "\n" not in str(caught.value)
    assert left_in(tmp_path) == []


def test_a_file_that_is_too_short_is_refused(tmp_path: Path) -> None:
    short = {role: data[:-1] for role, data in DATA.items()}
    with pytest.raises(BadInput, match=r"net\.xml: ends after 5999 of 6000 bytes; refused"):
        fetch(manifest_of(), tmp_path / "cache", folder_with(tmp_path, short))
    assert left_in(tmp_path / "cache") == []


@pytest.mark.parametrize(("fault", "says"), [("silent", "no answer in time"), ("dripping", "comes too slowly")])
def test_a_server_that_keeps_us_waiting_is_given_up(
    server: Mirror, tmp_path: Path, fault: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "TIMEOUT", (0.2, 0.2))
    monkeypatch.setattr(cache, "SLOWEST", 1e9)
    server.fault = fault
    with pytest.raises(Unavailable, match=says):
        fetch(manifest_of(server.address), tmp_path)
    assert left_in(tmp_path) == []


def test_other_bytes_of_the_right_size_are_refused_and_what_was_there_stays(server: Mirror, tmp_path: Path) -> None:
    fetch(manifest_of(server.address), tmp_path)
    damaged = tmp_path / "net" / "net.bin"
    damaged.write_bytes(b"older")
    server.content["/official/FP16/net.bin"] = DATA["bin"][:-1] + b"\0"
    with pytest.raises(BadInput, match=r"net\.bin: its SHA-384 is not the manifest's; refused"):
        fetch(manifest_of(server.address), tmp_path)
    assert damaged.read_bytes() == b"older"
    assert left_in(tmp_path) == ["net.bin", "net.xml"]


def test_a_file_that_nobody_has_is_refused_with_the_cure(server: Mirror, tmp_path: Path) -> None:
    server.content = {}
    with pytest.raises(BadInput, match=r"there is no such file; name a mirror with --from DIR or --from URL"):
        fetch(manifest_of(server.address), tmp_path)
    with pytest.raises(BadInput, match=r"has neither intel/net/FP16/net\.xml nor net\.xml; name another --from"):
        fetch(manifest_of(), tmp_path, str(tmp_path))


def test_a_server_that_is_not_there_is_named_without_the_password(tmp_path: Path) -> None:
    with mirror() as gone:
        port = gone.server_address[1]
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        fetch(manifest_of(), tmp_path, f"http://school:geheim@127.0.0.1:{port}/omz?token=geheim")
    assert "geheim" not in str(caught.value)
    assert f"http://127.0.0.1:{port}/omz" in str(caught.value)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    pem, key = tmp_path / "both.pem", tmp_path / "key.pem"
    made = f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -keyout {key} -out {pem}"
    subprocess.run([need("openssl"), *made.split()], check=True, capture_output=True)
    pem.write_text(pem.read_text() + key.read_text())
    with mirror(pem) as server, pytest.raises(Unavailable, match="its certificate cannot be trusted"):
        fetch(manifest_of(), tmp_path / "cache", server.address)


def test_each_file_is_ok_missing_or_wrong(tmp_path: Path) -> None:
    source = folder_with(tmp_path, DATA)
    cached = tmp_path / "cache"
    assert {one.state for one in verify(manifest_of(), cached).values()} == {"missing"}
    fetch(manifest_of(), cached, source)
    assert {one.state for one in verify(manifest_of(), cached).values()} == {"ok"}
    (cached / "net" / "net.xml").write_bytes(b"")
    assert {role: one.state for role, one in verify(manifest_of(), cached).items()} == {"xml": "wrong", "bin": "ok"}


def test_missing_files_are_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"net\.xml is missing; run: homeroom models fetch net$"):
        files(manifest_of(), tmp_path)


def test_a_folder_in_a_files_place_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "net" / "net.xml").mkdir(parents=True)
    assert verify(manifest_of(), tmp_path)["xml"].state == "wrong"
    with pytest.raises(BadInput, match="cannot be written"):
        fetch(manifest_of(), tmp_path, folder_with(tmp_path, DATA))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(DATA["bin"]) - 1), bit=st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_refused(tmp_path: Path, place: int, bit: int) -> None:
    fetch(manifest_of(), tmp_path / "cache", folder_with(tmp_path, DATA))
    changed = bytearray(DATA["bin"])
    changed[place] ^= 1 << bit
    (tmp_path / "cache" / "net" / "net.bin").write_bytes(changed)
    with pytest.raises(BadInput, match=r"net\.bin is not the manifest's \(size or SHA-384 differ\)"):
        files(manifest_of(), tmp_path / "cache")


def test_the_cache_is_where_the_environment_says_else_the_users_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOMEROOM_MODELS", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("HOMEROOM_MODELS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert default_cache() == tmp_path / "xdg" / "homeroom" / "models"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert default_cache() == tmp_path / "local" / "homeroom" / "models"
