"""Which runs a command line means, and with what settings."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from cli.batch.arms import plan_of
from cli.errors import UsageError
from cli.parser import build_parser
from jobs.batch.errors import BatchError
from jobs.batch.setup import check_setup
from tests.jobs.places import SETTINGS

SETUP = {"model": "q", "configuration": {"thinking": "auto", "max_steps": 9}, "attempts": 1, "seed": None}


def options(*more: str) -> Namespace:
    return build_parser().parse_args(["batch", "rows.jsonl", "--out", "out", *more])


def test_one_run_is_the_folder_itself() -> None:
    plan = plan_of(options())
    assert (plan.kind, dict(plan.folders)) == ("single", {"": Path("out")})
    assert plan.settings("", SETTINGS) == SETTINGS
    assert plan.setup("", SETUP) == SETUP


def test_each_policy_has_a_folder_and_its_thinking() -> None:
    plan = plan_of(options("--compare", "always, never"))
    assert plan.folders == {"always": Path("out/always"), "never": Path("out/never")}
    never = plan.settings("never", SETTINGS)
    assert (never.thinking, never.endpoint.cache_salt) == ("never", "")
    vllm = replace(SETTINGS, endpoint=replace(SETTINGS.endpoint, version="0.32.0"))
    salts = {plan.settings(name, vllm).endpoint.cache_salt for name in plan.folders}
    assert len(salts) == 2
    assert "" not in salts
    assert plan.setup("never", SETUP)["configuration"] == {"thinking": "never", "max_steps": 9}


def test_attempts_differ_in_their_seeds() -> None:
    plan = plan_of(options("--attempts", "3"))
    seeded = replace(SETTINGS, endpoint=replace(SETTINGS.endpoint, seed=40))
    assert [plan.settings(name, seeded).endpoint.seed for name in plan.folders] == [40, 41, 42]
    assert [plan.settings(name, SETTINGS).endpoint.seed for name in plan.folders] == [None] * 3


@pytest.mark.parametrize(
    "more",
    [
        ("--compare", "auto,never", "--attempts", "2"),
        ("--compare", "auto,never", "--thinking", "always"),
    ],
)
def test_what_does_not_go_together(more: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        plan_of(options(*more))


@pytest.mark.parametrize(
    "more",
    [("--compare", "auto"), ("--compare", "auto,auto"), ("--compare", "auto,mostly"), ("--attempts", "0")],
)
def test_what_is_no_comparison(more: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(*more)
    assert more[0] in capsys.readouterr().err


def test_a_folder_keeps_to_one_kind_of_runs_and_one_seed(tmp_path: Path) -> None:
    check_setup(tmp_path, SETUP)
    check_setup(tmp_path, {**SETUP, "workers": 9})
    for other, named in (({"attempts": 2}, "runs"), ({"compare": ["auto", "never"]}, "runs"), ({"seed": 1}, "seed")):
        with pytest.raises(BatchError, match=named):
            check_setup(tmp_path, {**SETUP, **other})
