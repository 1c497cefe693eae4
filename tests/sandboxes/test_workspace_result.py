"""What counts as the result: everything of the start, and new files that no rule leaves out."""

from pathlib import Path

import pytest

from sandboxes.workspace import HostSource, ImageSource
from tests.sandboxes.repositories import git, opened, repository, write


async def test_by_products_and_ignored_files_stay_out(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a.py": "a\n", ".gitignore": "out/\n*.log\n!keep.log\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        write(
            it.tree,
            {
                "pkg/__pycache__/a.cpython-311.pyc": "x",
                ".pytest_cache/v/x": "x",
                "src/thing.egg-info/PKG-INFO": "x",
                "node_modules/m/index.js": "x",
                "out/deep/x": "x",
                "x.log": "x",
                "keep.log": "kept\n",
                ".venv/.gitignore": "*\n",
                ".venv/bin/python": "x",
                "real.py": "real\n",
            },
        )
        assert await it.workspace.changed_paths() == ["keep.log", "real.py"]
        assert await it.workspace.snapshot("again") == await it.workspace.snapshot("and again")


async def test_tracked_files_count_even_when_a_rule_names_them(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a.log": "tracked\n"})
    write(repo, {".gitignore": "*.log\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        write(it.tree, {"a.log": "changed\n", "b.log": "new\n"})
        assert await it.workspace.changed_paths() == ["a.log"]
        (it.tree / "a.log").unlink()
        assert b"deleted file" in await it.workspace.patch()
        write(it.tree, {"a.log": "made again\n"})
        assert b"+made again" in await it.workspace.patch()


async def test_the_same_bytes_written_again_are_no_change(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "a\n", "b": "b\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        (it.tree / "a").unlink()
        write(it.tree, {"a": "a\n"})
        assert await it.workspace.snapshot("rewritten") == it.workspace.base
        write(it.tree, {"b": "changed\n"})
        assert await it.workspace.changed_paths() == ["b"]


async def test_rules_that_change_are_obeyed_at_once(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "a\n", ".gitignore": "*.gen\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        write(it.tree, {"x.gen": "x\n", "y.tmp": "y\n"})
        assert await it.workspace.changed_paths() == ["y.tmp"]
        write(it.tree, {".gitignore": "*.tmp\n", "z.tmp": "z\n"})
        assert await it.workspace.changed_paths() == [".gitignore", "x.gen", "y.tmp"]


@pytest.mark.parametrize("kind", ["bind", "image"])
async def test_files_ignored_at_the_start_never_enter(tmp_path: Path, kind: str) -> None:
    repo = repository(tmp_path / "repo", {"a.py": "a\n", ".gitignore": "*.so\n", "kept.so": "k\n"})
    git(repo, "add", "-f", "kept.so")
    git(repo, "commit", "-q", "-m", "tracked although ignored")
    write(repo, {"p.egg-info/PKG-INFO": "1\n", "built.so": "1\n", "loose.py": "1\n"})
    source = HostSource(repo, mode="bind") if kind == "bind" else ImageSource(str(repo))
    async with opened(source, tmp_path) as it:
        assert await it.workspace.patch() == b""
        write(repo, {"p.egg-info/PKG-INFO": "2\n", "built.so": "2\n", "loose.py": "2\n", "kept.so": "2\n"})
        assert await it.workspace.changed_paths() == ["kept.so", "loose.py"]
        write(repo, {".gitignore": "\n"})
        assert "built.so" not in await it.workspace.changed_paths()


async def test_image_without_git(tmp_path: Path) -> None:
    write(tmp_path / "testbed", {"a.py": "a\n", ".gitignore": "x\n", "x": "1"})
    async with opened(ImageSource(str(tmp_path / "testbed")), tmp_path) as it:
        write(it.tree, {"a.py": "b\n", "x": "2", "new.py": "n\n"})
        assert await it.workspace.changed_paths() == ["a.py", "new.py"]


async def test_large_new_files_are_left_out_and_named(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"a": "a\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        with (it.tree / "huge.bin").open("wb") as file:
            file.truncate(65 * 1024**2)
        assert await it.workspace.changed_paths() == []
        assert any("huge.bin" in note and "MiB" in note for note in it.workspace.notes)


async def test_a_file_becomes_a_directory_and_back(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo", {"thing": "file\n", "dir/a": "a\n", "dir/b": "b\n"})
    async with opened(HostSource(repo), tmp_path) as it:
        (it.tree / "thing").unlink()
        write(it.tree, {"thing/inner": "inner\n"})
        for name in ("a", "b"):
            (it.tree / "dir" / name).unlink()
        (it.tree / "dir").rmdir()
        (it.tree / "dir").symlink_to("thing")
        changed = ["dir", "dir/a", "dir/b", "thing", "thing/inner"]
        assert await it.workspace.changed_paths() == changed
        assert await it.workspace.restore(it.workspace.base) == changed
        assert (it.tree / "thing").read_text() == "file\n"
        assert (it.tree / "dir/b").read_text() == "b\n"
        assert await it.workspace.patch() == b""
