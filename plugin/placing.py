"""How the cameras of a site hang: each surveyed, judged and drawn, as `homeroom check --placement` shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .drawing import Mark, Outline, annotated, save
from .errors import HomeroomError
from .geometry import around
from .placement import ADVICE, Remark, excluded, judge, verdict
from .ports import Model
from .seats import stays
from .site import RoomSettings, SiteSettings
from .survey import MOST_PICTURES, Survey
from .tour import chosen, tour

SIGNS = {True: "ok  ", False: "FAIL", None: "?   "}


@dataclass(frozen=True, slots=True)
class Placing:
    """What is said of one camera; `picture` is where an annotated one was saved."""

    camera: str
    verdict: Remark
    remarks: tuple[Remark, ...] = ()
    picture: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """In plain JSON types."""
        return {
            "camera": self.camera,
            "ok": self.verdict.ok,
            "verdict": self.verdict.figure,
            "remarks": [asdict(one) for one in self.remarks],
            "picture": str(self.picture) if self.picture else None,
        }

    def lines(self) -> Iterator[str]:
        """The table of one camera, a remark and below it the cure of what is wrong or open."""
        yield f"{SIGNS[self.verdict.ok]}  placement of {self.camera}: {self.verdict.figure}"
        width = max((len(one.subject) for one in self.remarks), default=0)
        for one in self.remarks:
            sign = "note" if one.subject in ADVICE and not one.ok else SIGNS[one.ok]
            yield f"        {sign}  {one.subject:<{width}}  {one.figure}"
            if one.cure and not (one.ok and one.subject != "people"):
                yield f"              {'':<{width}}  -> {one.cure}"
        if self.picture is not None:
            yield f"        saved {self.picture}; whoever the model did not find is not made unclear in it"


def placings(
    settings: SiteSettings, models: Mapping[str, Model], camera: str | None, seconds: float, folder: Path | None
) -> Iterator[Placing]:
    """Looks at each camera (or the one named) for so many seconds, a picture a second, the cameras of a room together.

    The policy pack must have been asked before. A camera that shows nothing will not work.
    """
    for room, cameras in chosen(settings, None, camera):
        meant = [one for one in room.cameras if one.id in cameras]
        many = min(MOST_PICTURES, max(1, round(seconds)))
        for id_, result in tour(room, meant, models[room.model], seconds, many).items():
            if isinstance(result, HomeroomError):
                yield Placing(id_, Remark("verdict", ok=False, figure=f"shows nothing: {result}"))
                continue
            remarks = tuple(judge(result))
            said = verdict(remarks)
            yield Placing(id_, said, remarks, _saved(folder, room, result, said) if folder else None)


def _saved(folder: Path, room: RoomSettings, survey: Survey, said: Remark) -> Path:
    title = f"{survey.camera.id}: {said.figure}. Heads of people who were found are made unclear."
    return save(annotated(survey, outlines(room, survey), title), folder, f"{survey.camera.id}-placement")


def outlines(room: RoomSettings, survey: Survey) -> Sequence[Outline]:
    """Excluded areas, seats, who sits and how tall they are, and what hangs on the wall."""
    camera = survey.camera.id
    found = stays(survey)
    height = survey.picture.height
    return [
        *(Outline(Mark.EXCLUDED, area, "excluded") for area in survey.camera.exclude),
        *(Outline(Mark.SEAT, seat.views[camera], seat.id) for seat in room.seats if camera in seat.views),
        *(Outline(Mark.PERSON, around(one.box), f"{one.box.height * height:.0f} px") for one in found.sitting),
        *(Outline(Mark.PICTURE, excluded(one), "a picture?") for one in found.pictures),
    ]
