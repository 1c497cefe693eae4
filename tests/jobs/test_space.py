"""What is said of the disk before a batch begins."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.batch.space import space_for
from jobs.batch.stock import EXPECTED_BYTES, GIB, StockRules


def test_nothing_is_said_where_nothing_is_pulled() -> None:
    assert space_for(0, 4, 0, StockRules()) is None
    assert space_for(9, 4, 0, StockRules(pull="never")) is None


def test_too_little_room_for_one_image_refuses_with_the_remedy() -> None:
    space = space_for(3, 4, EXPECTED_BYTES - 1, StockRules())
    assert space is not None
    assert space.refused
    assert "docker system prune" in space.sentence


def test_a_budget_that_the_disk_does_not_have_refuses() -> None:
    space = space_for(3, 4, 30 * GIB, StockRules(budget_bytes=50 * GIB))
    assert space is not None
    assert space.refused
    assert "50.0 GiB is more than there is: 30.0 GiB" in space.sentence


def test_images_that_go_after_use_need_room_for_those_at_work_only() -> None:
    passing = space_for(500, 4, 100 * GIB, StockRules())
    kept = space_for(500, 4, 100 * GIB, StockRules(keep=True))
    assert passing is not None
    assert kept is not None
    assert passing.sentence == (
        "500 images are not on this machine and will be pulled, about 16.0 GiB at a time; "
        "100.0 GiB are free on the disk of the Docker engine."
    )
    assert "pulls will wait for room (without --keep-images they would go after use)" in kept.sentence


@given(st.integers(1, 600), st.integers(1, 64), st.one_of(st.none(), st.integers(EXPECTED_BYTES, 900 * GIB)))
def test_a_disk_with_room_for_one_image_is_enough_to_begin(missing: int, at_once: int, free: int | None) -> None:
    space = space_for(missing, at_once, free, StockRules())
    assert space is not None
    assert not space.refused
