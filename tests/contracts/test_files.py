"""What the file calls promise, on every backend."""

import io
import tarfile
from pathlib import Path

import pytest

from sandboxes.errors import PathChanged, PathError, PathMissing, PathNotAFile, PathOutside
from sandboxes.protocol import DirEntry, Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _do(sandbox: Sandbox, command: str) -> None:
    result = await sandbox.run(command, timeout_s=30)
    assert result.exit_code == 0, result.head


async def test_write_then_read(sandbox: Sandbox) -> None:
    path = f"{sandbox.workdir}/new/dir/ünï file.bin"
    data = bytes(range(256)) * 4 + "漢".encode()
    written = await sandbox.write_file(path, data)
    assert (written.kind, written.size, written.path) == ("file", len(data), path)
    content = await sandbox.read_file(path)
    assert content.data == data
    assert content.stat == written
    assert await sandbox.stat(path) == written


async def test_empty_and_large_files(sandbox: Sandbox) -> None:
    assert (await sandbox.write_file(f"{sandbox.workdir}/empty", b"")).size == 0
    assert (await sandbox.read_file(f"{sandbox.workdir}/empty")).data == b""
    large = b"0123456789abcdef" * 300_000
    await sandbox.write_file(f"{sandbox.workdir}/large", large)
    content = await sandbox.read_file(f"{sandbox.workdir}/large")
    assert content.data == large


async def test_read_a_part(sandbox: Sandbox) -> None:
    path = f"{sandbox.workdir}/part"
    await sandbox.write_file(path, b"0123456789")
    content = await sandbox.read_file(path, offset=3, limit=4)
    assert (content.data, content.stat.size) == (b"3456", 10)
    assert (await sandbox.read_file(path, limit=2)).data == b"01"
    assert (await sandbox.read_file(path, offset=99)).data == b""


async def test_missing_and_not_a_file(sandbox: Sandbox) -> None:
    assert await sandbox.stat(f"{sandbox.workdir}/none") is None
    with pytest.raises(PathMissing):
        await sandbox.read_file(f"{sandbox.workdir}/none")
    with pytest.raises(PathNotAFile):
        await sandbox.read_file(sandbox.workdir)
    await _do(sandbox, "mkfifo pipe")
    with pytest.raises(PathNotAFile):
        await sandbox.read_file(f"{sandbox.workdir}/pipe")
    with pytest.raises(PathNotAFile):
        await sandbox.write_file(f"{sandbox.workdir}/pipe", b"x")
    await _do(sandbox, "mkdir folder")
    with pytest.raises(PathNotAFile):
        await sandbox.write_file(f"{sandbox.workdir}/folder", b"x")
    with pytest.raises(PathNotAFile):
        await sandbox.delete_file(f"{sandbox.workdir}/folder")
    with pytest.raises(PathMissing):
        await sandbox.delete_file(f"{sandbox.workdir}/none")


async def test_stat_follows_links(sandbox: Sandbox) -> None:
    await _do(sandbox, "mkdir real && echo hi >real/file && ln -s real link && chmod 640 real/file")
    found = await sandbox.stat(f"{sandbox.workdir}/link/file")
    assert found is not None
    assert (found.real_path, found.kind, found.size, found.mode) == (f"{sandbox.workdir}/real/file", "file", 3, 0o640)
    directory = await sandbox.stat(f"{sandbox.workdir}/link")
    assert directory is not None
    assert directory.kind == "directory"


async def test_mode_is_kept_or_set(sandbox: Sandbox) -> None:
    path = f"{sandbox.workdir}/script"
    await sandbox.write_file(path, b"1", mode=0o755)
    assert (await sandbox.write_file(path, b"22")).mode == 0o755
    assert (await sandbox.write_file(path, b"3", mode=0o600)).mode == 0o600
    assert (await sandbox.write_file(f"{sandbox.workdir}/plain", b"")).mode == 0o644


async def test_write_through_a_link_changes_its_target(sandbox: Sandbox) -> None:
    await _do(sandbox, "echo old >target && ln -s target link && ln -s absent dangling")
    await sandbox.write_file(f"{sandbox.workdir}/link", b"new", within=(sandbox.workdir,))
    await sandbox.write_file(f"{sandbox.workdir}/dangling", b"made", within=(sandbox.workdir,))
    assert (await sandbox.read_file(f"{sandbox.workdir}/target")).data == b"new"
    assert (await sandbox.read_file(f"{sandbox.workdir}/absent")).data == b"made"
    await _do(sandbox, "test -L link && test -L dangling")


async def test_a_failed_write_leaves_the_old_file_and_no_litter(sandbox: Sandbox) -> None:
    path = f"{sandbox.workdir}/kept"
    await sandbox.write_file(path, b"old")
    with pytest.raises(PathChanged):
        await sandbox.write_file(path, b"new", expect="something else")
    assert (await sandbox.read_file(path)).data == b"old"
    await _do(sandbox, 'test "$(ls -A)" = kept')


