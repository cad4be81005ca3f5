"""How near a student is to its teacher, on pictures that it was never taught with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from .boxes import decoded, iou, kept
from .distil import Norm
from .geometry import DETECTOR, letterboxed
from .student import Student
from .teachers import Yolox

Picture = NDArray[np.uint8]


def compare(
    student: Student, scale: Norm, pictures: list[Picture], models: Path, least: float = 0.4
) -> dict[str, float]:
    """Cosine of centred features per level; recall and precision of boxes at `least` against the teacher's."""
    teacher = Yolox(models, 1, *DETECTOR)
    student.eval()
    cosines: list[list[float]] = []
    seen = both = claimed = 0
    for picture in pictures:
        canvas, _ = letterboxed(picture)
        features, people = teacher(canvas[None])
        with torch.no_grad():
            mine, found = student(torch.from_numpy(canvas.transpose(2, 0, 1)[None].astype(np.float32)))
        wanted = scale([torch.from_numpy(f) for f in features])
        cosines.append([float(torch.cosine_similarity(m, w, 1).mean()) for m, w in zip(mine, wanted, strict=True)])
        found[..., 4] = found[..., 4].sigmoid()
        theirs, ours = (kept(decoded(p, *DETECTOR), least) for p in (people[0], found[0].numpy()))
        seen, claimed = seen + len(theirs), claimed + len(ours)
        if len(theirs) and len(ours):
            both += int((iou(theirs, ours).max(1) >= 0.5).sum())
    a, b, c = np.mean(cosines, 0)
    return {
        "cos8": round(float(a), 3),
        "cos16": round(float(b), 3),
        "cos32": round(float(c), 3),
        "recall": round(both / max(seen, 1), 3),
        "precision": round(both / max(claimed, 1), 3),
        "boxes": seen,
    }
