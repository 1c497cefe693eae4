"""What `scan` and `read_tree` promise, on every backend."""

import time

import pytest

from sandboxes.protocol import Sandbox, TreeChange

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _do(sandbox: Sandbox, command: str) -> None:
    result = await sandbox.run(command, timeout_s=50)
    assert result.exit_code == 0, result.head


async def _scan(sandbox: Sandbox) -> list[TreeChange]:
    return sorted(await sandbox.scan(), key=lambda change: change.path)


async def test_first_scan_lists_files_and_links_but_neither_git_nor_directories(sandbox: Sandbox) -> None:
    await sandbox.scan()
    await _do(
        sandbox,
        "mkdir -p a/b .git/objects sub/.git && echo 1 >a/b/f && ln -s b a/l && echo >.git/x && echo >sub/.git/y",
    )
    await _do(sandbox, "printf gitdir >a/.git; echo 2 >.gitignore; chmod 755 a/b/f; mkdir empty")
    assert await _scan(sandbox) == [
        TreeChange(".gitignore", "file", 0o644, 2),
        TreeChange("a/b/f", "file", 0o755, 2),
        TreeChange("a/l", "symlink", 0o777, 1),
    ]
    assert await _scan(sandbox) == []


async def test_only_changes_are_reported(sandbox: Sandbox) -> None:
    await _do(
        sandbox, "echo 1 >stays; echo 1 >edited; echo 1 >mode; echo 1 >gone; ln -s stays link; echo 1 >becomes; mkdir d"
    )
    await sandbox.scan()
    await _do(
        sandbox, "echo 22 >edited; chmod 700 mode; rm gone becomes; ln -sf edited link; mkdir becomes; echo >becomes/x"
    )
    assert await _scan(sandbox) == [
        TreeChange("becomes", None),
        TreeChange("becomes/x", "file", 0o644, 1),
        TreeChange("edited", "file", 0o644, 3),
        TreeChange("gone", None),
        TreeChange("link", "symlink", 0o777, 6),
        TreeChange("mode", "file", 0o700, 2),
    ]
    assert await _scan(sandbox) == []


async def test_same_size_rewrite_right_after_the_scan_is_seen(sandbox: Sandbox) -> None:
    await sandbox.write_file(f"{sandbox.workdir}/f", b"aaaa")
    await sandbox.scan()
    for letter in "bcdefgh":
        await _do(sandbox, f"printf {letter * 4} 1<>f")
        assert [change.path for change in await sandbox.scan()] == ["f"]
    await _do(sandbox, "touch -r f stamp; printf zzzz 1<>f; touch -r stamp f; rm stamp")
    assert [change.path for change in await sandbox.scan()] == ["f"]
    assert await sandbox.scan() == []


async def test_many_files(sandbox: Sandbox, backend: str) -> None:
    await sandbox.scan()
    folders = 200 if backend in {"local", "docker"} else 20
    names = "for d in *; do seq 100 | sed s,^,$d/,; done"
    await _do(sandbox, f"mkdir t && cd t && mkdir $(seq {folders}) && {names} | xargs touch")
    began = time.monotonic()
    assert len(await sandbox.scan()) == folders * 100
    first = time.monotonic() - began
    await _do(sandbox, f"cd {sandbox.workdir}; echo x >t/17/42")
    began = time.monotonic()
    assert await sandbox.scan() == [TreeChange("t/17/42", "file", 0o644, 2)]
    again = time.monotonic() - began
    # Loose bounds: they catch an accidental quadratic walk, not a busy machine.
    assert max(first, again) < 20


async def test_read_tree(sandbox: Sandbox) -> None:
    await _do(
        sandbox,
        "mkdir d && printf 'a\\000b' >d/bin && ln -s ../d/bin d/link && mkdir dir && chmod 750 d/bin && : >empty",
    )
    changes = await sandbox.read_tree(["d/bin", "d/link", "empty", "none"])
    assert changes == [
        TreeChange("d/bin", "file", 0o750, 3, b"a\0b"),
        TreeChange("d/link", "symlink", 0o777, 8, b"../d/bin"),
        TreeChange("empty", "file", 0o644, 0, b""),
        TreeChange("none", None),
    ]


async def test_read_tree_of_many_megabytes(sandbox: Sandbox) -> None:
    await _do(sandbox, "for i in 1 2 3 4 5 6; do head -c 1500000 /dev/zero | tr '\\0' $i >f$i; done")
    changes = await sandbox.read_tree([f"f{i}" for i in range(1, 7)])
    assert [change.data for change in changes] == [b"%d" % i * 1_500_000 for i in range(1, 7)]


async def test_odd_names(sandbox: Sandbox) -> None:
    await sandbox.scan()
    await _do(sandbox, "touch -- 'a b' 'ü' \"$(printf 'bad\\377name')\" 'q\"uote' '-dash'")
    found = sorted(change.path for change in await sandbox.scan())
    assert found == sorted(["-dash", "a b", "bad\udcffname", 'q"uote', "ü"])
    changes = await sandbox.read_tree(found)
    assert all(change.data == b"" for change in changes)


async def test_read_tree_does_not_leave_the_workspace(sandbox: Sandbox) -> None:
    await _do(sandbox, "ln -s /etc outside")
    for change in await sandbox.read_tree(["outside/passwd", "../etc/passwd", "/etc/passwd"]):
        assert change.kind is None
        assert change.data is None
