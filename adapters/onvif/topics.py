"""Topics: names in a tree, the set that we offer, and the expressions by which a client picks from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .soap import NAMESPACES, Element, el

CONCRETE = "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete"
CONCRETE_SET = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
DIALECTS = (CONCRETE, CONCRETE_SET)
OWN_PREFIX = "hr"
_LONGEST = 4096
_MOST = 64  # alternatives of one expression
_DEEPEST = 16  # steps of a topic
_LONGEST_NAMESPACE = 256

Path = tuple[str, ...]  # steps in Clark notation, each with the namespace that it is in or inherits


class BadExpression(ValueError):
    """No topic expression of a dialect that we know."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as text with our prefixes, and its items as (name, XML Schema type)."""

    name: str
    source: tuple[tuple[str, str], ...]
    key: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Topics that a client wants: paths, each alone or (True) with all below it. Without any, every topic."""

    wanted: frozenset[tuple[Path, bool]] = frozenset()

    def matches(self, path: Path) -> bool:
        """Whether a topic is wanted."""
        return not self.wanted or any(path == one or (below and path[: len(one)] == one) for one, below in self.wanted)

    def to_json(self) -> list[list[object]]:
        """As JSON types, in a settled order."""
        return [[list(path), below] for path, below in sorted(self.wanted)]

    @classmethod
    def from_json(cls, made: Iterable[tuple[Iterable[str], bool]]) -> Filter:
        """The inverse of to_json."""
        return cls(frozenset((tuple(path), bool(below)) for path, below in made))


def path_of(text: str, namespaces: Mapping[str | None, str]) -> Path:
    """Steps of `tns1:RuleEngine/hr:Behavior/HandRaised`. Raises BadExpression.

    A step without prefix is in the namespace of the step before it, so that `tns1:A/tns1:B` is `tns1:A/B`:
    clients write either.
    """
    steps: list[str] = []
    space = ""
    parts = text.strip().split("/")
    if len(parts) > _DEEPEST:
        raise BadExpression(f"a topic has at most {_DEEPEST} steps")
    for step in parts:
        prefix, colon, local = step.strip().rpartition(":")
        if colon and prefix not in namespaces:
            raise BadExpression(f"prefix {prefix[:40]!r} is not declared")
        if not local.replace("-", "").replace("_", "").replace(".", "").isalnum():
            raise BadExpression(f"{step[:40]!r} is no topic name")
        space = namespaces[prefix] if colon else space
        if len(space) > _LONGEST_NAMESPACE:  # every step holds a copy of it
            raise BadExpression(f"a name space has at most {_LONGEST_NAMESPACE} characters")
        steps.append(f"{{{space}}}{local}")
    return tuple(steps)


def read_expression(dialect: str, text: str, namespaces: Mapping[str | None, str]) -> Filter:
    """Reads an expression of the Concrete or ConcreteSet dialect (Core §9.6.3): paths, `|` and `//.`."""
    if len(text) > _LONGEST or text.count("|") >= _MOST:
        raise BadExpression("the expression is too long")
    parts = text.split("|")
    if dialect == CONCRETE and (len(parts) > 1 or "//." in text):
        raise BadExpression("the Concrete dialect names one topic")
    wanted = set()
    for part in parts:
        bare = part.strip()
        below = bare.endswith("//.")
        wanted.add((path_of(bare.removesuffix("//."), namespaces), below))
    return Filter(frozenset(wanted))


class Catalog:
    """The topics that we offer."""

    def __init__(self, topics: Iterable[Topic], own_namespace: str) -> None:
        self.namespaces = {OWN_PREFIX: own_namespace}
        self._topics = {topic.name: topic for topic in topics}
        prefixes: dict[str | None, str] = {"tns1": NAMESPACES["tns1"], OWN_PREFIX: own_namespace}
        self._paths = {name: path_of(name, prefixes) for name in self._topics}

    def wanted(self, pick: Filter) -> frozenset[str]:
        """Names of the topics that a filter lets through."""
        return frozenset(name for name, path in self._paths.items() if pick.matches(path))

    def topic_set(self) -> Element:
        """The wstop:TopicSet: only elements whose step has a prefix are in a namespace (Core §9.4)."""
        root = el("wstop:TopicSet")
        for topic in self._topics.values():
            node = root
            for step in topic.name.split("/"):
                node = self._child(node, step)
            node.set(f"{{{NAMESPACES['wstop']}}}topic", "true")
            node.append(_description(topic))
        return root

    def _child(self, parent: Element, step: str) -> Element:
        """The child of that name, made where there is none yet."""
        prefix, _, local = step.rpartition(":")
        known = {**NAMESPACES, **self.namespaces}
        tag = f"{{{known[prefix]}}}{local}" if prefix else local
        found = parent.find(tag)
        if found is not None:
            return found
        made = parent.makeelement(tag, None, {prefix: known[prefix]} if prefix else None)
        parent.append(made)
        return made


def _description(topic: Topic) -> Element:
    """What a message of the topic holds (Core §9.4.3)."""

    def group(name: str, items: tuple[tuple[str, str], ...]) -> Element | None:
        described = [el("tt:SimpleItemDescription", Name=item, Type=kind) for item, kind in items]
        return el(name, *described) if described else None

    return el(
        "tt:MessageDescription",
        group("tt:Source", topic.source),
        group("tt:Key", topic.key),
        group("tt:Data", topic.data),
        IsProperty=True,
    )
