"""Claims: what was said of one labelled person on one axis, and what is true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from homeroom.behaviors import UNCERTAIN
from homeroom.detection import Distribution

from .labels import Person
from .matching import Match
from .outcome import Outcome

MISSED = "missed"  # said of people whom nobody found
NOBODY = "nobody"  # true of detections that are no person
LINES = 1080  # heights of people are told in pixels of a picture with so many lines
FAR, MIDDLE = 130, 260  # below the first far, below the second in the middle, else near


@dataclass(frozen=True, slots=True)
class Claim:
    """One axis of one person. `said` is a value, UNCERTAIN or MISSED; `truth` a value, UNCERTAIN (none) or NOBODY.

    `confidence` is the probability of the likeliest value and `right` whether that is the truth; None where the model
    says nothing of the axis. `groups` are those of person and picture, with distance.
    """

    picture: int
    axis: str
    truth: str
    said: str
    confidence: float | None = None
    right: bool = False
    groups: Mapping[str, str] = field(default_factory=dict)


def likeliest(over: Distribution) -> tuple[str, float]:
    """The likeliest value of an axis but for uncertain, with its probability; ("", 0) for none."""
    known = {value: share for value, share in over.items() if value != UNCERTAIN}
    best = max(sorted(known), key=lambda value: known[value], default="")
    return best, known.get(best, 0.0)


def said(over: Distribution) -> str:
    """What a distribution says: its likeliest value, or UNCERTAIN where what is missing to 1 is as likely.

    So a model that was taught to abstain abstains, and one that spreads its probability does not speak for a value
    that it holds less likely than its own doubt.
    """
    best, share = likeliest(over)
    doubt = 1.0 - sum(p for value, p in over.items() if value != UNCERTAIN)
    return best if best and share > doubt else UNCERTAIN


def distance(person: Person) -> str:
    """far, middle or near, by the height of the visible box on a picture of 1080 lines."""
    height = person.box.height * LINES
    return "far" if height < FAR else "middle" if height < MIDDLE else "near"


def groups_of(outcome: Outcome, person: Person) -> dict[str, str]:
    """The groups in which a person counts: their own, their picture's, and how far away they are."""
    return {**outcome.picture.groups, **person.groups, "distance": distance(person)}


def claims(outcomes: Sequence[Outcome], matches: Sequence[Match], axes: Sequence[str]) -> Iterator[Claim]:
    """All claims on these axes; an axis that cannot be told of a person is not scored."""
    for number, (outcome, match) in enumerate(zip(outcomes, matches, strict=True)):
        found = dict(match.pairs)
        for index in match.scored:
            person = outcome.picture.people[index]
            groups = groups_of(outcome, person)
            for axis in axes:
                if axis in person.axes:
                    truth = person.axes[axis]
                    if index not in found:
                        yield Claim(number, axis, truth, MISSED, groups=groups)
                        continue
                    over = outcome.detections[found[index]].axes.get(axis)
                    best, share = likeliest(over or {})
                    sure = share if over else None
                    yield Claim(number, axis, truth, said(over or {}), sure, best == truth, groups)
        for index in match.false:
            for axis in axes:
                yield Claim(number, axis, NOBODY, said(outcome.detections[index].axes.get(axis, {})))
