"""Why real servers ended, what they were at, and what they had room for: logs of vLLM 0.32."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.serve.log import LogTail, all_lines, capacity, decisive, phase, plain

LOGS = Path(__file__).resolve().parents[2] / "fixtures" / "vllm-0.32-start"


def lines(name: str) -> list[str]:
    return (LOGS / f"{name}.log").read_text().splitlines()


@pytest.mark.parametrize(
    ("name", "line", "advice"),
    [
        (
            "unknown-flag",
            "error: unrecognized arguments: --prefix-match-unitt 16",
            "does not know --prefix-match-unitt 16",
        ),
        ("no-memory", "To serve at least one request with the model's max seq len (262144)", "--context 73600 or less"),
        ("too-long", "User-specified max_model_len (1000000) is greater than the derived", "shorter --context"),
        ("no-model", "Repo id must be in the form", "check --model"),
    ],
)
def test_the_line_that_decides(name: str, line: str, advice: str) -> None:
    death = decisive(lines(name), 1)
    assert line in death.line
    assert advice in death.advice


@pytest.mark.parametrize(
    ("said", "exit_code", "line", "advice"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", 1, "CUDA out of memory", "fewer bits"),
        ("ValueError: Free memory on device cuda:0 (3.1/23.6 GiB) on startup is less", 1, "Free memory", "nvidia-smi"),
        ("OSError: [Errno 98] Address already in use", 1, "Address already in use", "--port"),
        ("AssertionError: odd\nRuntimeError: Engine core initialization failed. See root cause above.", 1, "odd", ""),
        ("something\n", -9, "killed (signal 9)", "memory running out"),
        ("just words", 3, "just words", ""),
        ("", 1, "it wrote nothing", ""),
    ],
)
def test_other_ends(said: str, exit_code: int, line: str, advice: str) -> None:
    death = decisive(said.splitlines(), exit_code)
    assert line in death.line
    assert advice in death.advice
    assert bool(advice) == bool(death.advice)


def test_a_server_that_starts_has_stages_and_room() -> None:
    log = lines("ready")
    stages = list(dict.fromkeys(filter(None, map(phase, log))))
    assert stages == [
        "starting the engine",
        "loading the weights",
        "measuring the memory that is left",
        "answering its first chat",
    ]
    room = capacity(log)
    assert room is not None
    assert (room.tokens, room.context, room.concurrency) == (7_880_553, 65_536, 120.25)
    assert capacity(lines("no-memory")) is None


def test_a_line_without_its_frame() -> None:
    framed = "(EngineCore pid=25641) ERROR 11-22 02:11:15 [core.py:1510] ValueError: too much"
    assert plain(framed) == "ValueError: too much"
    assert plain("INFO:     Application startup complete.") == "INFO:     Application startup complete."


@given(st.lists(st.binary(max_size=30), max_size=12), st.integers(1, 5))
def test_every_line_is_seen_once_however_it_comes(pieces: list[bytes], at_once: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        path.touch()
        shown: list[str] = []
        tail = LogTail(path, shown.extend)
        seen: list[str] = []
        for n, piece in enumerate(pieces):
            with path.open("ab") as file:
                file.write(piece)
            if n % at_once == 0:
                seen += tail.new()
        with path.open("ab") as file:
            file.write(b"\n")
        seen += tail.new()
        whole = path.read_bytes().replace(b"\r\n", b"\n").split(b"\n")[:-1]
        assert seen == shown
        assert len(seen) == len(whole)
        assert not tail.new()


def test_a_progress_bar_counts_as_its_last_state(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"Loading:  0%\rLoading: 50%\rLoading: 100%\nnext\n")
    assert LogTail(path).new() == ["Loading: 100%", "next"]
    assert all_lines(tmp_path / "none") == []
