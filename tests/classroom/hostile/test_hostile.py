"""Hostile hand-ins, graded in one class with honest ones: nobody gets what isn't theirs."""

import pytest

from hostile import HAND_INS
from hostile.school import end_school, make_school

pytestmark = [pytest.mark.usefixtures("sandbox"), pytest.mark.xdist_group("hostile")]


@pytest.fixture(scope="module")
def complaints(has_sandbox):
    if not has_sandbox:
        pytest.skip("there is no bubblewrap here")
    school = make_school()
    yield school.run(HAND_INS)
    end_school(school)


@pytest.mark.parametrize("name", HAND_INS)
def test_a_hostile_hand_in_is_contained(complaints, name):
    assert complaints[name] == []


def test_honest_learners_get_their_marks(complaints):
    assert complaints["honest"] == []


def test_nothing_is_changed_reached_or_left_alive(complaints):
    assert complaints["all"] == []
