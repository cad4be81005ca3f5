"""Reports as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

HEAD = ("measure", "CPU ms/unit", "limit or peer", "CPU ratio", "target", "", "wall ratio", "idle ms/unit")


def ratio(value: float, *, at_least: bool) -> str:
    """0.97 for a share of a limit; 1/93 for a small share of a peer's cost."""
    return f"{value:.3f}" if at_least or value >= 0.2 else f"1/{1 / value:.0f}"


def _spread(found: Mapping[str, float] | None, *, at_least: bool) -> str:
    if found is None:
        return "-"
    middle, low, high = (ratio(found[name], at_least=at_least) for name in ("median", "min", "max"))
    return middle if low == high else f"{middle} ({low}..{high})"


def row(one: Mapping[str, Any]) -> tuple[str, ...]:
    """A measure's cells."""
    at_least, target = one["at_least"], one["target"]
    sign = ">=" if at_least else "<="
    idle = one["ours"]["idle_ms"]
    return (
        one["title"],
        f"{one['ours']['cpu_ms']:.2f}",
        " + ".join(f"{each['cpu_ms']:.2f}" for each in one["against"].values()),
        _spread(one["cpu_ratio"], at_least=at_least),
        "-" if target is None else f"{sign} {ratio(target, at_least=at_least)}",
        {True: "met", False: "MISSED", None: ""}[one["met"]],
        _spread(one["wall_ratio"], at_least=True) + ("" if one["quiet"] or one["wall_ratio"] is None else " *"),
        "-" if idle is None else f"{idle:.2f}",
    )


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as columns of text."""
    widths = [max(len(one[column]) for one in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(one, widths, strict=True)) for one in rows)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def machine(one: Mapping[str, Any]) -> str:
    """The machine in two lines."""
    versions = ", ".join(f"{name} {number}" for name, number in one["versions"].items())
    return (
        f"{one['cpu']}, {one['cores']} cores, {one['memory_gib']:g} GiB\n"
        f"{one['system']}, Python {one['python']}, {versions}\n"
    )


def measures(found: Mapping[str, Any]) -> str:
    """The table of the measures."""
    text = aligned([HEAD, *(row(one) for one in found.values())])
    busy = [one["others"] for one in found.values() if not one["quiet"]]
    if busy:
        known = [share for share in busy if share is not None]
        used = f"used up to {max(known):.0%} of the machine" if known else "may have run; this system does not tell"
        text += f"\n* not a quiet machine: others {used}. CPU ratios hold within some percent, wall ratios do not.\n"
    return text


def rate(one: Mapping[str, Any]) -> str:
    """How often cameras are looked at."""
    return f"every {one['every']:g} s" if one["every"] else f"at {one['fps']:g} pictures a second"


def soak(one: Mapping[str, Any]) -> str:
    """A soak in lines."""
    lag, memory, looks, cpu = one["lag_seconds"], one["memory_mib"], one["looks"], one["cpu"]
    late = "nothing was seen"
    if lag:
        late = f"p50 {lag['p50']:.3g} s, p99 {lag['p99']:.3g} s, max {lag['max']:.3g} s"
    rows = [
        ("cameras", f"{one['cameras']} generated, {one['kind']}, {rate(one)}"),
        ("time", f"{one['seconds']:.0f} s, of them {one['warm_seconds']:.0f} s before counting"),
        ("looks", f"{looks['done']} of {looks['due']} done, {looks['missed']} missed, {looks['gaps']} gaps"),
        ("lag", late),
        (
            "CPU",
            f"{cpu['site']:.2f} of {cpu['cores']} cores; cameras' own {cpu['farm']:.2f}, others {cpu['others']:.2f}",
        ),
    ]
    if memory:
        from_to = f"{memory['start']:.0f} MiB, in the middle {memory['middle']:.0f}, at the end {memory['end']:.0f}"
        rows.append(("memory", f"{from_to} ({memory['slope_per_hour']:+.1f} MiB an hour)"))
    return aligned(rows)


def capacity(one: Mapping[str, Any]) -> str:
    """A capacity in two sentences."""
    return (
        f"{one['cameras']} cameras, {one['kind']}, {rate(one)}, with {one['reserve']:.0%} of the CPU in reserve.\n"
        f"What gave out first: {one['gave_out']}.\n"
    )


PARTS = {"measures": measures, "soak": soak, "capacity": capacity}


def text(found: Mapping[str, Any]) -> str:
    """A report for people: the machine, and what was found on it."""
    return "\n".join([machine(found["machine"]), *(PARTS[name](found[name]) for name in PARTS if name in found)])
