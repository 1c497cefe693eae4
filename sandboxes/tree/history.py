"""The `.git` that a copy gets: history cut at HEAD, the user's index, and nothing else of the repository.

No other branch, tag, remote, stash, reflog, hook or credential comes along: what is packed is what the chosen commits
and the index need, and the configuration is written anew.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandboxes.tree.fastimport import decode_path, encode_path
from sandboxes.tree.gitcmd import end_git, run_git, start_git, within_limit
from sandboxes.tree.plainfile import read_plain
from sandboxes.tree.repository import Repository
from sandboxes.tree.tarball import Owner, TarWriter

_MAX_COMMITS = 2000
_COUNT_SECONDS = 2.0
_EMPTY_BLOBS = frozenset(
    {"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"}
)
# What `git status` must know to see the files the way the user's git does; nothing here names a program.
_KEPT_SETTINGS = (
    *("core.filemode", "core.symlinks", "core.ignorecase", "core.autocrlf", "core.eol"),
    *("core.sparsecheckout", "core.sparsecheckoutcone", "index.sparse", "extensions.objectformat"),
)


@dataclass(frozen=True, slots=True)
class Cut:
    """The commits that go along: how many, and those whose parents stay behind."""

    head: str | None
    commits: int
    shallow: tuple[str, ...]


async def write_git_archive(
    repository: Repository, depth: int, directory: Path, owner: Owner
) -> tuple[Path, str | None]:
    """Write `<directory>/git.tar` with a `.git` for the sandbox's user; also a sentence if history was cut."""
    cut = await cut_history(repository, depth)
    total = asyncio.create_task(_count_commits(repository)) if cut.shallow else None
    try:
        branch = await run_git("symbolic-ref", "--quiet", "HEAD", git_dir=repository.git_dir, expect=(0, 1))
        settings = await run_git("config", "--includes", "--list", "-z", git_dir=repository.git_dir)
        staged = await _staged_blobs(repository, cut)
        pack = await _write_pack(repository, cut, staged, directory) if cut.head or staged else None
        files = _files(repository, cut, decode_path(branch.strip()), settings)
        archive = directory / "git.tar"
        await asyncio.to_thread(_write_archive, archive, owner, files, pack)
        note = _cut_note(cut, await total) if total else None
    finally:
        if total:
            total.cancel()
            await asyncio.gather(total, return_exceptions=True)
    return archive, note


async def cut_history(repository: Repository, depth: int) -> Cut:
    """The commits within `depth` generations of HEAD (fewer when many branches were merged), as `git clone --depth`."""
    shallow = read_plain(repository.common_dir / "shallow")
    known = shallow[0].decode("ascii", "replace").split() if shallow else []
    process = await start_git(("cat-file", "--batch"), git_dir=repository.git_dir)
    try:
        generation, kept = ["HEAD"], dict[str, tuple[str, ...]]()
        head: str | None = None
        edge: set[str] = set()
        while generation and depth > 0 and len(kept) < _MAX_COMMITS:
            found = await within_limit(_read_commits(process, generation), ("cat-file",))
            head = head or next(iter(found), None)
            kept |= found
            edge = {oid for oid in found if oid not in known}
            parents = (parent for oid in edge for parent in found[oid])
            generation = [parent for parent in dict.fromkeys(parents) if parent not in kept]
            depth -= 1
    finally:
        await end_git(process)
    cut_off = {oid for oid, parents in kept.items() if any(parent not in kept for parent in parents)}
    return Cut(head, len(kept), tuple(sorted(cut_off)))


