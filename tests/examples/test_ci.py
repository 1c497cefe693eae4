"""The Action, the reusable workflow and the examples: their rules, and their steps run here."""

import json
import re
import sys
from pathlib import Path

import pytest

from agent.json_types import JsonObject, as_object, as_text
from tests.examples.steps import EXPRESSION, ROOT, Runner, inputs, load, named, steps
from tests.jobs.places import commit, git

WORKFLOW = ".github/workflows/qwright-triage.yml"
JOBS = ("collect", "read", "post")
LOG = (ROOT / "tests/fixtures/triage/documented/github-pytest.log").read_text()
GH = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$GH_CALLS"
case "$1 $2" in
  "run view") cat "$GH_LOG" ;;
  "label list") printf 'bug\\npython\\n' ;;
  "issue comment") cp "${@: -1}" "$GH_CALLS.body" ;;
esac
"""
PROBE = """#!/usr/bin/env bash
printf '%s\\n' "$@" > "$(dirname "$0")/arguments"
env > "$(dirname "$0")/environment"
exit "$(cat "$(dirname "$0")/code")"
"""


def all_steps() -> list[tuple[str, JsonObject]]:
    found = [("action", step) for step in steps(load("action.yml"))]
    return found + [(job, step) for job in JOBS for step in steps(load(WORKFLOW), job)]


def test_no_expression_is_ever_part_of_a_script() -> None:
    for job, step in all_steps():
        assert not EXPRESSION.search(as_text(step.get("run"))), (job, step.get("name"))


def test_actions_of_others_are_pinned_by_commit() -> None:
    used = [as_text(step.get("uses")) for _, step in all_steps() if step.get("uses")]
    assert used
    for one in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}|qwright/qwright@v\d+", one), one


def test_the_reading_job_has_no_rights_and_no_token() -> None:
    workflow = load(WORKFLOW)
    jobs = as_object(workflow.get("jobs"))
    assert workflow["permissions"] == {}
    assert as_object(jobs["read"])["permissions"] == {}
    text = json.dumps(jobs["read"])
    assert "github.token" not in text
    assert "GITHUB_TOKEN" not in text
    assert set(re.findall(r"secrets\.([\w-]+)", text)) == {"api-key"}
    assert "secrets" not in json.dumps([jobs["collect"], jobs["post"]])
    # What a stranger wrote is understood only where nothing can be written.
    for job in ("collect", "post"):
        runs = " ".join(as_text(step.get("run")) for step in steps(workflow, job))
        assert "triage --check" in runs or "qwright triage" not in runs
    assert as_object(jobs["collect"])["permissions"] == {"actions": "read", "contents": "read"}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return Runner(folder, environment={"GITHUB_TOKEN": "ghs_jobtoken", "ACTIONS_RUNTIME_TOKEN": "runtime"})


def test_the_three_jobs_from_a_log_to_a_comment(runner: Runner, tmp_path: Path) -> None:
    workflow, action = load(WORKFLOW), load("action.yml")
    source = runner.folder / "source"
    (runner.folder / "base/docs").mkdir(parents=True)
    (runner.folder / "base/docs/CODEOWNERS").write_text("* @shop/makers\n")
    for name in ("shop/cart.py", "tests/test_cart.py", "CODEOWNERS"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("* @victim\n")
    git(source, "init", "-q")
    commit(source, "start")
    (tmp_path / "ci.log").write_text(LOG)
    calls = tmp_path / "calls"
    runner.environment |= {"GH_LOG": str(tmp_path / "ci.log"), "GH_CALLS": str(calls)}
    runner.program("gh", GH)
    runner.program("qwright", f'#!/bin/sh\nexec env PYTHONPATH="{ROOT}" {sys.executable} -m cli.main "$@"\n')
    runner.values = {"github.token": "ghs_jobtoken", "github.repository": "acme/shop", "inputs.run-id": "42"}
    runner.values |= {"inputs.reports": "", "inputs.issue-number": "7", "runner.temp": str(tmp_path / "temp")}

    done = runner.run(named(steps(workflow, "collect"), "Collect"))
    assert done.returncode == 0, done.stderr
    source.rename(tmp_path / "elsewhere")
    done = runner.run(named(steps(workflow, "read"), "Unpack"))
    assert done.returncode == 0, done.stderr
    files = runner.values["steps.unpack.outputs.files"]
    assert files == "case/ci.log"

    (tmp_path / "temp/qwright/bin").mkdir(parents=True)
    (tmp_path / "temp/qwright/bin/qwright").symlink_to(runner.bin / "qwright")
    runner.values |= reading(action, {"inputs": files, "repo": "source", "owners": "case/owners"})
    done = runner.run(named(steps(action), "Triage"))
    assert done.returncode == 0, done.stderr
    assert runner.values["steps.triage.outputs.exit-code"] == "10"
    verdict = json.loads((runner.folder / "verdict.json").read_text())
    assert verdict["suspects"][0]["path"] == "shop/cart.py"
    assert verdict["owner"] == "@shop/makers"

    (runner.folder / "verdict").mkdir()
    (runner.folder / "verdict.json").rename(runner.folder / "verdict/verdict.json")
    (runner.folder / "venv/bin").mkdir(parents=True)
    (runner.folder / "venv/bin/qwright").symlink_to(runner.bin / "qwright")
    for name in ("Check", "Post"):
        done = runner.run(named(steps(workflow, "post"), name))
        assert done.returncode == 0, done.stderr
    assert "### CI triage" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
    assert "`shop/cart.py:9`" in Path(f"{calls}.body").read_text()
    assert [line for line in calls.read_text().splitlines() if "edit" in line] == [
        "issue edit 7 --add-label bug",
        "issue edit 7 --add-label python",
    ]


def reading(action: JsonObject, given: dict[str, str]) -> dict[str, str]:
    """Values of the Action's inputs, where no network was closed."""
    values = inputs(action, given)
    return {**values, "inputs.as-user || steps.network.outputs.user": values["inputs.as-user"]}


