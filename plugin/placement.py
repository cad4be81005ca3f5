"""Whether a camera hangs well enough for behaviors to be told: a judgment on a survey, with figures and cures.

What the action networks need is in the descriptions of Open Model Zoo's person-detection-action-recognition nets:
people seen from the front, at least 80 px tall on 1080p, less than half hidden. They look at every picture scaled to
680x400, so 80 of 1080 rows are 29.6 of 400, whatever the camera sends; a picture of fewer rows gains none by scaling.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from statistics import median

from .focus import edge_width
from .geometry import Box, Polygon, around
from .hiding import hidden_shares
from .places import Place, find_places
from .scene import Mode
from .stillness import BODY
from .survey import SCALE, Survey
from .walls import Judged, judged

ROWS = SCALE[1]
LEAST_ROWS = 80 / 1080 * ROWS
MOST_HIDDEN = 0.5
FEW = 0.1  # share of the people who may miss a measure: one of ten in a bad place does not make the camera useless
FACING = (0.25, 0.5)  # share turned around: below, a front view; above, none (from behind or the side it is nearly all)
# Head of box. Of an adult man of about 92 cm sitting height the head is about 23, a quarter (U.S. Army anthropometric
# surveys, Natick TR-89/044 and TR-15/007); where the box goes on to the floor, some 43 cm more, it is a sixth.
HEAD = (0.17, 0.25)
HEAD_PIXELS = 32  # half the 60 px input of head-pose-estimation-adas-0001; on heads of 13-19 px directions are chance
DARK, BRIGHT = 0.10, 0.90  # mean luma
FLAT = 0.04  # standard deviation of luma, 10 of 255: about the noise of a camera at night
SOFT = 1.3  # pixels of blur (sigma) at the network's input: 3 rows wide (FWHM), half a head of the smallest person
SMALLEST = 200  # rows of a picture: fewer make up more than every second row of the network's input
PAUSE = 2.0  # seconds; a raised hand is told after one
SLOW = 0.9  # of the pictures a second that the manifest asks for

ADVICE = frozenset({"heads"})  # no behavior hangs on it
CANNOT = "cannot tell"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing judged. `ok` is None where it cannot be told; `cure` is empty where there is nothing to do."""

    subject: str
    ok: bool | None
    figure: str
    cure: str = ""


def judge(survey: Survey) -> Sequence[Remark]:
    """What is to be said of a camera's place, the picture first, then the people. `verdict` sums it up."""
    places = find_places(survey.looks)
    light = _light(survey)
    # hardly anything shows in bad light: compression takes small movements out as it takes out noise
    walls = judged(survey, places) if light.ok else [Judged(place, None, still=False) for place in places]
    people = [one.place for one in walls if not one.picture]
    sitting = [place for place in people if not place.stands]
    remarks = [_picture(survey), light, _sharpness(survey), _interval(survey), _seated(survey, sitting)]
    remarks.append(_wall(walls, survey.camera.id))
    if sitting:
        remarks += [one(survey, sitting) for one in (_front, _tall, _hidden, _heads)]
    return remarks


def verdict(remarks: Sequence[Remark]) -> Remark:
    """Whether the camera will work for behaviors, in one line: no as soon as one thing that counts is wrong."""
    counting = [one for one in remarks if one.subject not in ADVICE]
    wrong = [one for one in counting if one.ok is False]
    if wrong:
        figure = f"will not work as it is: {', '.join(map(_said, wrong))}"
        return Remark("verdict", ok=False, figure=figure, cure="; ".join(one.cure for one in wrong))
    nobody = next((one for one in counting if one.subject == "people" and one.ok is None), None)
    if nobody:
        return Remark("verdict", ok=None, figure="cannot tell yet: nobody was seen to sit there", cure=nobody.cure)
    open_ = [one.subject for one in counting if one.ok is None]
    return Remark("verdict", ok=True, figure="will work" + (f"; not told: {', '.join(open_)}" if open_ else ""))


def _said(remark: Remark) -> str:
    return f"{remark.subject} ({remark.figure})"


def excluded(place: Place) -> Polygon:
    """The area for `exclude` that takes a place out.

    The upper part of its box and a little more, which holds the middle by which people are taken out: a network's box
    goes on where it takes legs to be, below the picture on the wall, where somebody may sit.
    """
    return around(grown(replace(place.box, bottom=place.box.top + BODY * place.box.height), 0.05))


def to_paste(places: Sequence[Place]) -> str:
    """The field `exclude` of a camera's entry that takes places out, ready to paste."""
    return f'"exclude": {json.dumps([excluded(place) for place in places])}'


