"""Model files on disk: looked up, checked against their manifest, and fetched from their makers or a mirror.

A file gets its name only after its size and SHA-384 are the manifest's, and is checked again at every load.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from homeroom.errors import BadInput, Unavailable

from .catalog import ModelFile, ModelManifest

State = Literal["ok", "missing", "wrong"]
Progress = Callable[[str, int, int], None]  # file name, bytes so far, bytes in all

CHUNK = 64 * 1024
MOST_FILES = 10_000  # entries of a folder that are looked at for a file of other name or place
TIMEOUT = (10.0, 30.0)  # seconds to connect, seconds without a byte
SLOWEST = 8 * 1024  # bytes per second below which a download is given up, so that none lasts for ever
VARIABLE = "HOMEROOM_MODELS"
TRY = "try again, or name a mirror with --from DIR or --from URL"


@dataclass(frozen=True, slots=True)
class FileState:
    """Where a file of a model is or should be, and whether it is the manifest's."""

    file: ModelFile
    path: Path
    state: State


def default_cache() -> Path:
    """$HOMEROOM_MODELS, else the user's cache folder as the platform has it."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(base, "homeroom", "models")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "homeroom", "models")


def path_of(manifest: ModelManifest, file: ModelFile, cache: Path) -> Path:
    """Where a file belongs: beside its manifest, or in the cache below the model's id."""
    return cache / manifest.id / file.name if file.url else manifest.folder / file.name


def verify(manifest: ModelManifest, cache: Path) -> Mapping[str, FileState]:
    """Role -> state of each file, by size and SHA-384."""
    return {
        role: FileState(file, path, _state(file, path))
        for role, file in manifest.files.items()
        for path in (path_of(manifest, file, cache),)
    }


def files(manifest: ModelManifest, cache: Path) -> Mapping[str, Path]:
    """Role -> path of each file, all verified now; BadInput names the cure."""
    states = verify(manifest, cache)
    for one in states.values():
        if one.state != "ok":
            trouble = "is missing" if one.state == "missing" else "is not the manifest's (size or SHA-384 differ)"
            cure = f"run: homeroom models fetch {manifest.id}" if one.file.url else "install it again"
            raise BadInput(f"model {manifest.id}: {one.path} {trouble}; {cure}")
    return {role: one.path for role, one in states.items()}


def fetch(
    manifest: ModelManifest, cache: Path, source: str | None = None, progress: Progress = lambda *_: None
) -> Mapping[str, Path]:
    """Gets the files that the cache lacks; role -> path.

    `source` is a folder or the address of a mirror; None is the makers' own address. Raises BadInput when a file is
    not the manifest's (the cache stays as it was) and Unavailable when nobody answers.
    """
    for one in verify(manifest, cache).values():
        if one.state != "ok" and one.file.url:
            try:
                _fetch_file(manifest, one.file, one.path, source, progress)
            except OSError as error:
                raise BadInput(f"{one.path}: cannot be written: {error.strerror or error}") from error
    return files(manifest, cache)


def _state(file: ModelFile, path: Path) -> State:
    try:
        if path.stat().st_size != file.size:
            return "wrong"
        with path.open("rb") as stream:
            return "ok" if hashlib.file_digest(stream, "sha384").hexdigest() == file.sha384 else "wrong"
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "wrong"


def _fetch_file(manifest: ModelManifest, file: ModelFile, target: Path, source: str | None, progress: Progress) -> None:
    with _opened(manifest, file, source) as (label, chunks), _replacing(target) as stream:
        digest = hashlib.sha384()
        done = 0
        for chunk in chunks:
            done += len(chunk)
            if done > file.size:
                raise BadInput(f"{label}: larger than the {file.size} bytes of the manifest; refused")
            digest.update(chunk)
            stream.write(chunk)
            progress(file.name, done, file.size)
        if done < file.size:
            raise BadInput(
                f"{label}: ends after {done} of {file.size} bytes; refused, try again or name another --from"
            )
        if digest.hexdigest() != file.sha384:
            raise BadInput(f"{label}: its SHA-384 is not the manifest's; refused")


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """A stream whose bytes take the target's name when the block ends well, and vanish otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _places(manifest: ModelManifest, file: ModelFile) -> tuple[str, ...]:
    """Where a mirror may keep the file: as in Open Model Zoo's tree, below the model's id, or flat."""
    precision = urlsplit(file.url).path.split("/")[-2]
    return (
        f"intel/{manifest.id}/{precision}/{file.name}",
        f"{manifest.id}/{precision}/{file.name}",
        f"{manifest.id}/{file.name}",
        file.name,
    )


@contextmanager
def _opened(manifest: ModelManifest, file: ModelFile, source: str | None) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The file's chunks from wherever `source` points, and how to name that place."""
    if source is None:
        addresses: tuple[str, ...] = (file.url,)
    elif source.startswith(("http://", "https://")):
        addresses = tuple(f"{source.rstrip('/')}/{place}" for place in _places(manifest, file))
    else:
        path = _local(Path(source), manifest, file)
        with path.open("rb") as stream:
            yield str(path), iter(lambda: stream.read(CHUNK), b"")
        return
    with requests.Session() as session:
        response, label = _answered(session, addresses)
        with response:
            yield label, _downloaded(response, label, file.size)


def _local(folder: Path, manifest: ModelManifest, file: ModelFile) -> Path:
    for place in _places(manifest, file):
        if (folder / place).is_file():
            return folder / place
    for path in islice(folder.rglob("*"), MOST_FILES):  # another layout or another name: the bytes tell
        if path.is_file() and _state(file, path) == "ok":
            return path
    raise BadInput(f"{folder}: has neither {_places(manifest, file)[0]} nor {file.name}; name another --from")


def _answered(session: requests.Session, addresses: tuple[str, ...]) -> tuple[requests.Response, str]:
    """The first address that has the file."""
    label = ""
    for address in addresses:
        label = _without_user(address)
        try:
            # identity: the size in the manifest bounds what is read, so nothing may unpack on the way
            response = session.get(address, stream=True, timeout=TIMEOUT, headers={"Accept-Encoding": "identity"})
        except requests.RequestException as error:
            raise Unavailable(f"{label}: {_reason(error)}; {TRY}") from None
        if response.status_code == requests.codes.ok:
            return response, label
        response.close()
        if response.status_code != requests.codes.not_found:
            raise Unavailable(f"{label}: answers {response.status_code}; {TRY}")
    raise BadInput(f"{label}: there is no such file; name a mirror with --from DIR or --from URL")


def _downloaded(response: requests.Response, label: str, size: int) -> Iterator[bytes]:
    """The body as it comes in; Unavailable when it breaks off or crawls."""
    give_up = time.monotonic() + sum(TIMEOUT) + size / SLOWEST
    try:
        # read1 hands over what is there: a server that drips cannot hide behind the wait for a full chunk
        while chunk := response.raw.read1(CHUNK):
            if time.monotonic() > give_up:
                raise Unavailable(f"{label}: comes too slowly; {TRY}")
            yield chunk
    except (requests.RequestException, HTTPError):
        raise Unavailable(f"{label}: the download broke off; {TRY}") from None


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate cannot be trusted"
    return "no answer in time" if isinstance(error, requests.exceptions.Timeout) else "cannot be reached"


def _without_user(address: str) -> str:
    """The address as messages may show it: without user and password."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
