"""The step that asks whose law applies, what may be told, and on which documents that stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from homeroom.errors import BadInput
from homeroom.manifest import schema
from homeroom.policy import Pack, Verdict, load_pack, packs

from .dialogue import Option, Question, answer, decide
from .text import plain
from .work import Work

NONE = "none"
_MEANING = {"class": "how many people of a room do something", "seat": "which seat does it"}


def ask_law(work: Work) -> None:
    """Puts jurisdiction, granularity and grounds into the manifest. Raises Forbidden for what the pack forbids."""
    given = _given_grounds(work.flags.ground)
    known = [Option(name, load_pack(name).title) for name in packs()]
    question = Question("Whose law applies? A policy pack knows it", "--jurisdiction PACK")
    pack = load_pack(decide(work.dialogue, question, known, work.flags.jurisdiction))
    granularity = _granularity(work, pack)
    verdict = pack.verdicts[f"behavior.{granularity}"]
    work.draft.manifest |= {"jurisdiction": pack.id, "granularity": granularity}
    if verdict.verdict == "needs":
        work.tell(f"{verdict.rule}\n  ({verdict.source}; looked up {verdict.date})")
    grounds = {name: _ground(work, name, given.get(name)) for name in verdict.needs}
    work.draft.manifest["policy"] = {name: text for name, text in grounds.items() if text}
    lacking = [name for name, text in grounds.items() if not text]
    if lacking:
        work.tell(f"Homeroom will not run until `policy` names: {', '.join(lacking)}.")


def _granularity(work: Work, pack: Pack) -> str:
    verdicts = {name: pack.verdicts.get(f"behavior.{name}") for name in _MEANING}
    allowed = [
        Option(name, f"{_MEANING[name]} ({_terms(verdict)})")
        for name, verdict in verdicts.items()
        if verdict is not None and verdict.verdict != "forbidden"
    ]
    given = work.flags.granularity
    if not allowed or (given is not None and given not in {one.value for one in allowed}):
        pack.admit(f"behavior.{given or 'class'}", {})  # says why not
    question = Question("What may be told?", "--granularity class or seat", allowed[0].value)
    return decide(work.dialogue, question, allowed, given)


def _terms(verdict: Verdict) -> str:
    return "needs " + ", ".join(verdict.needs) if verdict.verdict == "needs" else "allowed"


def _fields() -> Mapping[str, Any]:
    known: Mapping[str, Any] = schema("site")["properties"]["policy"]["properties"]
    return known


def _given_grounds(flags: Sequence[str]) -> dict[str, str]:
    made = {}
    for flag in flags:
        name, equals, text = flag.partition("=")
        if not equals or name not in _fields():
            raise BadInput(f"--ground {plain(name)}: write it as NAME=TEXT; names are {', '.join(_fields())}")
        made[name] = text
    return made


def _ground(work: Work, name: str, given: str | None) -> str:
    """The document's name; empty where there is none yet."""

    def check(text: str) -> str:
        text = plain(text, 500)
        if text.lower() == NONE:
            return ""
        if len(text) < 3:
            raise BadInput(f"name a document that exists, in 3 to 500 characters, or say {NONE}")
        return text

    field = _fields()[name]
    text = f"{field['description']} Which document is it? Such as: {field['examples'][0]} ({NONE}: there is none yet)"
    return answer(work.dialogue, Question(text, f"--ground {name}=TEXT", None, check), given)