async def _read_commits(process: asyncio.subprocess.Process, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Ids and parents of the named commits; names that lead nowhere are left out."""
    assert process.stdin
    assert process.stdout
    commits: dict[str, tuple[str, ...]] = {}
    for name in names:
        process.stdin.write(name.encode("ascii") + b"\n")
        await process.stdin.drain()
        answer = (await process.stdout.readline()).split()
        if len(answer) != 3:
            continue
        body = await process.stdout.readexactly(int(answer[2]) + 1)
        header = body.partition(b"\n\n")[0].decode("ascii", "replace").split("\n")
        parents = (line[len("parent ") :] for line in header if line.startswith("parent "))
        commits[answer[0].decode("ascii")] = tuple(parents)
    return commits


async def _staged_blobs(repository: Repository, cut: Cut) -> list[str]:
    """Blobs that only the index knows, and that exist (an entry made by `git add -N` names none)."""
    if cut.head:
        arguments = (
            "diff-index",
            "--cached",
            "--raw",
            "-z",
            "--no-renames",
            "--no-abbrev",
            "--ignore-submodules",
            cut.head,
        )
        fields = (await run_git(*arguments, git_dir=repository.git_dir)).split(b"\0")
        staged = [meta.split(b" ")[3] for meta in fields[0::2] if meta]
    else:
        lines = (await run_git("ls-files", "-s", "-z", git_dir=repository.git_dir)).split(b"\0")
        staged = [line.split(b" ")[1] for line in lines if line and not line.startswith(b"160000")]
    unmerged = (await run_git("ls-files", "-u", "-z", git_dir=repository.git_dir)).split(b"\0")
    staged += [line.split(b" ")[1] for line in unmerged if line]
    if not staged:
        return []
    check = await run_git("cat-file", "--batch-check", git_dir=repository.git_dir, stdin=b"\n".join(staged) + b"\n")
    answers = (line.split() for line in check.decode("ascii").splitlines())
    return sorted({it[0] for it in answers if len(it) == 3 and it[1] == "blob"} - _EMPTY_BLOBS)


async def _write_pack(repository: Repository, cut: Cut, staged: list[str], directory: Path) -> Path:
    """One pack with everything that is needed; returns its path without the suffix."""
    lines = [f"--shallow {oid}" for oid in cut.shallow] + ([cut.head] if cut.head else []) + staged
    # No search for new deltas: the pack lives as long as the sandbox, and 50,000 loose objects shall not take minutes.
    arguments = ("pack-objects", "--quiet", "--revs", "--window=0", "--delta-base-offset", "--missing=allow-any")
    output = await run_git(
        *("-c", "pack.compression=1", "-c", "pack.writeBitmaps=false", "-c", "pack.threads=0"),
        *arguments,
        str(directory / "pack"),
        git_dir=repository.git_dir,
        stdin="\n".join(lines).encode("ascii") + b"\n",
    )
    return directory / f"pack-{output.decode('ascii').strip()}"


async def _count_commits(repository: Repository) -> int | None:
    """How many commits HEAD reaches, or None when counting takes too long to be worth it."""
    try:
        async with asyncio.timeout(_COUNT_SECONDS):
            return int(await run_git("rev-list", "--count", "HEAD", git_dir=repository.git_dir))
    except TimeoutError:
        return None


def _cut_note(cut: Cut, total: int | None) -> str | None:
    if total == cut.commits:
        return None
    whole = f"of {total}" if total else "of a much longer history"
    return f"The copy has the last {cut.commits} commits {whole} up to HEAD; older ones stayed behind."


def _files(repository: Repository, cut: Cut, branch: str, settings: bytes) -> dict[str, tuple[bytes, int]]:
    """Small files of the new `.git` by their path in it: bytes and modification time.

    The index keeps its time: git reads again every file that is not older than the index.
    """
    files = {
        "HEAD": (encode_path(f"ref: {branch}\n" if branch else f"{cut.head}\n"), 0),
        "config": (_config(settings), 0),
    }
    if branch and cut.head:
        files["packed-refs"] = (encode_path(f"{cut.head} {branch}\n"), 0)
    if cut.shallow:
        files["shallow"] = ("".join(f"{oid}\n" for oid in cut.shallow).encode(), 0)
    for name in ("index", "info/sparse-checkout", "info/exclude"):
        directory = repository.common_dir if name == "info/exclude" else repository.git_dir
        if found := read_plain(directory / name, directory):
            files[name] = (found[0], int(found[1].st_mtime))
    for shared in repository.git_dir.glob("sharedindex.*"):
        if found := read_plain(shared):
            files[shared.name] = (found[0], int(found[1].st_mtime))
    return files


def _config(settings: bytes) -> bytes:
    """A fresh configuration; the few settings that are taken over hold words, never a command or a path."""
    kept: dict[str, str] = {}
    for item in settings.split(b"\0"):
        key, _, value = item.decode("utf-8", "replace").partition("\n")
        if key in _KEPT_SETTINGS and value.isalnum():
            kept[key] = value
    lines = ["[core]", f"repositoryformatversion = {1 if 'extensions.objectformat' in kept else 0}", "bare = false"]
    # The archive keeps modification times but no inode numbers: without this the first `git status` reads every file.
    lines += ["checkStat = minimal", "trustctime = false"]
    for key, value in kept.items():
        section, _, name = key.partition(".")
        lines += [f"[{section}]", f"{name} = {value}"]
    lines += ["[user]", "name = qwright", "email = qwright@localhost", "[gc]", "auto = 0", ""]
    return "\n".join(lines).encode()


def _write_archive(archive: Path, owner: Owner, files: dict[str, tuple[bytes, int]], pack: Path | None) -> None:
    with TarWriter(archive, owner) as tar:
        for directory in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
            tar.add_directory(f".git/{directory}")
        for name, (data, mtime) in files.items():
            tar.add_bytes(f".git/{name}", data, 0o644, mtime)
        for suffix in (".pack", ".idx") if pack else ():
            assert pack
            part = pack.with_name(pack.name + suffix)
            with part.open("rb") as file:
                tar.add_descriptor(f".git/objects/pack/{part.name}", file.fileno(), part.stat().st_size, 0o644)
            part.unlink()