def probed(runner: Runner, tmp_path: Path, given: dict[str, str], code: int = 0) -> tuple[int, list[str], str]:
    """Exit code of the Action's step, and arguments and environment that qwright would get."""
    folder = tmp_path / "temp/qwright/bin"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "code").write_text(str(code))
    (folder / "qwright").write_text(PROBE)
    (folder / "qwright").chmod(0o755)
    action = load("action.yml")
    runner.values |= {"runner.temp": str(tmp_path / "temp"), **reading(action, given)}
    done = runner.run(named(steps(action), "Triage"))
    return done.returncode, (folder / "arguments").read_text().splitlines(), (folder / "environment").read_text()


def test_no_token_of_the_job_reaches_the_reader_and_the_key_is_no_argument(runner: Runner, tmp_path: Path) -> None:
    given = {"inputs": "ci.log", "base-url": "http://gpu:8000/v1", "api-key": "sk-very-secret", "image": "ci:1"}
    code, arguments, environment = probed(runner, tmp_path, given)
    assert code == 0
    assert "ghs_jobtoken" not in environment
    assert "ACTIONS_RUNTIME_TOKEN" not in environment
    assert "QWRIGHT_API_KEY=sk-very-secret" in environment
    assert not any("sk-very-secret" in word for word in arguments)
    assert arguments[-2:] == ["--", "ci.log"]


@pytest.mark.parametrize("hostile", ["$(touch pwned)", "`touch pwned`", "; touch pwned #", "--check=x", "a b\tc", "*"])
def test_inputs_are_words_whatever_they_hold(runner: Runner, tmp_path: Path, hostile: str) -> None:
    given = {"inputs": f"{hostile}\nother.log", "command": hostile, "image": hostile, "good": hostile, "issue": hostile}
    _, arguments, _ = probed(runner, tmp_path, given)
    assert arguments.count(hostile) == 5
    assert arguments.index("--") < len(arguments) - 2
    assert not (runner.folder / "pwned").exists()


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (10, 0), (16, 0), (1, 1), (2, 2), (17, 17), (130, 130)])
def test_a_verdict_is_no_failure_of_the_step(runner: Runner, tmp_path: Path, code: int, ends: int) -> None:
    assert probed(runner, tmp_path, {"inputs": "ci.log"}, code)[0] == ends


@pytest.mark.parametrize("number", ["", "7; touch pwned", "$(touch pwned)", "7 8"])
def test_only_a_number_is_posted_to(runner: Runner, number: str) -> None:
    runner.values = {"github.token": "", "github.repository": "a/b", "inputs.issue-number": number}
    done = runner.run(named(steps(load(WORKFLOW), "post"), "Post"))
    assert done.returncode == 1
    assert "no number" in done.stderr


def test_the_plain_shell_example(runner: Runner, tmp_path: Path) -> None:
    (runner.folder / "ci.log").write_text(LOG)
    runner.program("qwright", f'#!/bin/sh\nexec env PYTHONPATH="{ROOT}" {sys.executable} -m cli.main "$@"\n')
    done = runner.run({"run": f"bash {ROOT}/examples/ci/triage.sh verdict.json ci.log"})
    assert done.returncode == 0, done.stderr
    assert json.loads((runner.folder / "verdict.json").read_text())["category"] == "bug"


