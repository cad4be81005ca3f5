from hypothesis import given
from hypothesis import strategies as st

from homeroom.geometry import Box, area, clip, contains, share_inside

unit = st.integers(0, 1000).map(lambda n: n / 1000)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, right = sorted((draw(unit), draw(unit)))
    top, bottom = sorted((draw(unit), draw(unit)))
    return Box(left, top, right, bottom)


def corners(box: Box) -> tuple[tuple[float, float], ...]:
    return ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))


@given(boxes(), boxes())
def test_clipping_a_box_by_a_box_is_their_intersection(one: Box, other: Box) -> None:
    clipped = clip(corners(one), other)
    assert abs((area(clipped) if len(clipped) > 2 else 0.0) - one.intersection(other)) < 1e-9


@given(boxes(), boxes())
def test_iou_is_symmetric_and_between_0_and_1(one: Box, other: Box) -> None:
    assert one.iou(other) == other.iou(one)
    assert 0 <= one.iou(other) <= 1 + 1e-9


@given(boxes())
def test_a_box_lies_wholly_inside_the_whole_picture(box: Box) -> None:
    share = share_inside(box, ((0, 0), (1, 0), (1, 1), (0, 1)))
    assert share == 0.0 if box.area == 0 else abs(share - 1) < 1e-9


@given(st.lists(st.tuples(unit, unit), min_size=3, max_size=12), boxes())
def test_clipping_any_polygon_never_leaves_the_box(polygon: list[tuple[float, float]], box: Box) -> None:
    for x, y in clip(tuple(polygon), box):
        assert box.left - 1e-9 <= x <= box.right + 1e-9
        assert box.top - 1e-9 <= y <= box.bottom + 1e-9


def test_a_concave_polygon_knows_its_inside() -> None:
    polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5), (0.0, 1.0))
    assert contains(polygon, (0.2, 0.5))
    assert not contains(polygon, (0.5, 0.9))
