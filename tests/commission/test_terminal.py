"""The real dialogue at a real terminal: typed by a hand that waits for each prompt."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from homeroom.__main__ import main
from homeroom.commission.dialogue import Option, Question
from homeroom.commission.terminal import Terminal
from homeroom.errors import BadInput
from tests.commission.fakes import clip
from tests.rtsp import rtsp_server

PATIENCE = 60.0  # seconds until a prompt that does not come fails the test


class Hand:
    """Reads what a program shows at a terminal, and types."""

    def __init__(self, pid: int, terminal: int) -> None:
        self.pid, self._terminal = pid, terminal
        self.seen = ""
        self._read = 0

    def see(self, words: str) -> str:
        """Waits until words are shown that were not seen before; what came up to them."""
        until = time.monotonic() + PATIENCE
        while (at := self.seen.find(words, self._read)) < 0:
            assert select.select([self._terminal], [], [], max(0.0, until - time.monotonic()))[0], (words, self.seen)
            try:
                raw = os.read(self._terminal, 65536)
            except OSError:  # Linux says so when the program has ended
                raw = b""
            assert raw, (words, self.seen)
            self.seen += raw.decode()
        before, self._read = self.seen[self._read : at], at + len(words)
        return before

    def say(self, words: str, answer: str) -> None:
        """Waits for a prompt and answers it."""
        self.see(words)
        os.write(self._terminal, f"{answer}\r".encode())

    def press(self, raw: bytes) -> None:
        os.write(self._terminal, raw)

    def end(self) -> int:
        """Reads to the end; the exit code."""
        while select.select([self._terminal], [], [], PATIENCE)[0]:
            try:
                raw = os.read(self._terminal, 65536)
            except OSError:
                break
            if not raw:
                break
            self.seen += raw.decode()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@contextmanager
def at_a_terminal(folder: Path, *arguments: str) -> Iterator[Hand]:
    """Runs `homeroom ...` in a folder, at a terminal of its own."""
    pid, terminal = pty.fork()
    if not pid:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell starts what is in the background without it
        os.chdir(folder)
        os.environ |= {"HOMEROOM_MODELS": str(folder / "models"), "PYTHONIOENCODING": "utf-8"}
        os.execv(sys.executable, [sys.executable, "-m", "homeroom", *arguments])  # noqa: S606  as a user starts it
    try:
        yield Hand(pid, terminal)
    finally:
        os.close(terminal)
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def begin(hand: Hand) -> None:
    """From the start to the rooms, with the drawn clip as a camera."""
    hand.say("Id of the site [school]: ", "north-school")
    if "Search the network" in hand_ahead(hand, ("Search the network", "Address of another camera")):
        hand.say("(y/n) [yes]: ", "n")
    hand.say("(Enter: no more): ", "R101 front.mp4")
    hand.say("(Enter: no more): ", "")


def hand_ahead(hand: Hand, either: tuple[str, ...]) -> str:
    """Which of some words comes first; it is left to be seen again."""
    until = time.monotonic() + PATIENCE
    while True:
        for words in either:
            if words in hand.seen[hand._read :]:
                return words
        assert select.select([hand._terminal], [], [], max(0.0, until - time.monotonic()))[0], (either, hand.seen)
        hand.seen += os.read(hand._terminal, 65536).decode()


def law_and_all(hand: Hand, room: str) -> None:
    """From the law to the end."""
    hand.say("Number or word: ", "lab")
    hand.say("Number or word [class]: ", "")
    hand.say("Number or word [homeroom-embedded", "")
    hand.say("(y/n) [yes]: ", "y")
    hand.say("[0.0.0.0:8080]: ", "everywhere")
    hand.see("Such as: 127.0.0.1:8080")
    hand.say("[0.0.0.0:8080]: ", "127.0.0.1:0")
    hand.say("User by which the VMS logs in [vms]: ", "")
    hand.say("[none]: ", "")
    hand.say("save pictures of what is seen? (y/n) [yes]: ", "y")
    hand.see(f"{room}-front-placement.png")
    hand.say("it can be done any day (y/n) [no]: ", "")
    hand.say("Check it now? (y/n) [yes]: ", "y")


def test_from_the_first_question_to_a_manifest_that_check_accepts(
    tmp_path: Path, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    clip(tmp_path, "R101 front.mp4", pytestconfig.rootpath)
    with at_a_terminal(tmp_path, "setup", "school.json") as hand:
        begin(hand)
        hand.say("Rooms [keep]: ", "rename 7 x")
        hand.say("Rooms [keep]: ", "rename 1 Physics")
        hand.say("Rooms [keep]: ", "")
        law_and_all(hand, "physics")
        assert hand.end() == 0
    assert "Next:" in hand.seen
    assert "\x1b" not in hand.seen.replace("\x1b[K", ""), "plain text alone, but for the line that says how far it is"
    path = tmp_path / "school.json"
    document = json.loads(path.read_text())
    assert (document["site"], document["rooms"][0]["id"]) == ("north-school", "physics")
    assert main(["check", str(path)]) == 0
    password = (tmp_path / "secrets" / "vms.pw").read_text().strip()
    assert password not in hand.seen + path.read_text()


def test_ctrl_c_keeps_the_answers_and_the_same_command_goes_on(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    clip(tmp_path, "R101 front.mp4", pytestconfig.rootpath)
    with at_a_terminal(tmp_path, "setup", "school.json") as hand:
        begin(hand)
        hand.see("Rooms [keep]: ")
        hand.press(b"\x03")
        assert hand.end() == 130
    assert "go on with: homeroom setup" in hand.seen
    assert "Traceback" not in hand.seen
    assert not (tmp_path / "school.json").exists()
    with at_a_terminal(tmp_path, "setup", "school.json") as hand:
        hand.say("Go on from there? (y/n) [yes]: ", "")
        hand.say("Rooms [keep]: ", "")
        law_and_all(hand, "r101")
        assert hand.end() == 0
    assert json.loads((tmp_path / "school.json").read_text())["rooms"][0]["id"] == "r101"
    assert not (tmp_path / "school.json.draft").exists()


def test_a_password_is_typed_unseen_and_kept_where_its_user_alone_reads(tmp_path: Path) -> None:
    with rtsp_server({"/cam": "test"}, user="viewer", password="right-one") as camera:
        with at_a_terminal(tmp_path, "setup", "school.json", "--no-discover", "--camera", camera.url("/cam")) as hand:
            hand.say("Id of the site [school]: ", "")
            hand.say("Number or word [login]: ", "")
            hand.say("User name: ", "viewer")
            hand.say("(not shown): ", "wr0ng-one")
            hand.say("Number or word [skip]: ", "login")
            hand.say("User name [viewer]: ", "")
            hand.say("(not shown): ", "right-one")
            hand.see("Rooms [keep]: ")
            hand.press(b"\x04")  # end of input
            assert hand.end() == 130
        assert "wr0ng-one" not in hand.seen
        assert "right-one" not in hand.seen
        (secret,) = (tmp_path / "secrets").iterdir()
        assert (secret.read_text(), stat.S_IMODE(secret.stat().st_mode)) == ("right-one\n", 0o600)
        assert "right-one" not in (tmp_path / "school.json.draft").read_text()


def test_ctrl_c_does_not_wait_for_a_camera_that_hangs(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hung:
        address = f"rtsp://127.0.0.1:{hung.getsockname()[1]}/cam"
        with at_a_terminal(tmp_path, "setup", "school.json", "--no-discover", "--camera", address) as hand:
            hand.say("Id of the site [school]: ", "")
            hand.see("Trying 1 device:")
            peer, _ = hung.accept()
            with peer:
                hand.press(b"\x03")
                assert hand.end() == 130, hand.seen
            assert "[1/1]" not in hand.seen, "it did not wait"
            assert "go on with" in hand.seen


def typed(*lines: str) -> tuple[Terminal, io.StringIO]:
    out = io.StringIO()
    return Terminal(io.StringIO("".join(f"{line}\n" for line in lines)), out, lambda _: "secret"), out


def test_keys_that_are_no_letters_are_asked_for_again() -> None:
    terminal, out = typed("\x1b[A", "x" * 1500, "fine")
    assert terminal.ask(Question("Name", "--name")) == "fine"
    assert "\x1b" not in out.getvalue()


def test_an_answer_that_does_not_pass_is_asked_for_again_with_the_reason() -> None:
    def check(text: str) -> str:
        if text != "b":
            raise BadInput("say b")
        return text

    terminal, out = typed("", "a", "b")
    assert terminal.ask(Question("Letter", "--letter", None, check)) == "b"
    assert "say b" in out.getvalue()
    terminal, _ = typed("9", "two", "2")
    assert terminal.choose(Question("Which", "--which"), [Option("one", ""), Option("two", "")]) == "two"
    terminal, _ = typed("perhaps", "N")
    assert terminal.confirm(Question("Sure", "--sure", "yes")) is False


def test_the_end_of_input_ends_the_dialogue() -> None:
    terminal, _ = typed()
    with pytest.raises(EOFError):
        terminal.ask(Question("Name", "--name"))


def test_what_is_told_changes_no_terminal_even_where_it_came_in_raw() -> None:
    terminal, out = typed("x")
    terminal.tell("  name\x1b[2J\x9b31m\u202e\r evil\nnext")
    terminal.ask(Question("Name \x1b[31m", "--name"))
    assert all(char.isprintable() or char == "\n" for char in out.getvalue())
    assert out.getvalue().splitlines()[0].startswith("  name")


def test_a_terminal_without_utf_8_still_gets_its_lines() -> None:
    raw = io.BytesIO()
    terminal = Terminal(io.StringIO("x\n"), io.TextIOWrapper(raw, "ascii", write_through=True))
    terminal.tell("Zimmer \u00fc")
    assert raw.getvalue() == b"Zimmer ?\n"
