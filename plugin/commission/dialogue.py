"""Questions, and who answers them: a person at a terminal, the defaults, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from homeroom.errors import BadInput

YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `flag` is what a script gives instead; `default` is taken when nothing is said.

    `check` gives the answer as it is to be used, or raises BadInput with the cure. Where nobody is there to ask, an
    `optional` question takes its default without --yes, since what it asks for was given otherwise.
    """

    text: str
    flag: str
    default: str | None = None
    check: Callable[[str], str] = str.strip
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One of several answers, and what it means."""

    value: str
    meaning: str


class Dialogue(Protocol):
    """Asks and tells. Each question ends with an answer; it raises EOFError when whoever was asked went away."""

    def tell(self, text: str) -> None:
        """Says something; a line break ends a line, and nothing else moves the cursor."""
        ...

    def ask(self, question: Question) -> str:
        """A text that passed the question's check."""
        ...

    def choose(self, question: Question, options: Sequence[Option]) -> str:
        """The value of one of the options."""
        ...

    def confirm(self, question: Question) -> bool:
        """Whether the answer is yes; the default is "yes", "no" or None."""
        ...

    def secret(self, question: Question) -> str:
        """A text that nobody sees while it is typed."""
        ...


class Unattended:
    """Nobody is there: tells, and answers each question with the name of the flag that was missing."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def tell(self, text: str) -> None:
        """Says something."""
        self._tell(text)

    def ask(self, question: Question) -> str:
        """Raises BadInput, but for an optional question."""
        return question.check(_default(question))

    def choose(self, question: Question, options: Sequence[Option]) -> str:
        """Raises BadInput that lists what could be chosen, but for an optional question."""
        return _default(question, f" ({', '.join(one.value for one in options)})")

    def confirm(self, question: Question) -> bool:
        """Raises BadInput, but for an optional question."""
        return _default(question) == YES

    def secret(self, question: Question) -> str:
        """Raises BadInput."""
        return _default(question)


def _default(question: Question, among: str = "") -> str:
    if question.optional and question.default is not None:
        return question.default
    yes = "" if question.default is None else ", or --yes for the default"
    raise BadInput(f"{question.text.rstrip('?:')}: there is no terminal to ask at; give {question.flag}{among}{yes}")


class Defaults:
    """Takes every default, and asks `other` only where there is none."""

    def __init__(self, other: Dialogue) -> None:
        self._other = other

    def tell(self, text: str) -> None:
        """Says something."""
        self._other.tell(text)

    def ask(self, question: Question) -> str:
        """The default, checked as any answer is."""
        return self._other.ask(question) if question.default is None else question.check(question.default)

    def choose(self, question: Question, options: Sequence[Option]) -> str:
        """The default."""
        return self._other.choose(question, options) if question.default is None else question.default

    def confirm(self, question: Question) -> bool:
        """The default."""
        return self._other.confirm(question) if question.default is None else question.default == YES

    def secret(self, question: Question) -> str:
        """Has no default."""
        return self._other.secret(question)


def answer(dialogue: Dialogue, question: Question, given: str | None) -> str:
    """What the flag gave, if it passes the check, else what the dialogue brings. Raises BadInput."""
    if given is None:
        return dialogue.ask(question)
    try:
        return question.check(given)
    except BadInput as wrong:
        raise BadInput(f"{question.flag.split()[0]}: {wrong}") from None


def decide(dialogue: Dialogue, question: Question, options: Sequence[Option], given: str | None) -> str:
    """What the flag gave, if it is one of the options, else what is chosen. Raises BadInput."""
    if given is None:
        return dialogue.choose(question, options)
    if given not in {one.value for one in options}:
        known = ", ".join(one.value for one in options)
        raise BadInput(f"{question.flag.split()[0]}: {given!r} is not one of {known}")
    return given


def agree(dialogue: Dialogue, question: Question, given: bool | None) -> bool:
    """What the flag gave, else what is answered."""
    return dialogue.confirm(question) if given is None else given
