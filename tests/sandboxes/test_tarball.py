"""Archives are what the standard library reads, whatever the names; streams for fast-import survive any name."""

import tarfile
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sandboxes.tree.fastimport import decode_path, encode_path, storable
from sandboxes.tree.tarball import TarWriter, append_archive

PARTS = st.binary(min_size=1, max_size=130).map(lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"_"))
PATHS = st.lists(PARTS, min_size=1, max_size=4).map(b"/".join).map(decode_path).filter(storable)


@given(st.dictionaries(PATHS, st.binary(max_size=1100), max_size=5), st.tuples(*[st.integers(0, 1 << 32)] * 2))
def test_the_standard_library_reads_it(files: dict[str, bytes], owner: tuple[int, int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        first, second = Path(name, "first.tar"), Path(name, "second.tar")
        with TarWriter(first, owner) as tar:
            offsets = {path: tar.add_bytes(path, data, 0o755, 12345) for path, data in files.items()}
        with TarWriter(second, owner) as tar:
            tar.add_link("the link", b"t" * 150)
        raw = first.read_bytes()
        append_archive(first, second)
        with tarfile.open(first, errors="surrogateescape") as archive:
            members = [member for member in archive.getmembers() if not member.isdir()]
            *read, link = members
            assert (link.name, link.linkname) == ("the link", "t" * 150)
            assert [member.name for member in read] == list(files)
            for member in read:
                content = archive.extractfile(member)
                assert content is not None
                assert content.read() == files[member.name]
                assert (member.mode, member.mtime, member.uid, member.gid) == (0o755, 12345, *owner)
        assert all(raw[offsets[path] :].startswith(data) for path, data in files.items())


@given(st.binary(max_size=50))
def test_names_keep_their_bytes(raw: bytes) -> None:
    assert encode_path(decode_path(raw)) == raw


def test_what_git_cannot_hold() -> None:
    assert storable("a/.gitignore")
    assert not any(map(storable, ["", "/a", "a//b", "../a", "a/./b", ".git", "a/.GIT/b", "a\0b", "a/"]))
