"""What is rendered of the film so far, in a folder: who ends it at any moment loses one picture."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Take:
    """One picture of one camera: BGR, whose each pixel is, and the labels of everybody who shows."""

    picture: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    people: list[dict[str, Any]]


class Takes:
    """The takes of one camera; pictures in which nobody moves have none of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def there(self, number: int) -> bool:
        """Whether a picture is there, whole."""
        return self._path(number, "json").exists()

    def keep(self, number: int, take: Take) -> None:
        """Writes one: its labels, written last, say that it is whole."""
        for name, pixels in (("picture", take.picture), ("mask", take.mask)):
            path = self._path(number, f"{name}.png")
            if not cv2.imwrite(str(path), pixels):
                raise OSError(f"cannot write {path}")
        begun = self._path(number, "part")
        with begun.open("w", encoding="utf-8") as file:
            json.dump(take.people, file, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        begun.rename(self._path(number, "json"))

    def latest(self, number: int) -> int:
        """The number of the last take up to a picture, which is what that picture looks like. Raises OSError."""
        for candidate in range(number, -1, -1):
            if self.there(candidate):
                return candidate
        raise OSError(f"{self._folder}: not rendered yet: python -m models.training.classroom.film")

    def take(self, number: int) -> Take:
        """The take of a number. Raises OSError."""
        picture = cv2.imread(str(self._path(number, "picture.png")))
        mask = cv2.imread(str(self._path(number, "mask.png")), cv2.IMREAD_GRAYSCALE)
        if picture is None or mask is None:
            raise OSError(f"cannot read {self._path(number, 'picture.png')} or its mask")
        return Take(np.asarray(picture, np.uint8), np.asarray(mask, np.uint8), self.people(number))

    def people(self, number: int) -> list[dict[str, Any]]:
        """The labels of a take. Raises OSError."""
        told: list[dict[str, Any]] = json.loads(self._path(number, "json").read_text("utf-8"))
        return told

    def _path(self, number: int, end: str) -> Path:
        return self._folder / f"{number:04d}.{end}"
