"""Every form of input: what is read, what is refused, and that hidden parts are not even opened."""

import asyncio
import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from jobs.batch.errors import BatchError
from jobs.batch.inputs import issues, tables
from jobs.batch.inputs.source import Source, load
from jobs.batch.rows import GradedInstance, Instance
from jobs.batch.selection import of_difficulty
from tests.fakes.http_server import HttpServer, Reply, Request
from tests.jobs.places import SECRET, commit, git, raw_row, repository
from tests.needs import missing

ROOT = Path(__file__).resolve().parents[3]


def task(root: Path, name: str = "acme__calc-1", **changes: object) -> Path:
    """A task's folder as SWE-bench 5 writes it."""
    folder = root / "tasks" / name
    folder.mkdir(parents=True)
    raw = raw_row(name)
    meta = {key: raw[key] for key in ("instance_id", "repo", "base_commit", "log_parser")}
    meta |= {"version": "1.0", "split": "test", "image": "acme/image:1", "eval_type": "pass_and_fail", **changes}
    (folder / "task.yaml").write_text(yaml.safe_dump(meta))
    (folder / "tests.json").write_text(json.dumps({"FAIL_TO_PASS": [SECRET], "PASS_TO_PASS": []}))
    for file, key in (("gold.patch", "patch"), ("test.patch", "test_patch"), ("eval.sh", "eval_script")):
        (folder / file).write_text(str(raw[key]))
    (folder / "hints.md").write_text(SECRET)
    (folder / "problem_statement.md").write_bytes(b"add subtracts\r\n")
    return folder


def test_a_task_repository_is_read_and_its_hidden_files_are_not_opened(tmp_path: Path) -> None:
    folder = task(tmp_path)
    task(tmp_path, "acme__calc-2", base_commit="main; rm")
    third = task(tmp_path, "acme__calc-3")
    (third / "problem_statement.md").unlink()
    (task(tmp_path, "acme__calc-4") / "task.yaml").write_text("a: [")
    for hidden in ("gold.patch", "test.patch", "eval.sh", "hints.md", "tests.json"):
        (folder / hidden).rename(folder / f"{hidden}.away")
    loaded = load(Source(str(tmp_path)), Instance)
    (row,) = loaded.rows
    assert (row.instance_id, row.container_image, row.problem_statement) == (
        "acme__calc-1",
        "acme/image:1",
        "add subtracts\r\n",
    )
    told = "\n".join(loaded.problems)
    assert len(loaded.problems) == 3
    assert "acme__calc-2: base_commit" in told
    assert "acme__calc-3" in told
    assert "problem_statement.md" in told
    assert "acme__calc-4" in told
    assert "YAML" in told


@pytest.mark.parametrize("part", ["", "tasks", "tasks/acme__calc-1"])
def test_a_task_is_graded_by_its_files(tmp_path: Path, part: str) -> None:
    task(tmp_path)
    (row,) = load(Source(str(tmp_path / part)), GradedInstance).rows
    assert row.FAIL_TO_PASS == (SECRET,)
    assert row.eval_script == f"echo {SECRET}"
    assert row.patch == f"gold {SECRET}"


@pytest.mark.parametrize("form", [".yaml", ".json", ".jsonl"])
def test_simple_instances_of_swe_agent(tmp_path: Path, form: str) -> None:
    rows: list[dict[str, object]] = [
        {"instance_id": "one", "image_name": "own:1", "problem_statement": "broken", "repo_name": "testbed"},
        {
            "instance_id": "two",
            "image_name": "own:1",
            "problem_statement": "b",
            "repo_name": "srv/app",
            "extra_fields": {},
        },
        {"instance_id": "three", "image_name": "own:1", "problem_statement": "b", "repo_name": "../etc"},
    ]
    path = tmp_path / f"rows{form}"
    lines = "\n".join(map(json.dumps, rows))
    path.write_text(yaml.safe_dump(rows) if form == ".yaml" else json.dumps(rows) if form == ".json" else lines)
    loaded = load(Source(str(path)), Instance)
    assert [(row.workdir, row.base_commit, row.container_image) for row in loaded.rows] == [
        ("/testbed", "HEAD", "own:1"),
        ("/srv/app", "HEAD", "own:1"),
    ]
    assert [problem.split(": ")[1] for problem in loaded.problems] == ["workdir"]


def test_a_row_of_swe_bench_needs_its_commit(tmp_path: Path) -> None:
    row = raw_row()
    del row["base_commit"]
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    loaded = load(Source(str(tmp_path / "rows.jsonl")), Instance)
    assert loaded.rows == ()
    assert "base_commit" in loaded.problems[0]


def test_no_row_names_a_folder_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps(raw_row(host_repository="/root")))
    (row,) = load(Source(str(tmp_path / "rows.jsonl")), Instance).rows
    assert row.host_repository == ""


def test_a_plain_issue_needs_a_repository(tmp_path: Path) -> None:
    issue = tmp_path / "My issue #3.md"
    issue.write_text("add subtracts")
    with pytest.raises(BatchError, match="--repo"):
        load(Source(str(issue)), Instance)
    with pytest.raises(BatchError, match="no tests"):
        load(Source(str(issue), "r"), GradedInstance)
    (row,) = load(Source(str(issue), str(tmp_path), "own:1"), Instance).rows
    assert (row.instance_id, row.problem_statement, row.host_repository, row.container_image) == (
        "My-issue-3",
        "add subtracts",
        str(tmp_path.resolve()),
        "own:1",
    )