async def test_guards_against_leaving_the_roots(sandbox: Sandbox) -> None:
    root = f"{sandbox.workdir}/root"
    await _do(
        sandbox, f"mkdir root; ln -s {sandbox.scratch} root/out; ln -s {sandbox.scratch}/f root/f; ln -s loop root/loop"
    )
    for path in (f"{root}/out/f", f"{root}/f", f"{root}/../f", f"{root}/new/../../f", f"{sandbox.scratch}/f"):
        with pytest.raises(PathError):
            await sandbox.write_file(path, b"x", within=(root,))
    for path in (f"{root}/out/f", f"{root}/../f"):
        with pytest.raises((PathOutside, PathMissing)):
            await sandbox.delete_file(path, within=(root,))
    with pytest.raises(PathOutside):
        await sandbox.write_file(f"{root}x/f", b"x", within=(root,))
    with pytest.raises(PathError):
        await sandbox.write_file(f"{root}/loop", b"x", within=(root,))
    await _do(sandbox, f"test ! -e {sandbox.scratch}/f && test ! -e f && test ! -e rootx")
    await sandbox.write_file(f"{sandbox.scratch}/f", b"x", within=(root, sandbox.scratch))
    await sandbox.delete_file(f"{root}/f", within=(root,))
    await _do(sandbox, f"test -e {sandbox.scratch}/f && rm {sandbox.scratch}/f")


async def test_expected_version(sandbox: Sandbox) -> None:
    path = f"{sandbox.workdir}/versioned"
    first = await sandbox.write_file(path, b"aaaa", expect="")
    with pytest.raises(PathChanged):
        await sandbox.write_file(path, b"bbbb", expect="")
    second = await sandbox.write_file(path, b"bbbb", expect=first.version)
    with pytest.raises(PathChanged):
        await sandbox.write_file(path, b"cccc", expect=first.version)
    await _do(sandbox, "touch -r versioned stamp; printf dddd >versioned; touch -r stamp versioned")
    with pytest.raises(PathChanged):
        await sandbox.write_file(path, b"cccc", expect=second.version)
    await sandbox.delete_file(path)
    with pytest.raises(PathChanged):
        await sandbox.write_file(path, b"cccc", expect=second.version)


async def test_delete_removes_links_and_empty_parents(sandbox: Sandbox) -> None:
    root = f"{sandbox.workdir}/top"
    await _do(
        sandbox, "mkdir -p top/a/b/c top/keep && echo x >top/a/b/c/f && echo y >top/keep/y && ln -s keep/y top/link"
    )
    await sandbox.delete_file(f"{root}/a/b/c/f", within=(root,))
    assert await sandbox.stat(f"{root}/a") is None
    assert await sandbox.stat(root) is not None
    await sandbox.delete_file(f"{root}/link", within=(root,))
    assert await sandbox.stat(f"{root}/keep/y") is not None


async def test_listing(sandbox: Sandbox) -> None:
    await _do(
        sandbox, "mkdir -p d/sub/deep .hidden && printf 123 >d/f && ln -s f d/l && echo >d/.dot && echo >d/sub/deep/x"
    )
    entries, total = await sandbox.list_dir(f"{sandbox.workdir}/d", depth=1, limit=10)
    assert [(e.path, e.kind) for e in entries] == [("f", "file"), ("l", "symlink"), ("sub", "directory")]
    assert entries[0] == DirEntry("f", "file", 3)
    assert total == 3
    entries, total = await sandbox.list_dir(f"{sandbox.workdir}/d", depth=3, limit=4)
    assert [e.path for e in entries] == ["f", "l", "sub", "sub/deep"]
    assert total == 5
    with pytest.raises(PathMissing):
        await sandbox.list_dir(f"{sandbox.workdir}/none", depth=1, limit=10)


async def test_unusable_paths_are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(PathError):
        await sandbox.read_file("")
    with pytest.raises(PathError):
        await sandbox.write_file(f"{sandbox.workdir}/nul\0byte", b"x")
    await sandbox.write_file(f"{sandbox.workdir}/file", b"x")
    with pytest.raises(PathError):
        await sandbox.write_file(f"{sandbox.workdir}/file/below", b"x")
    with pytest.raises(PathError):
        await sandbox.write_file(f"{sandbox.workdir}/" + "n" * 300, b"x")


async def test_upload(sandbox: Sandbox, tmp_path: Path) -> None:
    archive = tmp_path / "files.tar"
    with tarfile.open(archive, "w") as tar:
        entry = tarfile.TarInfo("in/side.sh")
        entry.size, entry.mode = 3, 0o755
        tar.addfile(entry, io.BytesIO(b"abc"))
        link = tarfile.TarInfo("in/link")
        link.type, link.linkname = tarfile.SYMTYPE, "side.sh"
        tar.addfile(link)
    await sandbox.upload(archive, f"{sandbox.workdir}/up/load")
    content = await sandbox.read_file(f"{sandbox.workdir}/up/load/in/link")
    assert (content.data, content.stat.mode) == (b"abc", 0o755)
