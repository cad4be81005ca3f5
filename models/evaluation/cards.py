"""Cards and model manifests: the figures of a report written into them, so that none is typed by hand.

A card is Markdown with two marks. Between them stands a section for each set that the model was measured on; a set that
is measured again takes the place of its earlier section.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from homeroom.errors import BadInput
from homeroom.manifest import parse_json, read_text, shipped, validate
from homeroom.splice import spliced

from .report import alike, cell, heads, latency, machine, subgroups, table, values_table, write

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
HEADING = "\n### "
ONLY_RENDERED = "**Measured on rendered pictures only: how well it sees real people is not told by these figures.**"


def need_marks(path: Path) -> tuple[str, str, str]:
    """What stands before, between and after a card's marks. Raises BadInput where there are none."""
    before, begin, rest = read_text(path).partition(BEGIN)
    between, end, after = rest.partition(END)
    if not begin or not end:
        raise BadInput(f"{path}: has no place for figures; write a line {BEGIN} and one {END}")
    return before, between, after


def write_card(path: Path, report: Mapping[str, Any]) -> None:
    """Puts the figures between a card's marks, those of other sets stay. Raises BadInput where it has no marks."""
    before, between, after = need_marks(path)
    sections = {one.partition("\n")[0].strip(): one.rstrip() for one in between.split(HEADING)[1:]}
    sections[report["set"]["title"]] = section(report)
    text = "\n\n".join(HEADING.lstrip("\n") + one for one in sections.values())
    write(path, f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def section(report: Mapping[str, Any]) -> str:
    """The figures of a report as a card has them, from the set's title on."""
    figures, made = report["figures"], report["set"]
    rendered = [ONLY_RENDERED, ""] if made["evidence"] == "rendered" else []
    rows = [(name, cell(one), str(one["n"])) for name, one in headline(figures)]
    if figures["head"]:
        rows += [(f"head: {name}", value, n) for name, value, n in heads(figures["head"])]
    digests = ", ".join(f"`{digest[:12]}`" for digest in report["model"]["files"].values())
    measured = f"{made['pictures']} pictures, {made['people']} people, {made['evidence']}"
    return "\n".join(
        [
            made["title"],
            "",
            *rendered,
            f"{measured}; files {digests} (SHA-384); {report['date']}. Measured by",
            "",
            f"    {report['command']}",
            "",
            *alike(made),
            "",
            *table(("measure", "figure", "n"), rows),
            "",
            *values_table(figures),
            "",
            *subgroups(figures["subgroups"]),
            "",
            f"{latency(figures['latency'])} {machine(report)}",
        ]
    )


def headline(figures: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The figures by which a model is judged first."""
    people = figures["people"]
    names = {"precision": "people: precision", "recall": "people: recall", "ap50": "AP@.5", "ap": "AP@.5:.95"}
    yield from ((name, people[key]) for key, name in names.items() if key in people)
    yield "macro-F1 over the values, of people found", figures["macro_f1"]
    yield "macro-F1 over the values, end to end", figures["end_to_end"]["macro_f1"]
    yield "coverage", figures["coverage"]
    yield "ECE", figures["ece"]["all"]


def accuracy(report: Mapping[str, Any]) -> list[dict[str, str]]:
    """The figures in the form of a model manifest's `accuracy`."""
    made = report["set"]
    on = f"{made['title']}, {made['pictures']} pictures, {made['people']} people ({made['evidence']})"
    rows = [
        (name, f"{cell(one)}, n {one['n']}") for name, one in headline(report["figures"]) if one["value"] is not None
    ]
    for axis, values in report["figures"]["axes"].items():
        rows += [(f"{axis} {value}", _told(one)) for value, one in values.items() if one.get("recall", {}).get("n")]
    return [{"measure": name, "value": value, "on": on, "source": report["command"][:300]} for name, value in rows]


def _told(one: Mapping[str, Any]) -> str:
    return f"precision {cell(one['precision'])}, recall {cell(one['recall'])}, n {one['recall']['n']}"


def write_accuracy(path: Path, report: Mapping[str, Any]) -> None:
    """Writes the figures into a model manifest, and nothing else of it; those of other sets stay. Raises BadInput."""
    text = read_text(path)
    document = parse_json(text, str(path))
    validate(document, shipped("model.schema.json"), str(path))
    if document["id"] != report["model"]["id"]:
        raise BadInput(f"{path}: is the manifest of {document['id']}, and {report['model']['id']} was evaluated")
    new = accuracy(report)
    here = {one["on"] for one in new}
    document["accuracy"] = [one for one in document["accuracy"] if one["on"] not in here] + new
    validate(document, shipped("model.schema.json"), str(path))
    write(path, spliced(text, ("accuracy",), document["accuracy"]))
