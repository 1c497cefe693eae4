"""Where a failing Python test leads: the repository's files that it imports, those that the test itself uses first.

A failed assertion has frames in the test only. What the test calls is the next best suspect. Sources are parsed, never
run; names that a package's `__init__` only passes on are followed to the file that has them.
"""

import ast
import re
import warnings
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

Read = Callable[[str], str | None]
"""The text of a file of the repository, None when there is none."""
Has = Callable[[str], bool]
"""Whether the repository has a file."""
_MOST_SOURCE = 1024 * 1024
_ROOTS = ("", "src/", "lib/")
_DEEPEST = 3
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class _Imported:
    """`name` in the test stands for `member` ("" for all of it) of a module, relative by `level`."""

    name: str
    module: str
    member: str
    level: int = 0


def imported_by_test(test_path: str, test_name: str, read: Read, has: Has) -> list[str]:
    """Files that the test imports, most used first; [] for what is no Python that parses."""
    tree = _tree(read(test_path))
    if tree is None:
        return []
    used = _used(tree, test_name)
    imported = sorted(_imports(tree), key=lambda one: -used.count(one.name))
    found: dict[str, None] = {}
    for one in imported:
        members = _members(tree, one.name) if not one.member else (one.member,)
        for path in _files(one, members, test_path, read, has):
            if path != test_path:
                found.setdefault(path)
    return list(found)


def _tree(source: str | None) -> ast.Module | None:
    if source is None or len(source) > _MOST_SOURCE:
        return None
    try:
        with warnings.catch_warnings():
            # Odd escapes in other people's code are no concern of ours.
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _used(tree: ast.Module, test_name: str) -> list[str]:
    """Names in the body of the test; in the whole file where it is not found."""
    bodies = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == test_name
    ]
    return [node.id for body in bodies or [tree] for node in ast.walk(body) if isinstance(node, ast.Name)]


def _imports(tree: ast.Module) -> Iterator[_Imported]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _Imported(alias.asname or alias.name.partition(".")[0], alias.name, "")
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield _Imported(alias.asname or alias.name, node.module or "", alias.name, node.level)


def _members(tree: ast.Module, name: str) -> tuple[str, ...]:
    """What is taken from a module that was imported whole: `parse.compile` takes `compile`."""
    taken = (
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    )
    return tuple(dict.fromkeys(taken))[:20] or ("",)


def _files(
    one: _Imported, members: Collection[str], importer: str, read: Read, has: Has, depth: int = 0
) -> Iterator[str]:
    for member in members:
        as_module = _module(f"{one.module}.{member}".strip("."), one.level, importer, has) if member else None
        path = as_module or _module(one.module, one.level, importer, has)
        if path is None:
            continue
        if not as_module and member and path.endswith("/__init__.py") and depth < _DEEPEST:
            passed_on = [it for it in _imports(_tree(read(path)) or ast.Module([], [])) if it.name == member]
            for inner in passed_on:
                yield from _files(inner, (inner.member,), path, read, has, depth + 1)
        yield path


def _module(dotted: str, level: int, importer: str, has: Has) -> str | None:
    """The file of a module, as its importer would find it."""
    if dotted and not re.fullmatch(r"\w+(?:\.\w+)*", dotted):
        return None
    parts = dotted.replace(".", "/")
    if level:
        folder = PurePosixPath(importer)
        for _ in range(level):
            folder = folder.parent
        bases: tuple[str, ...] = ("" if str(folder) == "." else f"{folder}/",)
    else:
        bases = _ROOTS
    for base in bases:
        stem = f"{base}{parts}".rstrip("/")
        for name in (f"{stem}.py", f"{stem}/__init__.py"):
            if has(name):
                return name
    return None


def files_imported_by(path: str, read: Read, has: Has) -> list[str]:
    """The repository's files that a file imports anywhere in it, in the order of its text."""
    tree = _tree(read(path))
    found: dict[str, None] = {}
    for one in _imports(tree) if tree else ():
        for file in _files(one, (one.member,) if one.member else ("",), path, read, has):
            if file != path:
                found.setdefault(file)
    return list(found)


def words_of_test(path: str, test_name: str, read: Read) -> list[str]:
    """Names that a test uses, and its own; [] where the file does not parse."""
    tree = _tree(read(path))
    if tree is None:
        return []
    bodies = [node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS) and node.name == test_name]
    inside = [node for body in bodies for node in ast.walk(body)]
    names = [node.id for node in inside if isinstance(node, ast.Name)]
    return [test_name, *names, *(node.attr for node in inside if isinstance(node, ast.Attribute))]


def defined_in(path: str, read: Read) -> list[str]:
    """Names of the functions, methods and classes that a file defines."""
    tree = _tree(read(path))
    return [one.name for one in ast.walk(tree) if isinstance(one, (*_FUNCTIONS, ast.ClassDef))] if tree else []
