"""Who the people are: traits drawn by chance, evenly over the groups; the hold-out has styles and ranges of its own."""

from __future__ import annotations

import numpy as np

from .kinds import Color, Split, Traits

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


def _one(rng: np.random.Generator, options: tuple) -> object:  # type: ignore[type-arg]
    return options[int(rng.integers(len(options)))]


def _near(rng: np.random.Generator, color: Color, spread: float) -> Color:
    c = np.asarray(color) * np.exp(rng.normal(0, spread)) * np.exp(rng.normal(0, spread * 0.35, 3))
    return tuple(float(v) for v in np.clip(c, 0.004, 0.85))  # type: ignore[return-value]


def traits(rng: np.random.Generator, split: Split) -> Traits:
    """A person for a split. Styles of the hold-out are never drawn for the others, nor theirs for it."""
    held = split == "holdout"
    skin = str(rng.choice(["light", "medium", "dark"]))
    build = str(rng.choice(["slim", "medium", "heavy"]))
    covering = str(rng.choice(["none", "scarf", "cap", "turban"], p=[0.64, 0.13, 0.12, 0.11]))
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
    hair_color = _near(rng, _one(rng, HAIR_COLORS[: {"light": 7, "medium": 4, "dark": 3}[skin]]), 0.25)  # type: ignore[arg-type]
    if age > 0.62 and rng.random() < 0.7:
        hair_color = _near(rng, _one(rng, GREYS), 0.2)  # type: ignore[arg-type]
    beard = (
        "none"
        if woman or age < 0.08
        else str(rng.choice(["none", "stubble", "full", "moustache"], p=[0.5, 0.25, 0.17, 0.08]))
    )
    cloth = CLOTH
    ground, figure, trim = (_near(rng, _one(rng, cloth), 0.25 * spread) for _ in range(3))  # type: ignore[arg-type]
    patterns = PATTERNS_HELD_OUT if held else PATTERNS
    plain = not held and rng.random() < 0.35
    return Traits(
        skin=skin,  # type: ignore[arg-type]
        build=build,  # type: ignore[arg-type]
        glasses="yes" if rng.random() < 0.33 else "no",
        covering=covering,  # type: ignore[arg-type]
        wrap=str(_one(rng, (WRAPS_HELD_OUT if held else WRAPS)[covering])),
        seed=int(rng.integers(1 << 30)),
        height=float(np.clip(rng.normal(1.65 if woman else 1.77, 0.065 * spread), 1.45, 2.02)),
        shape=shape,
        age=age,
        tone=_near(rng, TONES[skin][int(rng.integers(4))], 0.07 * spread),
        hair=str(rng.choice(styles, p=weights / weights.sum())),
        hair_color=hair_color,
        beard=beard,  # type: ignore[arg-type]
        eye_color=_near(rng, _one(rng, EYES[: {"light": 5, "medium": 2, "dark": 1}[skin]]), 0.2),  # type: ignore[arg-type]
        frame=str(_one(rng, FRAMES_HELD_OUT if held else FRAMES)),
        top=str(_one(rng, CUTS_HELD_OUT if held else CUTS)),
        sleeve=str(rng.choice(["short", "rolled", "long"], p=[0.3, 0.12, 0.58])),  # type: ignore[arg-type]
        pattern="plain" if plain else str(_one(rng, patterns)),
        colors=(ground, figure, trim),
        legs=_near(rng, _one(rng, LEGS), 0.2 * spread),  # type: ignore[arg-type]
        shoes=_near(rng, _one(rng, SHOES), 0.2),  # type: ignore[arg-type]
        cover_color=_near(rng, _one(rng, cloth), 0.25 * spread),  # type: ignore[arg-type]
        left_handed=bool(rng.random() < 0.12),
        face=tuple(float(v) for v in np.clip(rng.normal(0, spread, 10), -2.2, 2.2)),
    )
