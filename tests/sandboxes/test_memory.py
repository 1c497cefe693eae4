"""Snapshots stream: what is in the files is not in memory. What is too large is left out and named."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandboxes.tree.patching import Sieve
from sandboxes.workspace import HostSource
from tests.sandboxes.repositories import opened, repository

ROOT = Path(__file__).resolve().parents[2]
FILE = 50 * 1024**2
# Of six files of 50 MiB each: a few pieces on their way, and what the allocator keeps.
MOST_MIB = 64


@pytest.mark.timeout(240)
def test_six_files_of_50_mib_are_not_held_in_memory(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    for number in range(6):
        (repo / f"big{number}").write_bytes(bytes(FILE) + b"%d" % number)
    (tmp_path / "inside").mkdir()
    places = [str(tmp_path / name) for name in ("repo", "inside", "store")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.sandboxes.memory_worker", *places],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    before, opening, snapshot, changed = map(int, done.stdout.split()[:4])
    assert changed == 6
    assert opening - before < MOST_MIB
    assert snapshot - before < MOST_MIB


async def test_a_large_file_is_recorded_and_comes_back(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        data = b"".join(b"%d\n" % number for number in range(1_000_000))
        (it.tree / "big").write_bytes(data)
        (it.tree / "link").symlink_to("big")
        taken = await it.workspace.snapshot("big")
        (it.tree / "big").write_bytes(data[:-1])
        assert await it.workspace.changed_paths(taken) == ["big"]
        await it.workspace.restore(taken)
        assert (it.tree / "big").read_bytes() == data


async def test_what_is_too_large_is_named_with_its_size(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        await it.sandbox.run("truncate -s 65M huge; head -c 27000000 /dev/urandom >random; echo 2 >a", timeout_s=60)
        patch = await it.workspace.patch()
        assert b"+2" in patch
        assert b"random" not in patch
        assert set(await it.workspace.changed_paths()) == {"a", "random"}
    said = " ".join(it.workspace.notes)
    assert f"huge has {65 * 1024**2} bytes" in said
    assert "random is left out of the patch" in said
    assert "qwright sessions export" in said


PARTS = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 40)), max_size=8)


@given(PARTS, st.lists(st.integers(1, 30), max_size=40), st.integers(20, 80), st.integers(20, 200))
def test_a_sieve_keeps_whole_files_whatever_the_pieces(
    parts: list[tuple[str, int]], cuts: list[int], file_bytes: int, patch_bytes: int
) -> None:
    texts = [(name, f"diff --git a/{name} b/{name}\n{'+x diff --git a/'[:size]}\n".encode()) for name, size in parts]
    whole = b"".join(text for _, text in texts)
    sieve = Sieve(file_bytes, patch_bytes)
    at = 0
    for cut in [*cuts, len(whole)]:
        sieve.feed(whole[at : at + cut])
        at += cut
    patch, left_out = sieve.finish()
    dropped = {it.path for it in left_out}
    assert patch == b"".join(text for name, text in texts if name not in dropped)
    assert len(patch) <= patch_bytes
    assert sum(it.size for it in left_out) + len(patch) == len(whole)
    if all(len(text) <= file_bytes for _, text in texts) and len(whole) <= patch_bytes:
        assert not left_out


def test_a_sieve_names_odd_paths() -> None:
    sieve = Sieve(10, 100)
    sieve.feed(b'diff --git a/a b/c b/a b/c\n+1234567890\ndiff --git "a/\\303\\274" "b/\\303\\274"\n')
    assert [it.path for it in sieve.finish()[1]] == ["a b/c", "\\303\\274"]
