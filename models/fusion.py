"""Two opinions of the people in one picture put together: of a net that sees what shows, and one that judges boxes.

Pure arithmetic over Detections; who asks whom, and when, is in second_opinion.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from homeroom.detection import Detection, Distribution
from homeroom.geometry import Box

SAME = 0.4  # intersection over union from which two boxes, the longer one cut, are one person's
HEAD = 0.12  # middle of the head below the top of a box through the desk, as a share of its height: half of a head
UNCERTAIN = ""  # what a distribution leaves to 1, as a value among the others while it is reckoned with


@dataclass(frozen=True, slots=True)
class Pool:
    """How two opinions are put together.

    `weight` is the share of our own net's say. `floor` is the least probability that a net can give anything: it keeps
    one net's certainty from outvoting the other whatever that says. `alone` is what a claim is worth that the other
    net should have judged, and saw nobody for; `claims` are the values that are claims, by axis.
    """

    weight: float = 0.5
    floor: float = 0.02
    alone: float = 0.8
    claims: Mapping[str, Collection[str]] = field(default_factory=dict)

    def axis(self, own: Distribution, other: Distribution) -> Distribution:
        """One distribution out of two, over one axis.

        What a net leaves uncertain it takes from the other, since it says nothing there: "sitting" of a net that
        knows no reading moves nothing between reading and listening. Then the two are averaged by their logarithms
        (logarithmic opinion pool; Genest & Zidek, 1986). Those averages add up to 1 where both say the same and to
        less where they do not (Bhattacharyya, 1943); the square root of that is told, and the rest is uncertain. So
        what one is certain of and the other flatly denies comes out at 0.27 for the usual floor, under any alarm.
        """
        ours, theirs = _filled(own, other), _filled(other, own)
        raw: dict[str, float] = {
            value: max(ours[value], self.floor) ** self.weight * max(theirs[value], self.floor) ** (1 - self.weight)
            for value in ours
            if ours[value] > 0 or theirs[value] > 0
        }
        total = sum(raw.values())
        whole = max(total, total**0.5)  # floors may bring it above 1
        return {value: share / whole for value, share in raw.items() if value != UNCERTAIN}

    def axes(self, own: Mapping[str, Distribution], other: Mapping[str, Distribution]) -> dict[str, Distribution]:
        """All axes; one that only one of them tells is taken from it."""
        return {
            axis: self.axis(own[axis], other[axis]) if axis in own and axis in other else (own.get(axis) or other[axis])
            for axis in sorted({*own, *other})
        }

    def doubted(self, axes: Mapping[str, Distribution]) -> dict[str, Distribution]:
        """What one net says by itself where the other saw nobody: of claims less, the rest of them uncertain.

        What is no claim was not asked about, and stays as it is: nobody sits less for not being seen twice.
        """
        return {
            axis: {
                value: probability * (self.alone if value in self.claims.get(axis, ()) else 1.0)
                for value, probability in over.items()
            }
            for axis, over in axes.items()
        }


def _filled(one: Distribution, other: Distribution) -> dict[str, float]:
    """A distribution over all values of both and "uncertain", what it leaves open taken from the other one."""
    left, theirs = max(0.0, 1.0 - sum(one.values())), max(0.0, 1.0 - sum(other.values()))
    made = {value: one.get(value, 0.0) + left * other.get(value, 0.0) for value in sorted({*one, *other})}
    return {**made, UNCERTAIN: left * theirs}


def agreement(own: Box, other: Box) -> float:
    """How well a box of what shows and one through the desk agree, 0..1; 0 where the other's head is not in ours.

    Both begin at the head; where the other one goes on below ours, behind the desk, it is cut.
    """
    x, y = other.center[0], other.top + HEAD * other.height
    if not (own.left <= x <= own.right and own.top <= y <= own.bottom):
        return 0.0
    return own.iou(replace(other, bottom=min(other.bottom, own.bottom)))


def matched(own: Sequence[Box], others: Sequence[Box]) -> dict[int, int]:
    """Number of ours -> number of the other's, best fits first and each once."""
    fits = sorted(
        ((agreement(mine, theirs), at, to) for at, mine in enumerate(own) for to, theirs in enumerate(others)),
        key=lambda fit: (-fit[0], fit[1], fit[2]),
    )
    pairs: dict[int, int] = {}
    for fit, at, to in fits:
        if fit >= SAME and at not in pairs and to not in pairs.values():
            pairs[at] = to
    return pairs


def fused(own: Sequence[Detection], others: Sequence[Detection], pool: Pool) -> list[Detection]:
    """Our detections, each with what the other net says of the same person put in.

    People whom the other net alone sees are not added: it is asked now and then only, so they would come and go with
    their neighbors' claims, and it takes pictures on walls for people.
    """
    pairs = matched([one.box for one in own], [one.box for one in others])
    return [
        replace(one, axes=pool.axes(one.axes, others[pairs[at]].axes) if at in pairs else pool.doubted(one.axes))
        for at, one in enumerate(own)
    ]
