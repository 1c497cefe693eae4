"""The model asks: a person at a terminal is asked and answers on the line, nobody else is."""

import os
import signal
import uuid
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal, on_terminal
from tests.e2e.conftest import QWRIGHT, Product
from tests.live.server import Vllm

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
QUESTION = "Which colour shall it be?"


@pytest.fixture
def arguments(vllm: Vllm, repository: Path) -> list[str]:
    name = f"TASK-{uuid.uuid4().hex}"
    ask = {"name": "ask_user", "arguments": {"question": QUESTION, "options": "red\nblue"}}
    submit: dict[str, object] = {"name": "submit", "arguments": {}}
    vllm.script(name, [{"calls": [ask]}, {"say": "I painted it.", "calls": [submit]}])
    place = ["--repo", str(repository), "--sandbox", "local", "--base-url", vllm.base_url]
    return ["run", f"{name}: paint it", *place]


def at_terminal(product: Product, *arguments: str) -> Terminal:
    return on_terminal([str(QWRIGHT), *arguments], product.environment, product.folder)


def told(product: Product) -> str:
    return product.run("sessions", "export", "last", "--format", "markdown").stdout


@pytest.mark.parametrize(("typed", "heard"), [("2\n", "blue"), ("green\n", "green"), ("3\n", "3")])
def test_a_person_answers_with_a_number_or_in_words(
    product: Product, arguments: list[str], typed: str, heard: str
) -> None:
    screen = at_terminal(product, *arguments)
    seen = screen.until("leaves it to the model)")
    assert QUESTION in seen
    assert "   1. red\n   2. blue\n" in seen
    screen.type(typed)
    assert screen.wait() == 0, screen.seen
    assert f"The person answered: {heard}" in told(product)


def test_no_answer_is_an_answer(product: Product, arguments: list[str]) -> None:
    screen = at_terminal(product, *arguments)
    screen.until("leaves it to the model)")
    screen.type("\x04")
    assert screen.wait() == 0, screen.seen
    assert "The person gave no answer" in told(product)


def test_ctrl_c_at_a_question_keeps_it_for_a_resume(product: Product, arguments: list[str]) -> None:
    screen = at_terminal(product, *arguments)
    screen.until("leaves it to the model)")
    os.kill(screen.process.pid, signal.SIGINT)
    assert screen.wait() == 130, screen.seen
    again = at_terminal(product, "resume", "last")
    assert QUESTION in again.until("leaves it to the model)")
    again.type("1\n")
    assert again.wait() == 0, again.seen
    assert "The person answered: red" in told(product)


@pytest.mark.parametrize("flags", [[], ["--no-input"]])
def test_where_nobody_can_answer_the_tool_is_not_there(
    product: Product, arguments: list[str], flags: list[str]
) -> None:
    if flags:
        screen = at_terminal(product, *arguments, *flags)
        assert screen.wait() == 0, screen.seen
    else:
        assert product.run(*arguments).returncode == 0
    assert "There is no tool 'ask_user'" in told(product)
