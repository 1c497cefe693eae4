"""What a file defines, by its text alone: Python by its syntax tree, others by how definitions begin a line. Pure."""

import ast
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

MOST_NAMES = 40
_MOST_METHODS = 8
_WORD = r"([A-Za-z_$][\w$]*)"
_JS = rf"^(?:export\s+)?(?:default\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|class|interface|type|enum)\s+{_WORD}"
_JS_CONST = rf"^export\s+(?:const|let|var)\s+{_WORD}"
_RUST = (
    r"^(?:pub(?:\([^)]*\))?\s+)?(?:async\s+|unsafe\s+|const\s+)*"
    rf"(?:fn|struct|enum|trait|type|mod|macro_rules!)\s+{_WORD}"
)
_GO = rf"^(?:func\s+(?:\([^)]*\)\s*)?|type\s+){_WORD}"
_JVM = (
    r"^\s{0,4}(?:(?:public|protected|private|static|final|abstract|sealed|data|open|internal)\s+)*"
    rf"(?:class|interface|enum|record|object|fun)\s+{_WORD}"
)
_C = (
    rf"^(?:(?:struct|class|enum|union|namespace)\s+{_WORD}\s*(?:[:{{]|$)|"
    rf"(?!return|else|typedef)[A-Za-z_][\w\s*&:<>,]{{0,80}}?[\s*&]{_WORD}\s*\([^;]*$)"
)
_RUBY = rf"^\s{{0,2}}(?:class|module|def)\s+(?:self\.)?{_WORD}"
_PHP = (
    rf"^\s{{0,4}}(?:(?:abstract|final|public|protected|private|static)\s+)*(?:class|interface|trait|function)\s+{_WORD}"
)
_SHELL = rf"^(?:function\s+)?{_WORD}\s*\(\)"
_BY_ENDING: Mapping[str, str] = {
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".vue", ".svelte"), f"{_JS}|{_JS_CONST}"),
    ".rs": _RUST,
    ".go": _GO,
    **dict.fromkeys((".java", ".kt", ".kts", ".scala", ".cs", ".swift"), _JVM),
    **dict.fromkeys((".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".hh", ".cu"), _C),
    ".rb": _RUBY,
    ".php": _PHP,
    **dict.fromkeys((".sh", ".bash"), _SHELL),
}


def is_source(path: str) -> bool:
    """Whether its definitions can be told."""
    return PurePosixPath(path).suffix in (".py", ".pyi", *_BY_ENDING)


def outline(path: str, text: str) -> list[str]:
    """Names that the file defines at its top, in order, classes of Python with their public methods."""
    suffix = PurePosixPath(path).suffix
    if suffix in (".py", ".pyi"):
        return _python(text)
    pattern = _BY_ENDING.get(suffix)
    return _by_lines(pattern, text) if pattern else []


def _python(text: str) -> list[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _by_lines(rf"^(?:class|def|async def)\s+{_WORD}", text)
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.append(node.name)
        elif isinstance(node, ast.ClassDef):
            names.append(_class(node))
    return names[:MOST_NAMES]


def _class(node: ast.ClassDef) -> str:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    methods = [one.name for one in node.body if isinstance(one, kinds) and not one.name.startswith("_")]
    if not methods:
        return node.name
    more = ", …" if len(methods) > _MOST_METHODS else ""
    return f"{node.name}({', '.join(methods[:_MOST_METHODS])}{more})"


def _by_lines(pattern: str, text: str) -> list[str]:
    found: dict[str, None] = {}
    for line in text.splitlines():
        # A line of generated or minified code defines nothing that a person would look up.
        if len(line) <= 400 and (match := re.match(pattern, line)):
            found.setdefault(next(name for name in match.groups() if name))
        if len(found) == MOST_NAMES:
            break
    return list(found)
