from homeroom.bleed import suppress_bleed
from homeroom.detection import Detection
from tests.fakes import person, raising


def hands(*people: Detection) -> list[bool]:
    return ["gesture" in one.axes and one.axes["gesture"].get("hand-raised", 0) > 0.5 for one in suppress_bleed(people)]


def test_the_person_behind_a_raised_arm_does_not_raise_a_hand() -> None:
    assert hands(raising(0.34, 0.44, 0.51, 0.99), raising(0.30, 0.42, 0.39, 0.78, 0.99)) == [True, False]


def test_the_order_and_the_likelihood_play_no_part() -> None:
    behind, owner = raising(0.30, 0.42, 0.39, 0.78, 0.99), raising(0.34, 0.44, 0.51, 0.99, 0.5)
    assert hands(behind, owner) == [False, True]


def test_two_neighbors_of_one_size_may_both_raise_their_hands() -> None:
    assert hands(raising(0.2, 0.4, 0.35, 0.9), raising(0.36, 0.42, 0.5, 0.9)) == [True, True]


def test_hands_out_of_reach_of_each_other_stay() -> None:
    assert hands(raising(0.1, 0.3, 0.3, 1.0), raising(0.7, 0.5, 0.8, 0.8)) == [True, True]


def test_a_neighbor_without_a_claim_is_left_as_it_is() -> None:
    calm = person(0.3, 0.42, 0.39, 0.78)
    assert suppress_bleed([raising(0.34, 0.44, 0.51, 0.99), calm])[1] is calm


def test_who_is_cut_by_the_side_of_the_picture_is_not_judged() -> None:
    assert hands(raising(-0.001, 0.53, 0.11, 1.0)) == [False]
    assert hands(raising(0.88, 0.46, 1.001, 1.0)) == [False]
    assert hands(raising(0.5, 0.46, 0.6, 1.0)) == [True]
