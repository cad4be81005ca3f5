"""A set-up from its first question to the manifest on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput
from homeroom.manifest import read_json, schema, validate
from homeroom.run import amount
from homeroom.site import load_site, read_site
from homeroom.splice import replaced

from .dialogue import NO, YES, Option, Question, agree, answer
from .draft import Draft, load, path_of
from .files import pretty, write
from .finish import finish, size
from .law import ask_law
from .model import ask_model
from .proposal import extended
from .rooms import place_cameras
from .search import find_cameras
from .text import plain, slug
from .vms import ask_metrics, ask_vms, make_password
from .work import Work

ADD, ANEW = "add", "anew"
_ORDER = ("site", "jurisdiction", "granularity", "policy", "models", "rooms", "vms", "metrics")


def ask_site(work: Work) -> None:
    """Puts the site's id into the manifest."""

    def check(text: str) -> str:
        try:
            validate(text, schema("site")["$defs"]["id"], "id")
        except BadInput:
            raise BadInput("an id has up to 64 letters of a to z, digits, hyphens, such as north-school") from None
        return text

    question = Question("Id of the site", "--site ID", slug(work.path.stem) or "site", check)
    work.draft.manifest["site"] = answer(work.dialogue, question, work.flags.site)


STEPS: Mapping[str, Callable[[Work], None]] = {
    "site": ask_site,
    "cameras": find_cameras,
    "rooms": place_cameras,
    "law": ask_law,
    "model": ask_model,
    "vms": ask_vms,
    "metrics": ask_metrics,
}
ADDING = ("cameras", "rooms")


def commission(work: Work) -> dict[str, Any]:
    """Takes every step that is not done yet, writes the manifest, and gives a summary of it. Raises BadInput."""
    _begin(work)
    for name in ADDING if work.draft.add else STEPS:
        if name not in work.draft.done:
            STEPS[name](work)
            work.draft.done.append(name)
            work.save()
    document = _document(work)
    backup = _write(work, document)
    work.tell(f"\nWrote {work.path}: {size(document)}.")
    if backup:
        work.tell(f"What was there is kept as {backup}.")
    return {**finish(work), "backup": str(backup) if backup else None}


def _begin(work: Work) -> None:
    """Takes up a draft, or begins anew; and says whether a manifest that is there is added to or replaced."""
    try:
        fits = work.folder.is_dir() and not work.path.is_dir()
    except OSError as wrong:
        raise BadInput(f"{plain(str(work.path))}: cannot be looked at: {wrong.strerror}") from None
    if not fits:
        raise BadInput(f"{work.path}: make the folder first, and name a file in it")
    work.replaces = work.path.exists()
    if not _resumed(work):
        work.draft = Draft(add=_adds(work))
    elif work.replaces and not (work.draft.add or work.flags.force):
        question = Question(f"{work.path.name} is there. Write a new one over it, and keep a backup?", "--force", NO)
        if not work.dialogue.confirm(question):
            raise BadInput(f"{work.path} is there already; --no-resume --add adds to it")
    if work.draft.add:
        load_site(work.path)  # what is added to must be right, its secrets included
        work.existing = read_json(work.path)


def _resumed(work: Work) -> bool:
    path = path_of(work.path)
    if not work.attended or not path.exists():
        if work.flags.resume:
            raise BadInput(f"--resume: {path} is not there; nothing was begun")
        return False
    question = Question(f"{path.name} holds answers of a set-up that was not ended. Go on from there?",
                        "--resume or --no-resume", YES)  # fmt: skip
    if not agree(work.dialogue, question, work.flags.resume):
        path.unlink()
        work.tell("Forgotten. Passwords that were typed for it stay in secrets/; delete those that nobody needs.")
        return False
    work.draft = load(work.path)
    if work.flags.add and not work.draft.add:
        raise BadInput(f"--add: {path.name} is of a new manifest; give --no-resume to forget it")
    done = ", ".join(work.draft.done) or "nothing"
    found = amount(len(work.draft.cameras), "camera")
    work.tell(f"Done before, whatever flags say now: {done}; {found} found.")
    return True


def _adds(work: Work) -> bool:
    """Whether cameras are added to a manifest that is there."""
    if work.flags.add or not work.path.exists() or work.flags.force:
        return work.flags.add
    options = [
        Option(ADD, "add cameras and rooms to it"),
        Option(ANEW, "write a new one; a backup of this one is kept"),
    ]
    chosen = work.dialogue.choose(Question(f"{work.path.name} is there already", "--add or --force"), options)
    return chosen == ADD


def _document(work: Work) -> dict[str, Any]:
    """The whole manifest, held to everything that `homeroom run` holds it to before it starts."""
    made = work.draft.manifest
    if work.draft.add:
        document = extended(read_json(work.path), made["rooms"])  # somebody may have edited it meanwhile
    else:
        document = {key: made[key] for key in _ORDER if made.get(key)}
    make_password(document, work.folder)
    read_site(document, work.folder, str(work.path))
    return document


def _write(work: Work, document: Mapping[str, Any]) -> Path | None:
    """Writes the manifest as a whole or not at all; gives the backup of what was there."""
    text, backup = pretty(document) + "\n", None
    if not work.path.exists():
        write(work.path, text, 0o666)  # less the umask, as any file
    elif work.replaces:
        backup = replaced(work.path, text)
    else:
        raise BadInput(f"{work.path} was written by somebody else meanwhile; the same command asks about it")
    work.written = True
    path_of(work.path).unlink(missing_ok=True)
    return backup