def test_a_folder_of_issues(tmp_path: Path) -> None:
    for name in ("b.md", "a.txt", "c.py"):
        (tmp_path / name).write_text(name)
    loaded = load(Source(str(tmp_path), "https://example.invalid/r.git"), Instance)
    assert [(row.instance_id, row.host_repository) for row in loaded.rows] == [
        ("a", "https://example.invalid/r.git"),
        ("b", "https://example.invalid/r.git"),
    ]


async def test_an_issue_of_github_is_fetched_by_its_url() -> None:
    def answer(request: Request) -> Reply:
        found = request.path == "/repos/acme/calc/issues/7"
        assert "authorization" not in {name.lower() for name in request.headers}
        body = {"title": "add subtracts", "body": "It does."} if found else {"message": "Not Found"}
        return Reply((json.dumps(body).encode(),), 200 if found else 404, {"content-type": "application/json"})

    async with HttpServer(answer) as server:
        api = server.url.rstrip("/").removesuffix("/v1")
        url = "https://github.com/acme/calc/issues/"
        (row,) = await asyncio.to_thread(issues.rows, f"{url}7", "", "own:1", api)
        assert row["instance_id"] == "acme__calc-7"
        assert row["problem_statement"] == "add subtracts\n\nIt does."
        assert row["host_repository"] == "https://github.com/acme/calc.git"
        with pytest.raises(BatchError, match="404"):
            await asyncio.to_thread(issues.rows, f"{url}8", "", "own:1", api)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("https://github.com/acme/calc/issues/7", True),
        ("https://github.com/acme/calc/issues/7#issuecomment-1", True),
        ("https://github.com/acme/calc/pull/7", False),
        ("https://evil.example/github.com/acme/calc/issues/7", False),
        ("http://github.com/acme/calc/issues/7", False),
    ],
)
def test_what_is_an_issues_url(named: str, expected: bool) -> None:
    assert issues.is_issue_url(named) == expected


@pytest.mark.parametrize("named", ["nothing.jsonl", "nothing.xyz", "nothing"])
def test_what_is_not_there_is_named(tmp_path: Path, named: str) -> None:
    with pytest.raises(BatchError, match=named):
        load(Source(str(tmp_path / named)), Instance)


def test_difficulties() -> None:
    names = ("<15 min fix", "1-4 hours", "1-4 hours")
    rows = [Instance.model_validate(raw_row(f"a__b-{at}", difficulty=name)) for at, name in enumerate(names)]
    assert of_difficulty(rows, None) == rows
    assert of_difficulty(rows, ["1-4 Hours"]) == rows[1:]
    with pytest.raises(BatchError, match="<15 min fix"):
        of_difficulty(rows, ["easy"])


async def test_a_repository_is_cloned_by_its_url(tmp_path: Path) -> None:
    from sandboxes.errors import WorkspaceError
    from sandboxes.tree.cloning import clone

    source = repository(tmp_path / "source")
    (source / "calc.py").write_text("later\n")
    newest = commit(source, "later")
    await clone(source.as_uri(), tmp_path / "clone", depth=1)
    assert git(tmp_path / "clone", "rev-parse", "HEAD") == newest
    assert git(tmp_path / "clone", "rev-list", "--count", "HEAD") == "1"
    for bad in ((tmp_path / "nothing").as_uri(), "ext::sh -c touch% /tmp/x", "--upload-pack=x"):
        with pytest.raises(WorkspaceError):
            await clone(bad, tmp_path / "bad")
        assert not (tmp_path / "bad").exists()


SCRIPT = """
import json, sys
from pathlib import Path
import pyarrow, pyarrow.parquet
from jobs.batch.errors import BatchError
from jobs.batch.inputs import tables
rows, folder = json.load(sys.stdin), Path(sys.argv[1])
(folder / "set").mkdir()
pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "rows.parquet")
(folder / "bad.parquet").write_text("no parquet")
pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "set" / "test-0.parquet")
errors = []
for bad in (lambda: tables.parquet_rows(folder / "bad.parquet"), lambda: tables.dataset_rows(f"hf:{folder}/nothing")):
    try:
        bad()
    except BatchError as error:
        errors.append(str(error))
print(json.dumps({
    "parquet": tables.parquet_rows(folder / "rows.parquet"),
    "dataset": list(tables.dataset_rows(f"hf:{folder}/set:test")),
    "errors": errors,
}))
"""


def test_tables_by_the_packages_that_read_them(tmp_path: Path) -> None:
    python = os.environ.get("QWRIGHT_TEST_SWEBENCH")
    if not python:
        missing("a Python with the packages pyarrow and datasets (QWRIGHT_TEST_SWEBENCH)")
    rows = [raw_row(difficulty="easy"), raw_row("acme__calc-2")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [str(python), "-c", SCRIPT, str(tmp_path)],
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["parquet"] == found["dataset"] == rows
    assert len(found["errors"]) == 2


def test_a_missing_package_is_named_with_its_extra() -> None:
    # Neither is among the packages of this project's own environment.
    with pytest.raises(BatchError, match=r"qwright\[parquet\]"):
        tables.parquet_rows(Path("rows.parquet"))
    with pytest.raises(BatchError, match=r"qwright\[datasets\]"):
        tables.dataset_rows("hf:acme/rows")
