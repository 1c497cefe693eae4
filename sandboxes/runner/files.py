"""Single files: stat, read, guarded atomic write, delete, list. Every path is resolved where it is used."""

import contextlib
import errno
import os
import stat

from sandboxes.runner.frames import Request, RunnerError

# One frame's worth: the host takes no more at once.
FILE_BYTES = 64 * 1024 * 1024
_LIST_CHARACTERS = 600 * 1024


def kind_of(mode: int) -> str:
    """The protocol's name for a file type."""
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "directory"
    return "symlink" if stat.S_ISLNK(mode) else "other"


def version_of(status: os.stat_result) -> str:
    """Changes whenever the content may have; the change time covers rewrites that put the old mtime back."""
    return f"{status.st_mtime_ns}-{status.st_size}-{status.st_ino}-{status.st_ctime_ns}"


def describe(path: str, real: str, status: os.stat_result) -> "dict[str, object]":
    """A `FileStat` as JSON."""
    return {
        "path": path,
        "real_path": real,
        "kind": kind_of(status.st_mode),
        "size": status.st_size,
        "mode": stat.S_IMODE(status.st_mode),
        "version": version_of(status),
    }


class Files:
    """File operations; relative paths count from the work directory."""

    def __init__(self, workdir: str) -> None:
        self._workdir = workdir

    def stat(self, request: Request) -> "tuple[dict[str, object], bytes]":
        """What stands at the path, links followed; null when nothing does."""
        path = self._path(request)
        try:
            status = os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return {"stat": None}, b""
        return {"stat": describe(path, os.path.realpath(path), status)}, b""

    def read(self, request: Request) -> "tuple[dict[str, object], bytes]":
        """Bytes of a regular file, from `offset`, at most `limit`."""
        path = self._path(request)
        try:
            # Without O_NONBLOCK the opening of a named pipe would wait for a writer.
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno == errno.ENXIO:
                raise RunnerError("PathNotAFile", f"{path} is not a regular file.") from error
            raise
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                raise RunnerError("PathNotAFile", f"{path} is not a regular file ({kind_of(status.st_mode)}).")
            os.lseek(fd, int(request.number("offset")), os.SEEK_SET)
            limit = int(request.number("limit", -1))
            data = read_up_to(fd, FILE_BYTES + 1 if limit < 0 else min(limit, FILE_BYTES + 1))
            if len(data) > FILE_BYTES:
                raise RunnerError("PathError", f"{path} has more than {FILE_BYTES} bytes; read it in pieces.")
        finally:
            os.close(fd)
        return {"stat": describe(path, os.path.realpath(path), status)}, data

    def write(self, request: Request) -> "tuple[dict[str, object], bytes]":
        """Replace a file; guards are checked on the open directory that the write then happens in."""
        path = self._path(request)
        real = os.path.realpath(path)
        roots = [os.path.realpath(root) for root in request.texts("within")]
        require_inside(path, real, roots)
        os.makedirs(os.path.dirname(real), exist_ok=True)
        directory = os.open(os.path.dirname(real), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            name = os.path.basename(real)
            require_inside(path, os.path.join(directory_path(directory, real), name), roots)
            old = _old_file(directory, name, path)
            _require_version(path, request.optional("expect"), old)
            mode = request.fields.get("mode")
            _replace(directory, name, request.payload, old, mode if isinstance(mode, int) else None)
            status = os.stat(name, dir_fd=directory, follow_symlinks=False)
        finally:
            os.close(directory)
        return {"stat": describe(path, real, status)}, b""

    def delete(self, request: Request) -> "tuple[dict[str, object], bytes]":
        """Remove a file or a link (not what it points to), then the directories that became empty, inside the roots."""
        path = self._path(request)
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        roots = [os.path.realpath(root) for root in request.texts("within")]
        require_inside(path, real, roots)
        if stat.S_ISDIR(os.lstat(real).st_mode):
            raise RunnerError("PathNotAFile", f"{path} is a directory.")
        os.unlink(real)
        parent = os.path.dirname(real)
        while any(parent != root and is_inside(parent, root) for root in roots):
            try:
                os.rmdir(parent)
            except OSError:
                break
            parent = os.path.dirname(parent)
        return {}, b""

    def list(self, request: Request) -> "tuple[dict[str, object], bytes]":
        """Entries down to a depth, hidden ones left out, sorted; at most `limit` of them and the count of all."""
        path = self._path(request)
        entries: list[tuple[str, str, int]] = []
        _walk(path, "", int(request.number("depth", 1)), entries)
        entries.sort()
        shown, characters = 0, 0
        for name, _, _ in entries[: int(request.number("limit", 1000))]:
            characters += len(name)
            if characters > _LIST_CHARACTERS:
                break
            shown += 1
        return {"entries": entries[:shown], "total": len(entries)}, b""

    def _path(self, request: Request) -> str:
        path = os.fsencode(request.text("path"))
        if not path or b"\0" in path:
            raise RunnerError("PathMissing", "The path is empty or holds a NUL character.")
        return os.path.join(self._workdir, os.fsdecode(path))


def is_inside(path: str, root: str) -> bool:
    """Whether a resolved path is the root or below it."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def require_inside(path: str, real: str, roots: "list[str]") -> None:
    """Raise unless the resolved path lies in one of the roots; no roots permit everything."""
    if roots and not any(is_inside(real, root) for root in roots):
        raise RunnerError("PathOutside", "{} leads to {}, outside of {}.".format(path, real, ", ".join(roots)))


def directory_path(fd: int, real: str) -> str:
    """Where an open directory really is, even if a link was put into its path meanwhile."""
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return os.path.dirname(real)


def read_up_to(fd: int, limit: int) -> bytes:
    """At most `limit` bytes from where the descriptor stands."""
    chunks: list[bytes] = []
    while limit > 0:
        chunk = os.read(fd, min(limit, 1 << 20))
        if not chunk:
            break
        chunks.append(chunk)
        limit -= len(chunk)
    return b"".join(chunks)


def _old_file(directory: int, name: str, path: str) -> "os.stat_result | None":
    try:
        old = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(old.st_mode):
        raise RunnerError("PathNotAFile", f"{path} is not a regular file ({kind_of(old.st_mode)}).")
    return old


def _require_version(path: str, expect: "str | None", old: "os.stat_result | None") -> None:
    if expect is None:
        return
    if expect == "" and old is not None:
        raise RunnerError("PathChanged", f"{path} exists already.")
    if expect and old is None:
        raise RunnerError("PathChanged", f"{path} is gone since it was read.")
    if expect and old is not None and version_of(old) != expect:
        raise RunnerError("PathChanged", f"{path} has changed on disk since it was read.")


def _replace(directory: int, name: str, data: bytes, old: "os.stat_result | None", mode: "int | None") -> None:
    temporary = f".{name[:100]}.{os.urandom(6).hex()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        fd = os.open(temporary, flags, 0o666, dir_fd=directory)
    except PermissionError:
        if old is None:
            raise
        # The file may be written although nothing new may be put beside it.
        _overwrite(directory, name, data, mode)
        return
    try:
        _fill(fd, data, mode if mode is not None or old is None else stat.S_IMODE(old.st_mode), old)
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except OSError as error:
        os.unlink(temporary, dir_fd=directory)
        if error.errno != errno.EBUSY:
            raise
        # A file that is itself a mount point cannot be replaced by a rename.
        _overwrite(directory, name, data, mode)


def _fill(fd: int, data: bytes, mode: "int | None", old: "os.stat_result | None") -> None:
    with os.fdopen(fd, "wb") as stream:
        stream.write(data)
        if old is not None and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
            with contextlib.suppress(OSError):
                os.fchown(fd, old.st_uid, old.st_gid)
        if mode is not None:
            os.fchmod(fd, mode)


def _overwrite(directory: int, name: str, data: bytes, mode: "int | None") -> None:
    fd = os.open(name, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    _fill(fd, data, mode, None)


def _walk(path: str, prefix: str, depth: int, entries: "list[tuple[str, str, int]]") -> None:
    with os.scandir(path) as found:
        for entry in found:
            if entry.name.startswith("."):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            name = prefix + entry.name
            entries.append((name, kind_of(status.st_mode), status.st_size))
            if depth > 1 and stat.S_ISDIR(status.st_mode):
                try:
                    _walk(entry.path, name + "/", depth - 1, entries)
                except OSError:
                    continue
