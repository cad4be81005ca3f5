"""The report of an evaluation: one JSON document, and the same for people as Markdown and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2

from homeroom.errors import BadInput
from homeroom.picture import Plane

from .claims import MISSED
from .draw import bars, confusion, reliability

JSON, MARKDOWN = "evaluation.json", "report.md"


def cell(figure: Mapping[str, Any] | None) -> str:
    """A figure as 0.912 (0.88..0.94), or - where there was nothing to measure."""
    if not figure or figure["value"] is None:
        return "-"
    spread = "" if figure["low"] is None else f" ({figure['low']:.2f}..{figure['high']:.2f})"
    return f"{figure['value']:.3f}{spread}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    cells = ([one.replace("|", "\\|") for one in row] for row in (head, ["---"] * len(head), *rows))
    return [f"| {' | '.join(row)} |" for row in cells]


def markdown(report: Mapping[str, Any]) -> str:
    """The whole report as Markdown; the pictures lie beside it."""
    lines = [f"# {report['model']['title']} ({report['model']['id']})", "", *_said_first(report), ""]
    for title, made in sections(report["figures"]):
        lines += [f"## {title}", "", *made, ""]
    pictures = [f"![{name}]({name}.png)" for name in report["plots"]]
    return "\n".join([*lines, "## Pictures", "", *pictures, "", "## Machine", "", machine(report), ""])


def machine(report: Mapping[str, Any]) -> str:
    """The machine in a sentence."""
    versions = ", ".join(f"{name} {number}" for name, number in report["machine"]["versions"].items())
    where = f"{report['settings']['device']}, precision {report['settings']['precision']}"
    return f"{where}; {report['machine']['system']}, {report['machine']['cores']} cores; {versions}.{degraded(report)}"


def degraded(report: Mapping[str, Any]) -> str:
    """That the model computed elsewhere than it should, and why; empty where it did not."""
    return f" {report['model']['degraded']}." if report["model"]["degraded"] else ""


def _said_first(report: Mapping[str, Any]) -> list[str]:
    made, settings = report["set"], report["settings"]
    where = "rendered pictures only" if made["evidence"] == "rendered" else "real pictures"
    by = "the head point" if settings["match"] == "head" else f"IoU {settings['iou']}"
    over = f"{made['title']}, {made['pictures']} pictures, {made['people']} people"
    drawn_anew = f"{settings['resamples']} resamples, seed {settings['seed']}"
    lines = [
        f"Measured on {where}: {over}, on {report['date']}, with",
        "",
        f"    {report['command']}",
        "",
        f"A person is found at {by}. Intervals are 95 %: Wilson's for shares, else the bootstrap ({drawn_anew}).",
    ]
    gate = [f"- {one['line']}" for one in report.get("gate", [])]
    return [*lines, *alike(made), *(["", *gate] if gate else [])]


def alike(made: Mapping[str, Any]) -> list[str]:
    """What must be said of intervals where pictures are frames of recordings."""
    if made["files"] == made["pictures"]:
        return []
    of = "one recording" if made["files"] == 1 else f"{made['files']} files"
    return [f"The pictures are frames of {of} and much alike: the true uncertainty is larger than the intervals say."]


def sections(figures: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The figures' tables, each with its title."""
    yield "People", table(("measure", "figure", "n"), _people(figures))
    yield "Behaviors of people found", values_table(figures)
    yield (
        "End to end",
        [
            "Who was missed, and who is nobody, counts against the model here.",
            "",
            *values_table(figures["end_to_end"]),
        ],
    )
    if figures["head"]:
        yield "Heads", table(("measure", "figure", "n"), heads(figures["head"]))
    if figures.get("behaviors"):
        head = ("behavior", "events that should be", "precision", "recall", "time agreed on", "starts differ by")
        yield "Events at seats", table(head, _events(figures["behaviors"]))
    yield "Subgroups", subgroups(figures["subgroups"])
    yield "Sizes of pictures", table(("size", "people found", "n"), _sizes(figures["sizes"]))
    yield "Latency", [latency(figures["latency"])]


def latency(made: Mapping[str, float]) -> str:
    """How long a picture takes, in a sentence."""
    return (
        f"{made['median_ms']} ms a picture (median), {made['p95_ms']} ms (95 of 100), {made['cpu_ms']} ms of CPU, one"
        " picture at a time."
    )


