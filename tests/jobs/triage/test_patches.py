"""The reader of patches: what it accepts changes the files that it names and no others; git itself is the measure."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.triage.check import RefusedError, checked
from jobs.triage.patches import DECIDES_TESTS, PatchError, patched_paths
from jobs.triage.verdict import Repair
from tests.jobs.triage.inputs import FIXTURES, verdict

HEAD = "diff --git a/shop/cart.py b/shop/cart.py\nindex 1111111..2222222 100644\n"
NAMES = "--- a/shop/cart.py\n+++ b/shop/cart.py\n"
HUNK = "@@ -1,3 +1,3 @@ def total():\n one\n-two\n+2\n three\n"
NEW = "diff --git a/x b/x\nnew file mode 100644\nindex 0000..1111\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n"
GOOD = HEAD + NAMES + HUNK
WORKFLOW = ".github/workflows/ci.yml"
EVIL = f"--- a/{WORKFLOW}\n+++ b/{WORKFLOW}\n@@ -1 +1 @@\n-on: push\n+on: issues\n"

REFUSED = {
    "nothing": "",
    "no head": NAMES + HUNK,
    "a second file without a head": GOOD + EVIL,
    "text before": "hello\n" + GOOD,
    "text behind": GOOD + "-- \n2.40.0\n",
    "another file under the head": HEAD + EVIL,
    "another new name": HEAD + NAMES.replace("+++ b/shop/cart.py", f"+++ b/{WORKFLOW}") + HUNK,
    "another old name": HEAD + NAMES.replace("--- a/shop/cart.py", f"--- a/{WORKFLOW}") + HUNK,
    "a name with a time": HEAD + NAMES.replace("cart.py\n", "cart.py\t2026-01-01\n") + HUNK,
    "two names": GOOD.replace("b/shop/cart.py\nindex", f"b/{WORKFLOW}\nindex"),
    "a quoted name": f'diff --git "a/{WORKFLOW}" "b/{WORKFLOW}"\n' + EVIL,
    "a quoted name of octal digits": 'diff --git "a/\\056github/x" "b/\\056github/x"\nnew file mode 100644\n',
    "a rename": f"diff --git a/x b/x\nsimilarity index 100%\nrename from x\nrename to {WORKFLOW}\n",
    "a rename alone": f"diff --git a/x b/x\nrename from x\nrename to {WORKFLOW}\n",
    "a copy": f"diff --git a/x b/x\ncopy from x\ncopy to {WORKFLOW}\n",
    "a binary file": "diff --git a/x b/x\nindex 1111..2222 100644\nGIT binary patch\nliteral 1\nIcmZPo000310RR91\n\n",
    "a binary file left out": "diff --git a/x b/x\nindex 1111..2222\nBinary files a/x and b/x differ\n",
    "a link": NEW.replace("100644", "120000") + "+/etc/passwd\n",
    "a link by its index": HEAD.replace("100644", "120000") + NAMES + HUNK,
    "a submodule": NEW.replace("100644", "160000") + "+Subproject commit 1\n",
    "set-id": "diff --git a/x b/x\nold mode 100644\nnew mode 104755\n",
    "a climbing name": GOOD.replace("shop/cart.py", "../cart.py"),
    "a climbing name inside": GOOD.replace("shop/cart.py", "shop/../../cart.py"),
    "an absolute name": GOOD.replace("shop/cart.py", "/etc/passwd"),
    "a name with a point": GOOD.replace("shop/cart.py", "./.github/workflows/ci.yml"),
    "a name with two strokes": GOOD.replace("shop/cart.py", ".github//workflows/ci.yml"),
    "a name with a backslash": GOOD.replace("shop/cart.py", ".github\\workflows\\ci.yml"),
    "a hunk that is too long": GOOD.replace("-1,3 +1,3", "-1,2 +1,2") + EVIL,
    "a hunk that is too short": GOOD.replace("-1,3 +1,3", "-1,9 +1,9"),
    "a hunk that hides a head": GOOD.replace("-1,3 +1,3", "-1,3 +1,4") + "+++ b/x\n" + EVIL,
    "a head of a hunk with signs": GOOD.replace("@@ -1,3", "@@ --1,3"),
    "one file twice": GOOD + GOOD,
    "an empty part": GOOD + "diff --git a/x b/x\n",
    "half a mode": "diff --git a/x b/x\nold mode 100644\n",
    "made and deleted": "diff --git a/x b/x\nnew file mode 100644\ndeleted file mode 100644\n",
    "other ends of lines": GOOD.replace("\n", "\r\n"),
    "an end of a line that is none": GOOD.replace("\n---", "\x85---"),
}  # fmt: skip
DECIDING = (
    *(".github/workflows/ci.yml", ".GitHub/Workflows/ci.yml", "a/.github/x", ".gitattributes", ".gitmodules"),
    *(".git/config", "a/.git/hooks/pre-commit", "conftest.py", "tests/conftest.py", "sitecustomize.py", "src/x.pth"),
    *("pip.conf", ".npmrc", ".husky/pre-commit", ".pre-commit-config.yaml", "AGENTS.md", "a/AGENTS.md", "CODEOWNERS"),
    *(
        "docs/CODEOWNERS",
        "action.yml",
        ".qwright.toml",
        ".envrc",
        ".vscode/tasks.json",
        "jest.config.ts",
        "Jenkinsfile",
        "pyproject.toml",
        "lib/setup.cfg",
        "web/package.json",
        "Cargo.toml",
        "build.gradle.kts",
        "pom.xml",
        "Makefile",
        "CMakeLists.txt",
    ),
)


@pytest.mark.parametrize("name", REFUSED)
def test_every_other_form_is_refused(name: str) -> None:
    with pytest.raises(PatchError):
        patched_paths(REFUSED[name])


@pytest.mark.parametrize("path", DECIDING)
def test_what_decides_over_tests_or_machines_is_known(path: str) -> None:
    assert DECIDES_TESTS.search(path)


@pytest.mark.parametrize(
    "path", ["shop/cart.py", "src/action.py", "docs/git.md", "github/x.py", "pyproject.md", "a.github"]
)
def test_ordinary_files_may_be_repaired(path: str) -> None:
    assert not DECIDES_TESTS.search(path)


def _repair(diff: str) -> Repair:
    return Repair(diff=diff, command="x", before_runs=1, before_failures=1, after_runs=1, after_failures=0)


def _posted(diff: str) -> str:
    found = verdict((FIXTURES / "real/pytest-long.log").read_bytes()).model_copy(update={"patch": _repair(diff)})
    posted = checked(found.model_dump_json().encode(), None)
    return posted.patch.diff if posted.patch else ""


def test_the_posting_job_takes_a_plain_patch_as_it_is() -> None:
    assert _posted(GOOD) == GOOD


@pytest.mark.parametrize("name", [name for name, diff in REFUSED.items() if diff])
def test_the_posting_job_refuses_what_it_does_not_understand(name: str) -> None:
    with pytest.raises(RefusedError, match="patch: "):
        _posted(REFUSED[name])


@pytest.mark.parametrize("path", DECIDING)
def test_the_posting_job_refuses_what_decides(path: str) -> None:
    with pytest.raises(RefusedError, match="patch: "):
        _posted(GOOD.replace("shop/cart.py", path))


def _git(folder: Path, *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["git", *words], cwd=folder, input=given, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    _git(folder, "init", "-q")
    return folder


PIECES = sorted({row for diff in (*REFUSED.values(), GOOD) for row in diff.split("\n")})


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_git_reads_the_same_names(empty: Path, data: st.DataObject) -> None:
    """Patches spoilt at random: one that is accepted is read by `git apply` as the same files, or not at all."""
    diffs = data.draw(st.lists(st.sampled_from([GOOD, *REFUSED.values()]), min_size=1, max_size=3))
    rows = [row for diff in diffs for row in diff.splitlines()]
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(rows)))
        rows[at : at + data.draw(st.integers(0, 2))] = data.draw(st.lists(st.sampled_from(PIECES), max_size=2))
    diff = "\n".join(rows) + "\n"
    try:
        paths = patched_paths(diff)
    except PatchError:
        return
    told = _git(empty, "apply", "--numstat", "-z", "-", given=diff)
    assert told.returncode != 0 or [row.split("\t")[2] for row in told.stdout.split("\0") if row] == paths


def test_what_git_writes_is_read(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    for name in ("kept.py", "a name.py", "gone.py", "mode.sh", "no-end.py", "naïve.py"):
        (tmp_path / name).write_text("one\ntwo\n")
    _git(tmp_path, "add", "-A")
    (tmp_path / "kept.py").write_text("one\n--- two\n+++ three\n")
    (tmp_path / "a name.py").write_text("1\n")
    (tmp_path / "no-end.py").write_text("one")
    (tmp_path / "naïve.py").write_text("1")
    (tmp_path / "new.py").write_text("x\n")
    (tmp_path / "empty.py").write_text("")
    (tmp_path / "gone.py").unlink()
    (tmp_path / "mode.sh").chmod(0o755)
    _git(tmp_path, "add", "-N", "new.py", "empty.py")
    told = _git(tmp_path, "-c", "core.quotePath=false", "diff", "--no-renames").stdout
    assert patched_paths(told) == [
        "a name.py",
        "empty.py",
        "gone.py",
        "kept.py",
        "mode.sh",
        "naïve.py",
        "new.py",
        "no-end.py",
    ]
