"""The shell script behind `search`: which engine is there, how it is called, what comes back (pure)."""

import posixpath
import re
import shlex
from dataclasses import dataclass

_LINE_BYTES = 1_200

# Prints "ENGINE STATUS MATCHES FILE", then the first rows (or, when there are none, what went wrong). FILE keeps all
# rows when some are left out. Rows are "path\x01line:text" (a match) or "path\x01line-text" (context): a byte that
# hardly any path has. Plain POSIX shell, because a small container may have no bash.
_SCRIPT = r"""(
cd {workdir} || exit 2
mkdir -p {scratch} && all=$(mktemp {scratch}/search-XXXXXX) || exit 2
if command -v rg >/dev/null 2>&1; then
  engine=rg
  rg --no-config --color=never --no-heading --with-filename --line-number --null --sort=path --hidden {rg} -g '!.git' \
    -e {pattern} -- {path} >"$all.0" 2>"$all.err"
  status=$?
elif printf 'x\n' | grep --null -nI x >/dev/null 2>&1; then
  if printf 'x\n' | grep -P x >/dev/null 2>&1; then kind=-P; else kind=-E; fi
  if {in_workspace} && [ -d {path} ] && git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    engine=git
    git ls-files -z --cached --others --exclude-standard -- {git} | sort -zu |
      LC_ALL=C.UTF-8 xargs -0 -r grep -nHIs --null --color=never $kind {grep} -e {pattern} -- >"$all.0" 2>"$all.err"
    status=$?
  else
    engine=grep
    LC_ALL=C.UTF-8 grep -rnHIs --null --color=never --exclude-dir=.git $kind {grep} {include} \
      -e {pattern} -- {path} >"$all.0" 2>"$all.err"
    status=$?
  fi
else
  engine=none status=2
  : >"$all.0"
fi
tr '\000' '\001' <"$all.0" >"$all"
[ $engine != grep ] || LC_ALL=C sort -s -t "$(printf '\001')" -k1,1 -o "$all" "$all"
matches=$(LC_ALL=C grep -ac "$(printf '^[^\001]*\001[0-9]*:')" "$all" 2>/dev/null)
echo "$engine $status ${{matches:-0}} $all"
if [ -s "$all" ]; then head -n {rows} "$all" | LC_ALL=C cut -b1-{bytes}; else head -c 2000 "$all.err" 2>/dev/null; fi
rm -f "$all.err" "$all.0"
[ "${{matches:-0}}" -gt {most} ] || rm -f "$all"
) 2>/dev/null"""


@dataclass(frozen=True, slots=True)
class Query:
    """One search: `path` is relative to the workspace where it lies in it, else absolute; `around` counts lines."""

    pattern: str
    path: str
    glob: str
    sensitive: bool
    around: int
    most: int


def script(query: Query, *, workdir: str, scratch: str) -> str:
    """The shell script of one search; every value of the model's is quoted."""
    around = f"-C {query.around}" if query.around else ""
    return _SCRIPT.format(
        workdir=shlex.quote(workdir),
        scratch=shlex.quote(posixpath.join(scratch, "outputs")),
        pattern=shlex.quote(query.pattern),
        path=shlex.quote(f"./{query.path}" if query.path.startswith("-") else query.path),
        rg=f"{'-s' if query.sensitive else '-i'} {around} {'-g ' + shlex.quote(query.glob) if query.glob else ''}",
        grep=f"{'' if query.sensitive else '-i'} {around}",
        git=shlex.join(_pathspecs(query.path, query.glob)),
        include=_include(query.glob),
        in_workspace="false" if query.path.startswith("/") else "true",
        rows=query.most * (2 * query.around + 2) + 1,
        bytes=_LINE_BYTES,
        most=query.most,
    )


def _pathspecs(path: str, glob: str) -> list[str]:
    """git pathspecs for the files below `path` that match the glob."""
    negative = glob.startswith("!")
    glob = glob.removeprefix("!")
    base = "" if path == "." else path + "/"
    if not glob:
        return [f":(literal){path}"]
    inner = glob if "/" in glob else f"**/{glob}"
    spec = f"{_escaped(base)}{inner.lstrip('/')}"
    return [f":(literal){path}", f":(exclude,glob){spec}"] if negative else [f":(glob){spec}"]


def _escaped(path: str) -> str:
    return re.sub(r"([*?\[\\])", r"\\\1", path)


def _include(glob: str) -> str:
    """grep's own filter knows names only, so of a glob with directories the last part counts."""
    if not glob:
        return ""
    option = "--exclude=" if glob.startswith("!") else "--include="
    return shlex.quote(option + glob.removeprefix("!").rpartition("/")[2])
