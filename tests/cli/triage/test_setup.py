"""No option and no setting is forgotten when it is asked whether a kept verdict still holds."""

import argparse
import warnings

import pytest

from cli.config import Config
from cli.parsers.triage import add_triage
from cli.triage.setup import INDIFFERENT_OPTIONS, INDIFFERENT_SETTINGS, OPTIONS, SETTINGS, setup_of


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_triage(parser.add_subparsers())
    return parser.parse_args(["triage"])


def test_every_option_and_every_setting_is_on_one_list() -> None:
    known = set(vars(options()))
    assert known - set(Config.model_fields) == OPTIONS | INDIFFERENT_OPTIONS
    assert set(Config.model_fields) == SETTINGS | INDIFFERENT_SETTINGS
    assert not OPTIONS & INDIFFERENT_OPTIONS
    assert not SETTINGS & INDIFFERENT_SETTINGS


@pytest.mark.parametrize("name", sorted(OPTIONS | INDIFFERENT_OPTIONS))
def test_an_option_decides_or_does_not(name: str) -> None:
    given = options()
    before = setup_of(given, None)
    setattr(given, name, "another")
    assert (setup_of(given, None) != before) == (name in OPTIONS)


@pytest.mark.parametrize("name", sorted(Config.model_fields))
def test_a_setting_decides_or_does_not(name: str) -> None:
    config = Config.model_validate({})
    other = config.model_copy(update={name: "another"})
    with warnings.catch_warnings():
        # The word is no value of most settings' types.
        warnings.simplefilter("ignore")
        changed = setup_of(options(), other)
    assert (changed != setup_of(options(), config)) == (name in SETTINGS)
