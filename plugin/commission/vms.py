"""The steps that say where events and figures go: an ONVIF device for the VMS, and Prometheus."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput
from homeroom.manifest import schema, validate
from homeroom.ports import SinkFactory
from homeroom.registry import SINKS, find, names

from .dialogue import YES, Question, agree, answer
from .files import FOLDER, keep_secret
from .work import Work

DEVICE = "onvif-device"
PASSWORD = "vms"  # noqa: S105  name of the file below secrets/
NOWHERE = "none"


def ask_vms(work: Work) -> None:
    """Puts an ONVIF device into the manifest, unless nobody wants one."""
    if DEVICE not in names(SINKS):
        return
    question = Question(
        "Serve events as an ONVIF device, which a VMS adds like a camera?", "--onvif or --no-onvif", YES
    )
    if not agree(work.dialogue, question, work.flags.onvif):
        return
    entry: dict[str, Any] = {"id": "device", "type": DEVICE}
    factory: SinkFactory = find(SINKS, DEVICE)

    def valid(field: str) -> Any:
        def check(text: str) -> str:
            told = factory.schema["properties"][field]
            try:
                validate({**entry, field: text}, factory.schema, field)
            except BadInput:
                raise BadInput(f"{told['description']} Such as: {told['examples'][0]}") from None
            return text

        return check

    listen = Question("Where does it listen? 0.0.0.0 is every network of this machine", "--listen ADDRESS:PORT",
                      "0.0.0.0:8080", valid("listen"))  # fmt: skip
    entry["listen"] = answer(work.dialogue, listen, work.flags.listen)
    user = Question("User by which the VMS logs in", "--vms-user NAME", "vms", valid("username"))
    entry["username"] = answer(work.dialogue, user, work.flags.vms_user)
    entry["password"] = _password(work)
    work.draft.manifest["vms"] = [entry]


def _password(work: Work) -> Mapping[str, str]:
    """The name of the device's password; the file is made when the manifest is written."""
    variable = work.flags.vms_password_env
    if variable is None:
        return {"file": f"{FOLDER}/{PASSWORD}.pw"}
    if not os.environ.get(variable):
        raise BadInput("--vms-password-env: no environment variable of that name is set")
    return {"env": variable}


def make_password(document: Mapping[str, Any], folder: Path) -> Path | None:
    """Makes up the ONVIF device's password where its file is not there yet; gives the file, if there is one.

    One that is there stays, so that a VMS that knows it goes on.
    """
    for entry in document.get("vms", []):
        if entry.get("password") == {"file": f"{FOLDER}/{PASSWORD}.pw"}:
            path = folder / FOLDER / f"{PASSWORD}.pw"
            if not path.exists():
                keep_secret(folder, PASSWORD, secrets.token_urlsafe(12))
            return path
    return None


def ask_metrics(work: Work) -> None:
    """Puts an address for Prometheus into the manifest, if anybody wants one."""
    field = schema("site")["properties"]["metrics"]

    def check(text: str) -> str:
        try:
            if text != NOWHERE:
                validate({"listen": text}, field, "metrics")
        except BadInput:
            raise BadInput(field["properties"]["listen"]["description"]) from None
        return text

    question = Question(
        f"Where may Prometheus fetch figures, such as 127.0.0.1:9464? ({NOWHERE}: nowhere)",
        f"--metrics ADDRESS:PORT or --metrics {NOWHERE}", NOWHERE, check)  # fmt: skip
    listen = answer(work.dialogue, question, work.flags.metrics)
    if listen != NOWHERE:
        work.draft.manifest["metrics"] = {"listen": listen}
