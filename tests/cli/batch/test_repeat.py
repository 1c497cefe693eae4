"""From `run.json` back to the command: whatever was given, the rebuilt command means the same plan and settings."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.json_types import JsonObject, as_object
from cli.batch.arms import Plan, plan_of
from cli.batch.repeat import parts, repeat
from cli.batch.setup import setup_of
from cli.checkout import commit
from cli.config import resolve
from cli.launching import settings_of
from cli.parser import build_parser
from jobs.batch.inputs.source import Source
from serving.probe import ServedModel, ServerInfo

PARSER = build_parser()
SERVED = ServedModel("qwen3.5", 65536, "Qwen/Qwen3.5-27B")


def meant(arguments: list[str], environment: dict[str, str]) -> tuple[Plan, JsonObject]:
    """What a command line comes to: the plan of its runs, and the setup that is recorded of it."""
    options = PARSER.parse_args(arguments)
    config = resolve(vars(options), None, environment).values
    engine = settings_of(config, ServerInfo(config.base_url, (SERVED,), "0.32.0"))
    source = Source(options.rows, options.repo, config.image or "default:1")
    # The engine is not asked for its version here.
    options.engine = "ray"
    return plan_of(options), setup_of(config, engine, options, source, SERVED)


NUMBERS = {
    "--max-steps": st.integers(1, 999),
    "--max-seconds": st.floats(1, 1e6).map(lambda value: round(value, 2)),
    "--max-tokens": st.integers(1, 10**9),
    "--command-timeout": st.integers(1, 9999),
    "--seed": st.integers(0, 2**31),
    "--shuffle": st.integers(-5, 99),
    "--workers": st.integers(1, 64),
    "--retries": st.integers(0, 9),
    "--cpus": st.sampled_from([0.5, 2.0]),
    "--slice": st.sampled_from([":20", "-3:", "1:9:2"]),
    "--difficulty": st.sampled_from(["<15 min fix,1-4 hours"]),
    "--ids": st.sampled_from(["a__b-1,a__b-2"]),
    "--memory": st.sampled_from(["512m", "12g"]),
    "--pull": st.just("never"),
    "--repo": st.just("https://example.org/a b.git"),
    "--base-url": st.just("http://gpu:8000/v1"),
}
RUNS = st.sampled_from(
    [(), ("--thinking", "never"), ("--compare", "auto,never"), ("--attempts", "3"), ("--attempts", "2", "--grade")]
)
VARIABLES = st.fixed_dictionaries(
    {},
    optional={
        "QWRIGHT_ANSWER_TOKENS": st.just("4096"),
        "QWRIGHT_THINKING_BUDGETS": st.just("first=512,other=0"),
        "QWRIGHT_THINKING_ROWS": st.just("taking_stock=false"),
        "QWRIGHT_PRESERVE_THINKING": st.just("true"),
        "QWRIGHT_STALL_SECONDS": st.just("33.5"),
        "QWRIGHT_MAX_STEPS": st.just("77"),
    },
)


@settings(max_examples=50)
@given(st.fixed_dictionaries({}, optional=NUMBERS), RUNS, st.booleans(), VARIABLES)
def test_the_rebuilt_command_means_the_same(
    given_options: dict[str, object], runs: tuple[str, ...], no_agents_md: bool, environment: dict[str, str]
) -> None:
    more = [f"{name}={value}" for name, value in given_options.items()]
    command = ["batch", "rows.jsonl", "--out", "one", *more, *runs, *(["--no-agents-md"] if no_agents_md else [])]
    plan, setup = meant(command, environment)
    recorded = json.loads(json.dumps(setup))
    variables, arguments = parts({**recorded, "engine": "local"}, "one")
    again, same = meant(arguments, variables)
    assert (again.kind, dict(again.folders)) == (plan.kind, dict(plan.folders))
    # The name of the model is given now where it was found out then.
    assert without_model(same) == without_model(recorded)
    assert same["model"] == setup["model"]
    assert repeat(recorded).count("qwright batch rows.jsonl --out OUT") == 1


def without_model(setup: JsonObject) -> JsonObject:
    """`repeat` itself says the engine, which was changed here."""
    kept = {name: value for name, value in setup.items() if name not in ("repeat", "configuration")}
    return {**kept, "configuration": {**as_object(setup["configuration"]), "model": None}}


def test_the_folders_of_attempts_say_which_they_are_and_the_seed_that_was_sent() -> None:
    plan, setup = meant(["batch", "rows.jsonl", "--out", "o", "--attempts", "3", "--seed", "40"], {})
    told = {name: plan.setup(name, setup) for name in plan.folders}
    assert [(it["run"], it["seed"], it["sent_seed"]) for it in told.values()] == [
        ("attempt-1", 40, 40),
        ("attempt-2", 40, 41),
        ("attempt-3", 40, 42),
    ]
    assert parts(told["attempt-2"], "o") == parts(setup, "o")


def test_no_key_is_recorded() -> None:
    _, setup = meant(["batch", "rows.jsonl", "--out", "o", "--api-key", "sk-secret"], {"QWRIGHT_ENV": "TOKEN=hidden"})
    assert "sk-secret" not in json.dumps(setup)
    assert "hidden" not in json.dumps(setup)


HASH = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    "files",
    [
        {".git/HEAD": HASH},
        {".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": f"{HASH}\n"},
        {".git/HEAD": "ref: refs/heads/main\n", ".git/packed-refs": f"# pack-refs\n{HASH} refs/heads/main\n"},
        {
            ".git": "gitdir: main/.git/worktrees/w\n",
            "main/.git/worktrees/w/HEAD": "ref: refs/heads/w\n",
            "main/.git/worktrees/w/commondir": "../..\n",
            "main/.git/refs/heads/w": HASH,
        },
    ],
)
def test_the_commit_of_a_checkout(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert commit(tmp_path) == HASH


def test_what_is_no_checkout_has_the_commit_that_was_installed_or_none(tmp_path: Path) -> None:
    assert commit(tmp_path) in ("", commit(tmp_path / "other"))
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/none")
    assert commit(tmp_path) == commit(tmp_path / "other")
