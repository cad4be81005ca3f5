"""Cameras by HTTP that send what is no picture, or a bomb, beside a healthy one."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from tests.coded import drawn
from tests.http_camera import http_camera
from tests.sources.beside import EVERY, Account, told


def still(width: int = 160, height: int = 96, *flags: int) -> bytes:
    done, data = cv2.imencode(".jpg", drawn(3, width, height), [cv2.IMWRITE_JPEG_QUALITY, 95, *flags])
    assert done
    return data.tobytes()


def claiming(data: bytes, width: int, height: int) -> bytes:
    """The JPEG with another size in its head (T.81, B.2.2)."""
    made = bytearray(data)
    at = next(made.index(mark) for mark in (b"\xff\xc0", b"\xff\xc2") if mark in made)
    made[at + 5 : at + 9] = height.to_bytes(2) + width.to_bytes(2)
    return bytes(made)


def many_scans(count: int) -> bytes:
    """A progressive JPEG that says its last scan again and again."""
    data = still(640, 480, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * count + b"\xff\xd9"


GOOD = {
    "healthy": still(),
    "progressive": still(160, 96, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "odd": still(853, 479),
}
BAD = {
    "bomb": (claiming(still(), 65500, 65500), "too large"),
    "wide": (claiming(still(), 65500, 1), "too large"),
    "nothing": (b"", "no JPEG"),
    "page": (b"<html>please log in</html>", "no JPEG"),
    "head": (still()[:100], "no whole picture"),
}
# What comes of these is ffmpeg's business: a picture, as far as there is one, or a gap.
EITHER = {
    "truncated": still()[: len(still()) // 2],
    "larger": claiming(still(), 8000, 8000),
    "smaller": claiming(still(), 16, 16),
    "scans": many_scans(300),
    "noise": still()[:700] + np.random.default_rng(1).bytes(5000),
}


def test_stills_that_lie_cost_their_own_camera_alone(tmp_path: Path) -> None:
    with ExitStack() as stack:
        sources = {}
        for name, data in [*GOOD.items(), *((name, bad[0]) for name, bad in BAD.items()), *EITHER.items()]:
            camera = stack.enter_context(http_camera())
            camera.picture = data
            sources[name] = camera.url, "scan"

        def until(account: Account) -> bool:
            good = all(len(account.scenes(name)) >= 4 for name in GOOD)
            return good and all(name in account.views for name in sources)

        account = told(tmp_path, sources, until)
    for name in GOOD:
        scenes = account.scenes(name)
        assert account.reasons(name) == set(), name
        apart = [(later.utc - one.utc).total_seconds() for one, later in pairwise(scenes)]
        assert len(scenes) >= 4
        assert max(apart) < 1.5 * EVERY, name
        assert {one.index for one in account.witness.seen[name]} == {3}
    assert account.witness.seen["odd"][0].width == 853
    for name, (_, reason) in BAD.items():
        assert account.scenes(name) == [], name
        assert any(reason in said for said in account.reasons(name)), (name, account.reasons(name))
    for name in EITHER:
        assert account.views[name], name
    assert account.grown < 400
    assert account.closing < 8.0
