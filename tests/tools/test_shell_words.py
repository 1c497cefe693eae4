import pytest

from tools.shell_words import interactive_program


@pytest.mark.parametrize(
    "command",
    [
        "vim a.py", "nano", "/usr/bin/less log.txt", "cd x && vi y", "sudo top", "X=1 nvim", "python", "python3 -i",
        "node", "cd /x; python3", "git rebase -i HEAD~3", "git add -p", "watch ls", "env A=b emacs -nw f", "bash",
    ],
)  # fmt: skip
def test_interactive_programs_are_recognised(command: str) -> None:
    assert interactive_program(command)


@pytest.mark.parametrize(
    "command",
    [
        "python script.py", "python -c 'print(1)'", "python <<'EOF'\nvim\nEOF", "echo 1 | python", "git log | less",
        "cat > notes <<EOF\nvim is an editor\nEOF", "vim -es -c wq f", "emacs --batch -l x.el", "top -b -n 1",
        "grep -rn vim .", "echo vim", "python < x.py", "which python", "git add -A", "bash script.sh", "man ls",
        "echo 'unbalanced", "pip install less", "sh -c 'ls'", "", "python3 -m pytest", "git commit -m 'vim'",
    ],
)  # fmt: skip
def test_others_pass(command: str) -> None:
    assert interactive_program(command) is None