def test_the_gitlab_example_posts_only_what_was_checked() -> None:
    jobs = load("examples/ci/gitlab.yml")
    script = as_object(jobs["post-verdict"])["script"]
    assert isinstance(script, list)
    checks = [str(line) for line in script if "qwright triage" in str(line)]
    assert checks == ["qwright triage --check verdict.json --repo . --owners base > comment.md"]
    assert "TOKEN" not in json.dumps(jobs["triage"])


def test_the_caller_gives_what_the_workflow_asks_for() -> None:
    caller = as_object(as_object(load("examples/ci/github.yml")["jobs"])["triage"])
    # YAML 1.1 reads the key `on` as true.
    wanted = as_object(as_object(dict(load(WORKFLOW)).get(True)).get("workflow_call"))  # pyright: ignore[reportArgumentType]  # see above
    declared = as_object(wanted.get("inputs"))
    given = as_object(caller["with"])
    assert set(given) <= set(declared)
    assert {name for name, one in declared.items() if as_object(one).get("required")} <= set(given)


@pytest.mark.parametrize(
    ("given", "looked_at"),
    [
        ({}, True),
        ({"actor": "dependabot[bot]"}, False),
        ({"actor": "dependabot[bot]", "allow-bots": "true"}, True),
        ({"head-repository": "mallory/shop"}, False),
        ({"head-repository": ""}, False),
        ({"head-repository": "mallory/shop", "allow-forks": "true"}, True),
        ({"head-repository": "mallory/shop", "allow-forks": "true", "actor": "x[bot]"}, False),
        ({"actors": '["alice"]'}, True),
        ({"actors": '["bob"]'}, False),
        ({"actors": '["bob"]', "allow-forks": "true", "allow-bots": "true"}, False),
        ({"actors": "[]", "actor": "mallory"}, True),
    ],
)
def test_whose_runs_are_looked_at(runner: Runner, given: dict[str, str], *, looked_at: bool) -> None:
    runner.values = {"github.repository": "acme/shop", "inputs.head-repository": "acme/shop", "inputs.actor": "alice"}
    runner.values |= {"inputs.allow-bots": "false", "inputs.allow-forks": "false", "inputs.actors": "[]"}
    runner.values |= {f"inputs.{name}": value for name, value in given.items()}
    collect = as_object(as_object(load(WORKFLOW)["jobs"])["collect"])
    assert runner.holds(as_text(collect["if"])) is looked_at


def test_defaults_are_the_safe_ones() -> None:
    wanted = as_object(as_object(dict(load(WORKFLOW)).get(True)).get("workflow_call"))  # pyright: ignore[reportArgumentType]  # YAML 1.1 reads the key `on` as true
    declared = {name: as_object(one) for name, one in as_object(wanted["inputs"]).items()}
    assert [declared[name]["default"] for name in ("allow-forks", "allow-bots", "fix")] == [False, False, False]
    assert declared["head-repository"]["required"] is True
    read = next(step for step in steps(load(WORKFLOW), "read") if as_text(step.get("uses")).startswith("qwright/"))
    assert as_object(read["with"])["close-network"] == "true"
    # Whoever may be named stands on the default branch, in both jobs that name somebody.
    for job in ("collect", "post"):
        given = [as_object(step.get("with")) for step in steps(load(WORKFLOW), job)]
        bases = [one for one in given if one.get("path") == "base"]
        assert [one["ref"] for one in bases] == ["${{ github.event.repository.default_branch }}"]


def test_what_is_installed_is_pinned_by_hash(runner: Runner, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    python = f"""#!/usr/bin/env bash
printf '%s\\n' "$*" >> {calls}
if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; fi
"""
    runner.program("python3", python)
    runner.values = {"github.action_path": str(ROOT), "runner.temp": str(tmp_path / "temp")}
    for step in (named(steps(load("action.yml")), "Install"), named(steps(load(WORKFLOW), "post"), "Install")):
        calls.write_text("")
        done = runner.run(step)
        assert done.returncode == 0, done.stderr
        installs = [line for line in calls.read_text().splitlines() if " install " in line]
        assert len(installs) == 2
        assert "--require-hashes -r" in installs[0]
        assert "--no-deps" in installs[1]


def test_every_step_is_run_by_a_test() -> None:
    """The steps whose scripts the tests above and `test_closed_network` run; a new one must be added there."""
    scripts = {(where, as_text(step.get("name"))) for where, step in all_steps() if step.get("run")}
    assert scripts == {
        *(("action", name) for name in ("Install", "Close the network", "Triage")),
        *(("collect", "Collect"), ("read", "Unpack"), ("post", "Install"), ("post", "Check"), ("post", "Post")),
    }