def _people(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    names = {"precision": "precision", "recall": "recall", "f1": "F1", "ap50": "AP@.5", "ap": "AP@.5:.95"}
    for key, name in names.items():
        if key in figures["people"]:
            yield name, cell(figures["people"][key]), str(figures["people"][key]["n"])
    yield "macro-F1 over the values, of people found", cell(figures["macro_f1"]), str(figures["macro_f1"]["n"])
    end = figures["end_to_end"]["macro_f1"]
    yield "macro-F1 over the values, end to end", cell(end), str(end["n"])
    yield "said anything but uncertain (coverage)", cell(figures["coverage"]), str(figures["coverage"]["n"])
    for axis, figure in figures["ece"].items():
        yield f"ECE, {axis}", cell(figure), str(figure["n"])


def values_table(figures: Mapping[str, Any]) -> list[str]:
    """Precision, recall and F1 of each value, and each axis' own figures."""
    rows = []
    for axis, made in figures["axes"].items():
        for value, one in made.items():
            if "f1" in one:
                each = (cell(one["precision"]), cell(one["recall"]), cell(one["f1"]))
                rows.append((axis, value, str(one["recall"]["n"]), *each))
        rows.append((axis, "**macro-F1**", str(made["macro_f1"]["n"]), "", "", cell(made["macro_f1"])))
    return table(("axis", "value", "n", "precision", "recall", "F1"), rows)


def heads(head: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The rows of where heads are turned."""
    for name in ("coverage", "yaw_mae", "pitch_mae"):
        yield name.replace("_mae", ", mean error in degrees"), cell(head[name]), str(head[name]["n"])
    for name in ("aside", "down"):
        for measure in ("precision", "recall"):
            yield f"{name}, {measure}", cell(head[name][measure]), str(head[name][measure]["n"])


def subgroups(made: Mapping[str, Any]) -> list[str]:
    """A sentence that names the worst subgroup, and all of them as a table."""
    rows = [
        (key, name, f"{one['n']}{' (few)' if one['few'] else ''}", cell(one["recall"]), cell(one["macro_f1"]))
        for key, cells in made["groups"].items()
        for name, one in cells.items()
    ]
    head = ("group", "cell", "n found", "people found", "macro-F1")
    return [worst(made), "", *table(head, rows)]


def worst(made: Mapping[str, Any]) -> str:
    """One sentence: which subgroup is worst, and how far behind the best of its group."""
    if "worst" not in made:
        return "No two cells of a group have people enough to be compared."
    one = made["worst"]
    if not made["gap"]["value"]:
        return "No cell is behind another of its group."
    doubt = " (cells of fewer than 300 people: weak evidence)" if one["few"] else ""
    return (
        f"Worst: {one['group']} {one['cell']}, macro-F1 {cell(one['macro_f1'])}, {made['gap']['value']:.3f} behind"
        f" {one['group']} {one['best']}{doubt}."
    )


def _events(behaviors: Mapping[str, Any]) -> Iterator[Sequence[str]]:
    for name, one in behaviors.items():
        late = "-" if one["start_differs_s"] is None else f"{one['start_differs_s']:g} s"
        each = (cell(one[key]) for key in ("precision", "recall", "agreement"))
        yield (name, str(one["recall"]["n"]), *each, late)


def _sizes(sizes: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, one in sizes.items():
        yield name, cell(one["recall"]), str(one["recall"]["n"])


def drawn(figures: Mapping[str, Any]) -> dict[str, Plane]:
    """The pictures of a report, by name."""
    note = "people found; the darker, the larger the share of its row"
    made = {
        f"confusion-{axis}": confusion(axis, _without_missed(one), note) for axis, one in figures["confusion"].items()
    }
    rows = [
        (f"{axis} {value} {measure}", one[measure])
        for axis, values in figures["axes"].items()
        for value, one in values.items()
        if "f1" in one
        for measure in ("precision", "recall")
    ]
    groups = [
        (f"{key} {name}", one["macro_f1"])
        for key, cells in figures["subgroups"]["groups"].items()
        for name, one in cells.items()
    ]
    made["reliability"] = reliability(figures["reliability"], figures["ece"])
    made["values"] = bars("Precision and recall of people found, with 95 % intervals", rows)
    if groups:
        made["subgroups"] = bars("Macro-F1 by subgroup, with 95 % intervals", groups)
    return made


def _without_missed(matrix: Mapping[str, Any]) -> Mapping[str, Any]:
    """The matrix of people found: without who was missed, and without detections that are nobody."""
    kept = [number for number, name in enumerate(matrix["said"]) if name != MISSED]
    counts = [[row[number] for number in kept] for row in matrix["counts"][:-1]]
    return {"truth": matrix["truth"][:-1], "said": [matrix["said"][number] for number in kept], "counts": counts}


def write(path: Path, content: str | bytes) -> None:
    """Writes a file, all of it or nothing. Raises BadInput where that cannot be."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        part.replace(path)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from None


def write_pictures(folder: Path, pictures: Mapping[str, Plane]) -> None:
    """Writes each as a PNG."""
    for name, image in pictures.items():
        write(folder / f"{name}.png", cv2.imencode(".png", image)[1].tobytes())
