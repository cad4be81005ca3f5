"""Who the people are: traits drawn by chance, evenly over the groups; the hold-out has styles and ranges of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from .chance import drawn, one
from .kinds import Color, Split, Traits

SKINS: tuple[Literal["light", "medium", "dark"], ...] = ("light", "medium", "dark")
BUILDS: tuple[Literal["slim", "medium", "heavy"], ...] = ("slim", "medium", "heavy")
COVERINGS: Mapping[Literal["none", "scarf", "cap", "turban"], float] = {
    "none": 0.64,
    "scarf": 0.13,
    "cap": 0.12,
    "turban": 0.11,
}
BEARDS: Mapping[Literal["none", "stubble", "full", "moustache"], float] = {
    "none": 0.5,
    "stubble": 0.25,
    "full": 0.17,
    "moustache": 0.08,
}
SLEEVES: Mapping[Literal["short", "rolled", "long"], float] = {"short": 0.3, "rolled": 0.12, "long": 0.58}
HAIR = ("crop", "short", "side", "messy", "long", "bob", "ponytail", "bun", "afro", "fringe", "receding", "bald")
HAIR_HELD_OUT = ("curtain", "braids", "quiff", "curls")
PATTERNS = ("plain", "stripes", "check", "print", "melange", "raglan", "block")
PATTERNS_HELD_OUT = ("dots", "zigzag", "pinstripes")
CUTS = ("crew", "shirt", "hood", "jacket", "vneck")
CUTS_HELD_OUT = ("turtleneck", "polo", "cardigan")
WRAPS = {"none": ("",), "scarf": ("wrapped", "pinned"), "cap": ("visor", "knitted"), "turban": ("crossed",)}
WRAPS_HELD_OUT = {"none": ("",), "scarf": ("loose",), "cap": ("bucket", "backwards"), "turban": ("banded",)}
FRAMES = ("square", "round", "thin")
FRAMES_HELD_OUT = ("thick", "half")
TONES: dict[str, tuple[Color, ...]] = {
    "light": ((0.72, 0.42, 0.30), (0.62, 0.36, 0.25), (0.66, 0.40, 0.27), (0.56, 0.31, 0.20)),
    "medium": ((0.44, 0.235, 0.13), (0.38, 0.19, 0.10), (0.33, 0.165, 0.085), (0.42, 0.24, 0.15)),
    "dark": ((0.20, 0.092, 0.047), (0.145, 0.066, 0.034), (0.10, 0.044, 0.024), (0.075, 0.034, 0.020)),
}
HAIR_COLORS: tuple[Color, ...] = (
    (0.012, 0.010, 0.009),
    (0.022, 0.014, 0.009),
    (0.05, 0.028, 0.015),
    (0.10, 0.052, 0.024),
    (0.22, 0.13, 0.06),
    (0.34, 0.21, 0.105),
    (0.17, 0.05, 0.018),
)
GREYS: tuple[Color, ...] = ((0.25, 0.25, 0.25), (0.45, 0.44, 0.43))
EYES: tuple[Color, ...] = (
    (0.05, 0.022, 0.01),
    (0.09, 0.045, 0.02),
    (0.10, 0.10, 0.04),
    (0.09, 0.16, 0.24),
    (0.16, 0.19, 0.2),
)
# fmt: off
CLOTH: tuple[Color, ...] = (
    (0.02, 0.02, 0.024), (0.045, 0.047, 0.055), (0.14, 0.145, 0.15), (0.34, 0.34, 0.35), (0.68, 0.68, 0.66),
    (0.78, 0.78, 0.78), (0.015, 0.026, 0.075), (0.03, 0.07, 0.20), (0.14, 0.24, 0.42), (0.32, 0.44, 0.60),
    (0.24, 0.026, 0.03), (0.42, 0.07, 0.06), (0.09, 0.018, 0.03), (0.035, 0.09, 0.045), (0.11, 0.17, 0.09),
    (0.22, 0.22, 0.11), (0.45, 0.30, 0.09), (0.36, 0.22, 0.14), (0.15, 0.08, 0.045), (0.52, 0.42, 0.30),
    (0.55, 0.32, 0.32), (0.14, 0.06, 0.17), (0.05, 0.16, 0.17), (0.60, 0.52, 0.50),
)
# fmt: on
LEGS: tuple[Color, ...] = (
    (0.016, 0.017, 0.02),
    (0.02, 0.032, 0.07),
    (0.05, 0.08, 0.15),
    (0.11, 0.16, 0.25),
    (0.09, 0.09, 0.09),
    (0.27, 0.2, 0.13),
    (0.05, 0.05, 0.035),
)
SHOES: tuple[Color, ...] = ((0.015, 0.014, 0.013), (0.65, 0.65, 0.63), (0.1, 0.05, 0.025), (0.05, 0.06, 0.09))


def _near(rng: np.random.Generator, color: Color, spread: float) -> Color:
    c = np.asarray(color) * np.exp(rng.normal(0, spread)) * np.exp(rng.normal(0, spread * 0.35, 3))
    red, green, blue = (float(v) for v in np.clip(c, 0.004, 0.85))
    return red, green, blue


def traits(rng: np.random.Generator, split: Split) -> Traits:
    """A person for a split. Styles of the hold-out are never drawn for the others, nor theirs for it."""
    held = split == "holdout"
    skin = one(rng, SKINS)
    build = one(rng, BUILDS)
    covering = drawn(rng, COVERINGS)
    woman = bool(rng.random() < 0.5)
    if covering == "scarf":
        woman = True
    elif covering == "turban":
        woman = bool(rng.random() < 0.1)
    shape = float(np.clip(rng.normal(0.85 if woman else 0.12, 0.12), 0, 1))
    age = float(np.clip(rng.beta(1.3, 2.4), 0, 1))
    spread = 1.5 if held else 1.0
    styles = HAIR_HELD_OUT if held else HAIR
    weights = np.ones(len(styles))
    for i, style in enumerate(styles):
        if style in ("receding", "bald"):
            weights[i] = 0.02 if woman else 0.5
        if style in ("long", "ponytail", "bob", "bun", "fringe", "braids"):
            weights[i] = 1.6 if woman else 0.15
        if style in ("crop", "short", "side", "quiff"):
            weights[i] = 0.2 if woman else 1.8
        if style == "afro":
            weights[i] = {"dark": 1.2, "medium": 0.4, "light": 0.12}[skin]
    hair_color = _near(rng, one(rng, HAIR_COLORS[: {"light": 7, "medium": 4, "dark": 3}[skin]]), 0.25)
    if age > 0.62 and rng.random() < 0.7:
        hair_color = _near(rng, one(rng, GREYS), 0.2)
    beard = "none" if woman or age < 0.08 else drawn(rng, BEARDS)
    ground, figure, trim = (_near(rng, one(rng, CLOTH), 0.25 * spread) for _ in range(3))
    patterns = PATTERNS_HELD_OUT if held else PATTERNS
    plain = not held and rng.random() < 0.35
    return Traits(
        skin=skin,
        build=build,
        glasses="yes" if rng.random() < 0.33 else "no",
        covering=covering,
        wrap=one(rng, (WRAPS_HELD_OUT if held else WRAPS)[covering]),
        seed=int(rng.integers(1 << 30)),
        height=float(np.clip(rng.normal(1.65 if woman else 1.77, 0.065 * spread), 1.45, 2.02)),
        shape=shape,
        age=age,
        tone=_near(rng, one(rng, TONES[skin]), 0.07 * spread),
        hair=drawn(rng, dict(zip(styles, weights, strict=True))),
        hair_color=hair_color,
        beard=beard,
        eye_color=_near(rng, one(rng, EYES[: {"light": 5, "medium": 2, "dark": 1}[skin]]), 0.2),
        frame=one(rng, FRAMES_HELD_OUT if held else FRAMES),
        top=one(rng, CUTS_HELD_OUT if held else CUTS),
        sleeve=drawn(rng, SLEEVES),
        pattern="plain" if plain else one(rng, patterns),
        colors=(ground, figure, trim),
        legs=_near(rng, one(rng, LEGS), 0.2 * spread),
        shoes=_near(rng, one(rng, SHOES), 0.2),
        cover_color=_near(rng, one(rng, CLOTH), 0.25 * spread),
        left_handed=bool(rng.random() < 0.12),
        face=tuple(float(v) for v in np.clip(rng.normal(0, spread, 10), -2.2, 2.2)),
    )
