"""The patch, put on a fresh copy by git itself, gives the tree that the sandbox has; restoring gives any snapshot."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandboxes.workspace import HostSource, apply_patch
from tests.sandboxes.repositories import Tree, git, opened, repository, tree, write

NAMES = st.sampled_from(["a", "b.py", "c d", "é", 'q"', "n\nl", "sub/x", "sub/y z", "sub/deep/w", "t\\t", "-x"])
CONTENTS = st.one_of(
    st.binary(max_size=40),
    st.text("ab\n\r", max_size=30).map(str.encode),
    st.lists(st.sampled_from([b"one\n", b"two\r\n", b"three\n", b"\n"]), max_size=30).map(b"".join),
)
ENTRIES = st.tuples(st.sampled_from(["file", "program", "link"]), CONTENTS)
TREES = st.dictionaries(NAMES, ENTRIES, max_size=7)


def lay(directory: Path, wanted: Tree) -> None:
    """Make the directory hold exactly these files and links, `.git` aside."""
    for path in tree(directory):
        (directory / path).unlink()
    for path, (kind, data) in wanted.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if kind == "link":
            target.symlink_to((data.replace(b"\0", b"") or b"x").decode("utf-8", "surrogateescape"))
        else:
            target.write_bytes(data)
            target.chmod(0o755 if kind == "program" else 0o644)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(first=TREES, second=TREES, third=TREES)
async def test_patches_and_restores_are_exact(first: Tree, second: Tree, third: Tree) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "repo").mkdir()
        lay(directory / "repo", first)
        start = tree(directory / "repo")
        async with opened(HostSource(directory / "repo"), directory) as it:
            assert tree(it.tree) == start
            lay(it.tree, second)
            middle, second_tree = await it.workspace.snapshot("second"), tree(it.tree)
            lay(it.tree, third)
            patch, third_tree = await it.workspace.patch(), tree(it.tree)
            last = await it.workspace.snapshot("third")
            for apply_with_git in (True, False):
                fresh = directory / f"fresh-{apply_with_git}"
                shutil.copytree(directory / "repo", fresh, symlinks=True)
                if apply_with_git and patch:
                    git(fresh, "apply", "--whitespace=nowarn", "-", stdin=patch)
                elif patch:
                    assert (await apply_patch(fresh, patch)).problems == ()
                assert tree(fresh) == third_tree
            for snapshot, files in ((middle, second_tree), (it.workspace.base, start), (last, third_tree)):
                await it.workspace.restore(snapshot)
                assert tree(it.tree) == files


async def test_snapshots_are_a_history(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "1\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        write(it.tree, {"a": "2\n"})
        second = await it.workspace.snapshot("two")
        write(it.tree, {"a": "1\n"})
        third = await it.workspace.snapshot("back")
        assert len({it.workspace.base, second, third}) == 3
        assert await it.workspace.patch() == b""
        assert await it.workspace.changed_paths(since=second) == ["a"]
        assert b"-2" in await it.workspace.patch(since=second)


async def test_modes_alone_make_a_patch(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"run": "x\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        (it.tree / "run").chmod(0o755)
        patch = await it.workspace.patch()
        assert b"old mode 100644\nnew mode 100755" in patch
        assert (await apply_patch(repo, patch)).applied
        assert (repo / "run").stat().st_mode & 0o100
        await it.workspace.restore(it.workspace.base)
        assert not (it.tree / "run").stat().st_mode & 0o100