def grown(box: Box, share: float) -> Box:
    """The box larger by a share of its sides all around, within the picture, to three decimals."""
    x, y = box.width * share, box.height * share
    made = Box(box.left - x, box.top - y, box.right + x, box.bottom + y).clipped()
    return Box(*(round(edge, 3) for edge in (made.left, made.top, made.right, made.bottom)))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _size(survey: Survey) -> tuple[int, int]:
    return int(median(one.width for one in survey.looks)), int(median(one.height for one in survey.looks))


def _rows(survey: Survey, place: Place) -> float:
    """Rows of a person at the network's input that come from the camera, not from scaling up."""
    return place.box.height * min(ROWS, _size(survey)[1])


def _picture(survey: Survey) -> Remark:
    width, height = _size(survey)
    said = f"{width}x{height}"
    if height > width:
        return Remark(
            "picture", ok=False, figure=f"{said}, upright", cure="turn the camera: people lie or are squeezed"
        )
    if height < SMALLEST:
        cure = f"set the stream to 1280x720 or more; {SMALLEST} rows are the least"
        return Remark("picture", ok=False, figure=f"{said}, too small", cure=cure)
    return Remark("picture", ok=True, figure=said)


def _light(survey: Survey) -> Remark:
    bright = median(one.quality.brightness for one in survey.looks)
    contrast = median(one.quality.contrast for one in survey.looks)
    said = f"brightness {_percent(bright)}, contrast {_percent(contrast)}"
    if bright < DARK:
        cure = f"switch the light on, or open the exposure: at least {_percent(DARK)} brightness"
        return Remark("light", ok=False, figure=f"{said}: too dark", cure=cure)
    if bright > BRIGHT:
        cure = f"close the exposure, or turn the camera from the window: at most {_percent(BRIGHT)} brightness"
        return Remark("light", ok=False, figure=f"{said}: too bright", cure=cure)
    if contrast < FLAT:
        cure = f"clean the dome; look for fog, glare, a cover: at least {_percent(FLAT)} contrast"
        return Remark("light", ok=False, figure=f"{said}: hardly anything shows", cure=cure)
    return Remark("light", ok=True, figure=said)


