"""The stock of images: what is pulled, what waits for room, what is removed, and what is never touched."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.batch.stock import EXPECTED_BYTES, GIB, Stock, StockRules
from sandboxes.container.errors import ImageMissing
from sandboxes.container.images import bytes_of, layers_of
from sandboxes.errors import SandboxUnavailable
from tests.fakes.images import FakeImages

REGISTRY = {name: [("base", 2 * GIB), (name, GIB)] for name in "abcdefgh"}


def stock(host: FakeImages, folder: Path, rules: StockRules | None = None, images: Sequence[str] = ()) -> Stock:
    return Stock(host, folder / "images.json", rules or StockRules(), Counter(images))


async def test_what_this_batch_pulled_goes_after_its_last_use_and_nothing_else(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY)
    host.load("a")
    images = stock(host, tmp_path, images=["a", "b", "b"])
    for image, user in (("a", "1"), ("b", "2"), ("b", "3")):
        await images.need(image, user)
    assert host.pulled == ["b"]
    await images.done("a", "1")
    await images.done("b", "2")
    assert set(host.here) == {"a", "b"}
    await images.done("b", "3")
    assert (set(host.here), host.removed) == ({"a"}, ["b"])


async def test_an_image_that_is_needed_again_later_is_not_pulled_twice(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY)
    images = stock(host, tmp_path, images=["b", "b"])
    for user in ("1", "2"):
        await images.need("b", user)
        await images.done("b", user)
    assert (host.pulled, host.removed) == (["b"], ["b"])


async def test_two_that_need_one_image_at_once_pull_it_once(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY)
    images = stock(host, tmp_path, images=["b", "b"])
    await asyncio.gather(images.need("b", "1"), images.need("b", "2"))
    assert host.pulled == ["b"]


async def test_kept_images_stay_until_the_budget_needs_their_room(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY)
    images = stock(host, tmp_path, StockRules(budget_bytes=7 * GIB, keep=True), images="abcd")
    for image in "abcd":
        await images.need(image, image)
        await images.done(image, image)
    await images.close()
    assert (host.removed, set(host.here)) == (["a"], {"b", "c", "d"})
    assert host.most_bytes <= 7 * GIB


async def test_a_pull_waits_for_room_in_the_budget(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY)
    images = stock(host, tmp_path, StockRules(budget_bytes=4 * GIB), images="ab")
    await images.need("a", "1")
    waiting = asyncio.create_task(images.need("b", "2"))
    for _ in range(50):
        await asyncio.sleep(0)
    assert (waiting.done(), host.pulled) == (False, ["a"])
    await images.done("a", "1")
    await asyncio.wait_for(waiting, 10)
    assert set(host.here) == {"b"}


async def test_an_image_larger_than_the_budget_is_still_used_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    images = stock(FakeImages(REGISTRY), tmp_path, StockRules(budget_bytes=GIB), images="a")
    await asyncio.wait_for(images.need("a", "1"), 10)
    assert "more than the budget of 1.0 GiB" in caplog.text


async def test_a_full_disk_is_a_sentence_and_no_pull(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY, disk_bytes=EXPECTED_BYTES - 1)
    with pytest.raises(SandboxUnavailable, match=r"has 4\.0 GiB left.*docker system prune"):
        await stock(host, tmp_path).need("a", "1")
    assert host.pulled == []


async def test_on_a_disk_that_is_almost_full_pulls_wait_for_each_other(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY, disk_bytes=5 * GIB)
    images = stock(host, tmp_path, images="abcd")

    async def one(image: str) -> None:
        await images.need(image, image)
        await asyncio.sleep(0)
        await images.done(image, image)

    await asyncio.wait_for(asyncio.gather(*(one(image) for image in "abcd")), 10)
    assert (sorted(host.pulled), host.here) == (list("abcd"), {})
    assert host.most_bytes <= 5 * GIB


async def test_pull_never(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY)
    host.load("a")
    images = stock(host, tmp_path, StockRules(pull="never"))
    await images.need("a", "1")
    with pytest.raises(SandboxUnavailable, match="docker load"):
        await images.need("b", "2")


async def test_a_failed_pull_leaves_no_user_behind(tmp_path: Path) -> None:
    host = FakeImages({**REGISTRY})
    images = stock(host, tmp_path, StockRules(budget_bytes=4 * GIB), images=["a", "nowhere"])
    with pytest.raises(ImageMissing):
        await images.need("nowhere", "1")
    await asyncio.wait_for(images.need("a", "2"), 10)


async def test_a_cancelled_wait_leaves_the_room_to_others(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY)
    images = stock(host, tmp_path, StockRules(budget_bytes=4 * GIB), images="abc")
    await images.need("a", "1")
    waiting = asyncio.create_task(images.need("b", "2"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await images.done("a", "1")
    await asyncio.wait_for(images.need("c", "3"), 10)
    assert host.pulled == ["a", "c"]


async def test_a_killed_run_s_images_are_removed_by_the_next_but_not_those_fetched_anew(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY)
    killed = stock(host, tmp_path, images="ab")
    await killed.need("a", "1")
    await killed.need("b", "2")
    await host.remove("b")
    host.pulled.append("somebody's")
    host.load("b")
    following = stock(host, tmp_path)
    await following.close()
    assert set(host.here) == {"b"}


async def test_an_image_that_a_container_uses_stays_and_goes_at_the_end(tmp_path: Path) -> None:
    host = FakeImages(REGISTRY, in_use={"a"})
    images = stock(host, tmp_path, images="a")
    await images.need("a", "1")
    await images.done("a", "1")
    assert set(host.here) == {"a"}
    host.in_use.clear()
    await images.close()
    assert host.here == {}


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 6)), min_size=1, max_size=12),
    st.sets(st.sampled_from("abcdefgh")),
    st.one_of(st.none(), st.integers(3 * GIB, 12 * GIB)),
    st.booleans(),
)
def test_whatever_comes_images_are_there_in_use_and_foreign_ones_stay(
    tmp_path_factory: pytest.TempPathFactory,
    uses: list[tuple[str, int]],
    before: set[str],
    budget: int | None,
    keep: bool,
) -> None:
    async def run() -> None:
        host = FakeImages(REGISTRY)
        for image in sorted(before):
            host.load(image)
        images = stock(host, tmp_path_factory.mktemp("s"), StockRules(budget, keep), [image for image, _ in uses])

        async def one(user: str, image: str, turns: int) -> None:
            await images.need(image, user)
            for _ in range(turns):
                assert image in host.here
                await asyncio.sleep(0)
            await images.done(image, user)

        await asyncio.wait_for(asyncio.gather(*(one(str(n), *use) for n, use in enumerate(uses))), 20)
        await images.close()
        assert before <= set(host.here)
        assert not before & set(host.pulled)
        if not keep:
            assert set(host.here) == before

    asyncio.run(run())


def test_layers_that_images_share_count_once() -> None:
    base = [("1", "FROM", 100), ("2", "RUN apt", 50)]
    one, other = layers_of([*base, ("3", "COPY a", 10)]), layers_of([*base, ("4", "COPY b", 0), ("5", "COPY c", 5)])
    assert [layer.size for layer in other] == [100, 50, 5]
    from sandboxes.container.images import ImageFacts

    assert bytes_of([ImageFacts("x", one), ImageFacts("y", other)]) == 165
    moved = layers_of([("0", "FROM", 7), ("3", "COPY a", 10)])
    assert not {layer.key for layer in moved} & {layer.key for layer in one}
