"""The step that finds cameras: devices of the network and of lists, opened kind by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from homeroom.errors import BadInput, Unavailable
from homeroom.run import amount
from homeroom.secret import resolve

from .camera import camera_key, same
from .device import Device, alike, file_of, from_search, joined, read_address, read_list
from .dialogue import YES, Option, Question, agree, answer
from .files import keep_secret
from .login import TRIES, Account, Outcome, attempts
from .text import plain, slug
from .work import Work

LOGIN, SKIP = "login", "skip"
_LISTS = (".csv", ".txt")
_FLAGS = "--username NAME with --password-env NAME or --password-file PATH"


def find_cameras(work: Work) -> None:
    """Adds the cameras that can be opened to the draft. Raises BadInput where there is none."""
    devices = _new(work, _devices(work))
    given = _given_account(work)
    own = {same(one.address): _own_account(one, given, work.folder) for one in devices}
    if devices:
        work.tell(f"Trying {amount(len(devices), 'device')}:")
    outcomes = attempts(work.reach, devices, lambda one: own[same(one.address)], work.tell)
    _take(work, outcomes)
    locked: dict[str, list[Device]] = defaultdict(list)
    for one in outcomes:
        if one.denied:
            locked[one.device.kind].append(one.device)
    username = work.flags.username or ""
    for kind in sorted(locked):
        tried = {same(one.address): 0 if own[same(one.address)] is None else 1 for one in locked[kind]}
        username = _open_kind(work, kind, locked[kind], tried, username)
    if not work.draft.cameras:
        raise BadInput(_none(work.draft.left_out))


def _none(left_out: Mapping[str, str]) -> str:
    """Why there is nothing to make a manifest of."""
    if not left_out:
        return "no new camera was found; name some with --camera ADDRESS or --cameras FILE"
    address, why = next(iter(left_out.items()))
    others = f" (and {len(left_out) - 1} more)" if len(left_out) > 1 else ""
    return f"no camera could be opened: {address}: {why}{others}"


def _devices(work: Work) -> list[Device]:
    """All that were found or named, those that the manifest has included."""
    flags, reach = work.flags, work.reach
    named = [Device(read_address(one, reach)) for one in flags.camera]
    if flags.cameras is not None:
        named += read_list(flags.cameras, reach)
    found: list[Device] = []
    if reach.discoveries:
        question = Question("Search the network for cameras?", "--discover or --no-discover", YES)
        if agree(work.dialogue, question, flags.discover):
            found = _search(work)
    elif flags.discover:
        raise BadInput("--discover: nothing is installed that searches the network")
    return joined(found, [*named, *_more(work, ask=not named)])


def _new(work: Work, devices: Sequence[Device]) -> list[Device]:
    """Those devices that neither the manifest nor the draft has; one with several cameras may have new ones."""
    by_host: dict[str, list[Device]] = defaultdict(list)
    for address, profile in work.known:
        if not profile:
            by_host[Device(address).host].append(Device(address))
    made = [one for one in devices if not any(alike(one, other) for other in by_host[one.host])]
    there = len(devices) - len(made)
    if there:
        work.tell(f"{there} of {len(devices)} {'is' if there == 1 else 'are'} there already.")
    return made


def _search(work: Work) -> list[Device]:
    work.tell(f"Listening for {work.flags.seconds:g} s ...")
    found: list[Device] = []
    for name, discovery in work.reach.discoveries.items():
        try:
            found += from_search(discovery(work.flags.seconds), work.reach)
        except Unavailable as wrong:
            work.tell(f"{name}: {plain(str(wrong))}")
    kinds: dict[str, int] = defaultdict(int)
    for one in found:
        kinds[one.kind] += 1
    told = ", ".join(f"{count} x {kind}" for kind, count in sorted(kinds.items()))
    work.tell(f"{len(found)} answered{': ' if told else ''}{told}")
    return found


def _more(work: Work, *, ask: bool) -> list[Device]:
    """What a person names by hand, an address or the path of a list at a time."""
    made: list[Device] = []

    def read(text: str) -> list[Device]:
        path = file_of(text)
        if path is not None and path.suffix.lower() in _LISTS:
            return read_list(path, work.reach)
        return [Device(read_address(text, work.reach))] if text else []

    def check(text: str) -> str:
        read(text)
        return text

    question = Question(
        "Address of another camera, or path of a list (Enter: no more)", "--camera ADDRESS or --cameras FILE", "", check
    )
    while ask:
        more = read(work.dialogue.ask(question))
        made += more
        ask = bool(more)
    return made


def _given_account(work: Work) -> Account | None:
    """The account that flags name, if they name one."""
    flags = work.flags
    if flags.password_env is not None:
        reference = {"env": flags.password_env}
    elif flags.password_file is not None:
        reference = {"file": str(flags.password_file.resolve())}
    else:
        return None
    password = resolve(reference, work.folder, "--password-env" if "env" in reference else "--password-file")
    return Account(answer(work.dialogue, _user(""), flags.username), password, reference)


def _own_account(device: Device, given: Account | None, folder: Path) -> Account | None:
    """What the list names for a device, else what the flags name."""
    if device.password is None:
        return replace(given, username=device.username or given.username) if given else None
    return Account(device.username, resolve(device.password, folder, device.address), device.password)


def _user(default: str) -> Question:
    def check(text: str) -> str:
        if not 0 < len(text) <= 64:
            raise BadInput("a user name has 1 to 64 characters")
        return text

    return Question("User name", "--username NAME", default or None, check)


def _open_kind(work: Work, kind: str, devices: Sequence[Device], tried: dict[str, int], username: str) -> str:
    """Asks for an account and tries it on all devices of a kind that still want one; gives the user name last used.

    One device has it first, that with the fewest tries: a mistyped password is shown to one camera and not to forty.
    """
    waiting = list(devices)
    while waiting := [one for one in waiting if tried[same(one.address)] < TRIES]:
        if not _wanted(work, kind, waiting, any(tried[same(one.address)] for one in waiting)):
            break
        username = work.dialogue.ask(_user(username))
        account = Account(username, _password(work, username))
        first = min(waiting, key=lambda one: tried[same(one.address)])
        outcomes = _tried(work, [first], account, tried)
        if not outcomes[0].denied:
            outcomes += _tried(work, [one for one in waiting if one is not first], account, tried)
        if any(one.cameras for one in outcomes):
            account = replace(
                account, reference=keep_secret(work.folder, slug(first.hardware) or "cameras", account.password)
            )
        _take(work, outcomes, account.reference)
        over = {same(one.device.address) for one in outcomes if not one.denied}
        waiting = [one for one in waiting if same(one.address) not in over]
    return username


def _tried(work: Work, devices: Sequence[Device], account: Account, tried: dict[str, int]) -> list[Outcome]:
    outcomes = attempts(work.reach, devices, lambda _: account, work.tell)
    for one in outcomes:
        tried[same(one.device.address)] += 1
    return outcomes


def _wanted(work: Work, kind: str, waiting: Sequence[Device], again: bool) -> bool:
    count = f"{amount(len(waiting), 'device')} of kind {kind}"
    if again:
        text = f"{count} not open yet. Cameras lock out who tries too often: no device is tried more than {TRIES} times"
        options = [Option(LOGIN, "another user or password"), Option(SKIP, "leave them out for now")]
        return work.dialogue.choose(Question(text, _FLAGS, SKIP, optional=True), options) == LOGIN
    options = [Option(LOGIN, "give one user and password for all of them"), Option(SKIP, "leave them out for now")]
    return work.dialogue.choose(Question(f"{count}: a password is wanted", _FLAGS, LOGIN), options) == LOGIN


def _password(work: Work, username: str) -> str:
    while True:
        password = work.dialogue.secret(Question(f"Password of {username}", _FLAGS))
        if password.isprintable() and 1 <= len(password) <= 256:  # one line of text, as its file can hold it
            return password
        work.tell("  a password is one line of 1 to 256 letters, digits and signs")


def _take(work: Work, outcomes: Sequence[Outcome], reference: Mapping[str, str] | None = None) -> None:
    """Notes what was opened and what was not, and keeps the draft."""
    known = work.known
    for one in outcomes:
        if one.cameras:
            work.draft.cameras += [
                replace(camera, password=camera.password or reference)
                for camera in one.cameras
                if camera_key(camera.address, camera.profile) not in known
            ]
            work.draft.left_out.pop(one.device.address, None)
        else:
            work.draft.left_out[one.device.address] = one.failure
    work.save()
