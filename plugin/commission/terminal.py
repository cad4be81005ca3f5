"""A dialogue with a person at a terminal: plain lines, no color, nothing that a screen reader could not read."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from typing import TextIO

from homeroom.errors import BadInput

from .dialogue import NO, YES, Option, Question
from .text import plain

WIDTH = 400  # characters of one line that is told
LONGEST = 1000  # characters of an answer
_WORDS = {"y": True, "yes": True, "n": False, "no": False}


class Teller:
    """Writes lines; what could change a terminal is taken out of them, wherever it came from."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, text: str) -> None:
        """Writes each line of a text."""
        for line in text.split("\n"):
            indent = " " * (len(line) - len(line.lstrip(" ")))
            self._write(indent + _columns(line.strip(" ")) + "\n")

    def prompt(self, text: str) -> None:
        """Writes what stands before an answer."""
        self._write(f"{plain(text, WIDTH)} ")

    def _write(self, text: str) -> None:
        encoding = self._out.encoding or "utf-8"
        self._out.write(text.encode(encoding, "replace").decode(encoding))  # a terminal without UTF-8 still gets a line
        self._out.flush()


def _columns(line: str) -> str:
    """A harmless line that keeps the blanks between its columns."""
    return "".join(char if char.isprintable() else " " for char in line)[:WIDTH]


class Terminal:
    """Asks at a terminal, again and again until an answer passes."""

    def __init__(self, source: TextIO, out: TextIO, hidden: Callable[[str], str] = getpass.getpass) -> None:
        """`hidden` shows a prompt and reads a line without echo."""
        self._teller = Teller(out)
        self._source = source
        self._hidden = hidden

    def tell(self, text: str) -> None:
        """Writes each line of a text."""
        self._teller(text)

    def ask(self, question: Question) -> str:
        """Enter takes the default."""
        shown = "" if not question.default else f" [{question.default}]"
        while True:
            said = self._line(f"{question.text}{shown}:")
            if said is None or (not said and question.default is None):
                continue
            try:
                return question.check(said or question.default or "")
            except BadInput as wrong:
                self.tell(f"  {wrong}")

    def choose(self, question: Question, options: Sequence[Option]) -> str:
        """By number or by word."""
        width = max(len(one.value) for one in options)
        self.tell(question.text)
        for number, one in enumerate(options, 1):
            self.tell(f"  {number}  {one.value:<{width}}  {one.meaning}")
        by_word = {
            **{str(i): one.value for i, one in enumerate(options, 1)},
            **{one.value: one.value for one in options},
        }

        def known(said: str) -> str:
            if said not in by_word:
                raise BadInput(f"a number from 1 to {len(options)}, or one of the words")
            return by_word[said]

        return self.ask(Question("Number or word", question.flag, question.default, known))

    def confirm(self, question: Question) -> bool:
        """By y or n."""

        def known(said: str) -> str:
            if said.lower() not in _WORDS:
                raise BadInput("answer y or n")
            return YES if _WORDS[said.lower()] else NO

        return self.ask(Question(f"{question.text} (y/n)", question.flag, question.default, known)) == YES

    def secret(self, question: Question) -> str:
        """Not shown while it is typed."""
        while True:
            try:
                return self._hidden(f"{plain(question.text, WIDTH)} (not shown): ")
            except UnicodeDecodeError:
                self.tell("  that was no text; type it again")

    def _line(self, prompt: str) -> str | None:
        """One line; None where it was none that anybody could have meant."""
        self._teller.prompt(prompt)
        try:
            line = rest = self._source.readline(LONGEST)
            while rest and not rest.endswith("\n"):  # what is too long is read to its end, and not taken for the next
                rest = self._source.readline(LONGEST)
        except UnicodeDecodeError:
            self.tell("  that was no text; type it again")
            return None
        if not line:
            raise EOFError
        line = line.rstrip("\r\n").replace("\t", " ").strip()
        if not line.isprintable() or len(line) >= LONGEST:
            self.tell("  that held keys that are no letters (arrows, say), or was too long; type it again")
            return None
        return line