def _sharpness(survey: Survey) -> Remark:
    widths = [one for one in map(edge_width, survey.views[:: max(1, len(survey.views) // 5)]) if one is not None]
    if not widths:
        return Remark("sharpness", ok=None, figure="no edges to measure", cure="come back when the room is lit")
    width = median(widths)
    said = f"edges {width:.1f} px wide at the network's {SCALE[0]}x{ROWS}"
    if width > SOFT:
        cure = f"focus the lens, clean the dome, or take a stream of more pixels: {SOFT} px at most"
        return Remark("sharpness", ok=False, figure=said, cure=cure)
    return Remark("sharpness", ok=True, figure=said)


def _interval(survey: Survey) -> Remark:
    span = (survey.looks[-1].utc - survey.looks[0].utc).total_seconds()
    said = f"{len(survey.looks)} pictures in {span:.0f} s"
    if len(survey.gaps) > FEW * len(survey.looks):
        figure = f"{said}, {len(survey.gaps)} times none ({survey.gaps[-1]})"
        return Remark("interval", ok=False, figure=figure, cure="mend the network or the camera's power first")
    if survey.camera.mode is Mode.SCAN or not survey.rate:
        return Remark("interval", ok=True, figure=said)
    said += f", {survey.rate:.2g} sent a second"
    pauses = [(later.utc - look.utc).total_seconds() for look, later in pairwise(survey.looks)]
    if pauses and max(pauses) > max(PAUSE, 4 * median(pauses)):
        figure = f"{said}, one pause of {max(pauses):.1f} s"
        return Remark(
            "interval", ok=False, figure=figure, cure="look for what stops the stream: network, camera, recorder"
        )
    if survey.rate < SLOW * survey.camera.fps:
        cure = f"raise the camera's frame rate to {survey.camera.fps:g} or more, or lower `fps`"
        return Remark("interval", ok=False, figure=said, cure=cure)
    return Remark("interval", ok=True, figure=said)


def _seated(survey: Survey, sitting: Sequence[Place]) -> Remark:
    if sitting:
        figure = f"{len(sitting)} sit, seen in {_percent(median(len(one.seen) for one in sitting) / len(survey.looks))}"
        cure = "count those in the room: who is too small or too much hidden is not found at all"
        return Remark("people", ok=True, figure=f"{figure} of the pictures", cure=cure)
    some = sum(bool(look.detections) for look in survey.looks)
    if some:
        figure = f"somebody in {some} of {len(survey.looks)} pictures, nobody who sits"
        return Remark("people", ok=None, figure=figure, cure="come back when people sit at their places")
    figure = f"nobody in {len(survey.looks)} pictures"
    cure = "come back when people are there; if they are, they are too small, hidden, or seen from above"
    return Remark("people", ok=None, figure=figure, cure=cure)


def _wall(walls: Sequence[Judged], camera: str) -> Remark:
    pictures = [one.place for one in walls if one.picture]
    if pictures:
        figure = f"{len(pictures)} that never move{'s' if len(pictures) == 1 else ''} while others do"
        cure = f"to {camera}: {to_paste(pictures)}; if somebody does sit there, look for longer"
        return Remark("wall pictures", ok=False, figure=figure, cure=cure)
    open_ = sum(one.picture is None for one in walls)
    if open_ or not walls:
        figure = f"{CANNOT} for {open_} of {len(walls)}: nothing moves there, or it would not show"
        return Remark("wall pictures", ok=None, figure=figure, cure="look for longer, with people there")
    return Remark("wall pictures", ok=True, figure="none; a screen that plays a film is not told from people")


def _front(survey: Survey, sitting: Sequence[Place]) -> Remark:
    telling = [one for one in sitting if one.told("facing") >= 0.5]
    if not telling:
        figure = f"{survey.model} does not tell who is turned around"
        return Remark("front view", ok=None, figure=figure, cure="look at the picture: faces must show")
    turned = sum(one.likely("facing", "turned-around") >= 0.5 for one in telling)
    share, figure = turned / len(telling), f"{turned} of {len(telling)} turned around"
    cure = "hang the camera at the front of the room, facing the people; from behind or the side no behavior is told"
    if share >= FACING[1]:
        return Remark("front view", ok=False, figure=figure, cure=cure)
    if share > FACING[0]:
        return Remark("front view", ok=None, figure=figure, cure=f"look again when all face the front; else {cure}")
    return Remark("front view", ok=True, figure=figure)


def _tall(survey: Survey, sitting: Sequence[Place]) -> Remark:
    rows = sorted(map(partial(_rows, survey), sitting))
    height = _size(survey)[1]
    small = sum(one < LEAST_ROWS for one in rows)
    shortest = rows[0] / min(ROWS, height) * height
    scaled = f"{rows[0]:.0f} of {ROWS} rows; 80 px on 1080p are {LEAST_ROWS:.1f}"
    figure = f"smallest {shortest:.0f} px ({scaled}), {small} too small"
    if small <= FEW * len(rows):
        return Remark("height", ok=True, figure=figure)
    closer = LEAST_ROWS / rows[0]
    cure = f"zoom in or hang it closer, {closer:.1f} times"
    if height < ROWS:
        cure += f", or take a stream of {ROWS} rows or more"
    return Remark("height", ok=False, figure=figure, cure=cure)


def _hidden(survey: Survey, sitting: Sequence[Place]) -> Remark:
    width, height = _size(survey)
    shares = hidden_shares([one.box for one in sitting], width / height)
    known = [one for one in shares if one is not None]
    if not known:
        cure = "look at the picture: the edge cuts people, and no others show how tall they are"
        return Remark("hidden", ok=None, figure=CANNOT, cure=cure)
    bad = sum(one > MOST_HIDDEN for one in known)
    figure = f"most {_percent(max(known))}, {bad} of {len(sitting)} more than half, by others or the picture's edge"
    if bad > FEW * len(sitting):
        cure = "hang the camera higher, or turn it so that the picture's edge cuts nobody"
        return Remark("hidden", ok=False, figure=figure, cure=cure)
    return Remark("hidden", ok=True, figure=figure)


def _heads(survey: Survey, sitting: Sequence[Place]) -> Remark:
    height = _size(survey)[1]
    typical = median(one.box.height for one in sitting) * height
    low, high = (share * typical for share in HEAD)
    figure = f"about {low:.0f}-{high:.0f} px tall ({HEAD_PIXELS} needed for head poses)"
    ok = True if low >= HEAD_PIXELS else False if high < HEAD_PIXELS else None
    cure = "" if ok else f"take a stream of {HEAD_PIXELS / low:.1f} times the rows, if head poses are wanted"
    return Remark("heads", ok=ok, figure=figure, cure=cure)
