"""Topics are declared, and picked by expressions."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from homeroom.adapters.onvif.notices import Narrator
from homeroom.adapters.onvif.soap import NAMESPACES
from homeroom.adapters.onvif.topics import CONCRETE, CONCRETE_SET, BadExpression, Filter, path_of, read_expression
from homeroom.manifest import load_vocabulary

VOCABULARY = load_vocabulary()
SPACES: dict[str | None, str] = {"a": NAMESPACES["tns1"], "b": VOCABULARY.topic_namespace, None: "urn:default"}
CATALOG = Narrator(VOCABULARY, (), alias=True).catalog
HAND = "tns1:RuleEngine/hr:Behavior/HandRaised"
INSIDE = "tns1:RuleEngine/FieldDetector/ObjectsInside"
HEALTH = {one.topic for one in VOCABULARY.health.values()}


def picked(expression: str, dialect: str = CONCRETE_SET) -> set[str]:
    """Which of our topics an expression picks."""
    return set(CATALOG.wanted(read_expression(dialect, expression, SPACES)))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a:RuleEngine/b:Behavior/HandRaised", {HAND}),
        (" a:RuleEngine/b:Behavior/HandRaised\n", {HAND}),
        ("a:RuleEngine/a:FieldDetector/a:ObjectsInside", {INSIDE}),
        ("a:RuleEngine/b:Behavior/b:HandRaised", {HAND}),
        ("a:Device//.", HEALTH),
        ("a:Device/b:Health/CameraOffline", {"tns1:Device/hr:Health/CameraOffline"}),
        ("a:RuleEngine/FieldDetector//.|a:Device//.", {INSIDE, *HEALTH}),
        ("a:VideoSource/MotionAlarm|a:RuleEngine/FieldDetector/ObjectsInside//.", {INSIDE}),
        ("a:VideoSource/MotionAlarm", set()),
        ("a:RuleEngine", set()),
        ("a:RuleEngine/Behavior/HandRaised", set()),
        ("RuleEngine//.", set()),
    ],
)
def test_an_expression_picks_topics(expression: str, expected: set[str]) -> None:
    assert picked(expression) == expected


def test_all_below_the_root_is_all() -> None:
    assert picked("a:RuleEngine//.|a:Device//.") == set(CATALOG.wanted(Filter()))


@pytest.mark.parametrize(
    "expression",
    ["", "|", "a:RuleEngine//.|", "c:RuleEngine", "a:", "a:Rule Engine", "a:*", "//.", "a:RuleEngine/*", "a:x" * 5000],
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(BadExpression):
        picked(expression)


def test_the_concrete_dialect_names_one_topic() -> None:
    assert picked("a:RuleEngine/b:Behavior/HandRaised", CONCRETE) == {HAND}
    for expression in ("a:RuleEngine//.", "a:Device|a:RuleEngine"):
        with pytest.raises(BadExpression):
            picked(expression, CONCRETE)


@given(st.text(max_size=50))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with suppress(BadExpression):
        read_expression(CONCRETE_SET, text, SPACES)


STEPS = st.lists(st.sampled_from(["a:One", "b:Two", "Three", "a:Four"]), min_size=1, max_size=4).map("/".join)


@given(st.lists(st.tuples(STEPS, st.booleans()), max_size=5), STEPS)
def test_a_filter_survives_being_remembered(wanted: list[tuple[str, bool]], topic: str) -> None:
    pick = Filter(frozenset((path_of(path, SPACES), below) for path, below in wanted))
    again = Filter.from_json(pick.to_json())  # type: ignore[arg-type]
    assert again == pick
    path = path_of(topic, SPACES)
    expected = not wanted or any(path == p or (below and path[: len(p)] == p) for p, below in pick.wanted)
    assert again.matches(path) is expected


def test_only_what_has_a_prefix_is_in_a_namespace() -> None:
    topics = CATALOG.topic_set()
    assert topics.find(f"{{{NAMESPACES['tns1']}}}RuleEngine/FieldDetector/ObjectsInside") is not None
    assert (
        topics.find(f"{{{NAMESPACES['tns1']}}}RuleEngine/{{{VOCABULARY.topic_namespace}}}Behavior/HandRaised")
        is not None
    )


def test_without_aliases_only_our_own_topics_are_declared() -> None:
    assert INSIDE not in Narrator(VOCABULARY, (), alias=False).catalog.wanted(Filter())


def test_a_topic_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(BadExpression, match="steps"):
        read_expression(CONCRETE_SET, "x:" + "/".join("a" * 17), {"x": "urn:x"})
    with pytest.raises(BadExpression, match="name space"):
        read_expression(CONCRETE_SET, "x:a", {"x": "u" * 1000})


def test_the_site_s_own_states_are_described_without_camera_room_and_seat() -> None:
    space = f"{{{VOCABULARY.topic_namespace}}}Health"
    health = CATALOG.topic_set().find(f"{{{NAMESPACES['tns1']}}}Device/{space}")
    assert health is not None
    items = {
        topic.tag.rpartition("}")[2]: [
            one.get("Name") for group in ("Source", "Key") for one in described(topic, group)
        ]
        for topic in health
    }
    assert items["DiskLow"] == items["DeviceFallback"] == ["Rule"]
    assert items["CameraDark"] == ["VideoSource", "Rule", "Room", "Seat"]


def described(topic: etree._Element, group: str) -> list[etree._Element]:
    return topic.findall(f".//tt:{group}/tt:SimpleItemDescription", NAMESPACES)
