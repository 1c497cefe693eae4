import argparse
from collections.abc import Sequence

import pytest

from cli.dispatch import dispatch
from cli.first_word import mistake, with_command
from cli.parser import build_parser

KNOWN = ("pair", "run", "batch", "batch-diff", "doctor")


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    return build_parser().parse_args(with_command(arguments, KNOWN))


@pytest.mark.parametrize(
    "arguments",
    [["fix the date parser"], ["--image", "i", "fix the date parser"], ["-c", "fix the date parser"]],
)
def test_a_request_opens_the_app_with_it(arguments: Sequence[str]) -> None:
    assert mistake(arguments, KNOWN) == ""
    options = parsed(arguments)
    assert (options.module, options.task) == ("cli.pair.command", "fix the date parser")


def test_a_request_begins_with_a_dash_only_after_the_command() -> None:
    assert with_command(["run", "fix it"], KNOWN) == ["run", "fix it"]
    assert with_command(["-V"], KNOWN) == ["-V"]


def test_two_words_that_are_one_command() -> None:
    assert with_command(["batch", "diff", "a", "b"], KNOWN) == ["batch-diff", "a", "b"]


@pytest.mark.parametrize(("asked", "means"), [(["help"], ["--help"]), (["help", "run"], ["run", "--help"])])
def test_help_is_a_word_too(asked: Sequence[str], means: Sequence[str]) -> None:
    assert mistake(asked, KNOWN) == ""
    assert with_command(asked, KNOWN) == means


def test_a_mistyped_command_is_told_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["dcotor"]) == 2
    told = capsys.readouterr().err
    assert "Did you mean `qwright doctor`?" in told
    assert "evaluate" in told
    assert "batch-diff" not in told


@pytest.mark.parametrize("word", ["-p", "--print", "exec"])
def test_what_others_call_a_run_is_answered_with_run(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch([word, "fix it"]) == 2
    assert 'qwright run "TASK"' in capsys.readouterr().err


def test_an_unknown_option_names_the_help_of_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        dispatch(["doctor", "--onyl", "endpoint"])
    assert "`qwright doctor --help`" in capsys.readouterr().err
