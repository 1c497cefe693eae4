# Every target does the set-up it needs; a fresh machine needs Python >= 3.11 and git only.
PYTHON ?= python3
HARBOR_PYTHON ?= python3.12
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: setup demo test check bench bench-peers docs pictures agreement harbor clean

setup: $(STAMP)

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "qwright needs Python 3.11 or newer; name one with make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV): Python packages are downloaded and checked against requirements/dev.txt. Once, about a minute."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

demo: setup
	@$(BIN)/qwright demo

test: setup
	$(BIN)/python -m pytest -n auto -rs

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m tests.sizes
	$(BIN)/python -m agent.machine_doc --check
	$(BIN)/python -m agent.thinking.document --check
	$(BIN)/python -m tui.commands.document --check
	$(BIN)/python -m agent.failures.document --check
	$(BIN)/python -m jobs.triage.schema --check

bench: setup
	$(BIN)/python -m benchmarks

# Other coding agents in the terminal beside this one: an environment for each, from PyPI; they need Python 3.12.
bench-peers: setup
	$(BIN)/python -m benchmarks.peers .venv-peers --python $(HARBOR_PYTHON)

docs: setup
	$(BIN)/python -m agent.machine_doc
	$(BIN)/python -m agent.thinking.document
	$(BIN)/python -m tui.commands.document
	$(BIN)/python -m agent.failures.document
	$(BIN)/python -m jobs.triage.schema

pictures: setup
	$(BIN)/python -m tests.tui.readme_pictures

# Our grader beside an independent one: INSTANCES is a folder with rows.jsonl, built images and a program `grade`.
agreement: setup
	QWRIGHT_TEST_INSTANCES=$(abspath $(INSTANCES)) $(BIN)/python -m pytest tests/jobs/test_agreement.py -q -s

# The adapter on harbor itself, which needs Python 3.12: a virtual environment of its own, about 100 packages.
harbor: setup
	$(HARBOR_PYTHON) -m venv .venv-harbor
	.venv-harbor/bin/python -m pip install --quiet --require-hashes -r requirements/harbor.txt
	.venv-harbor/bin/python -m tests.jobs.harbor_interface --check tests/fixtures/harbor-0.24/interface.json
	rm -rf .venv-harbor/task .venv-harbor/task-logs && mkdir .venv-harbor/task
	PATH="$(CURDIR)/$(BIN):$$PATH" .venv-harbor/bin/python -m tests.jobs.harbor_task .venv-harbor/task 'BENCH-1: do what the server says'

clean:
	rm -rf $(VENV) .venv-harbor .venv-peers .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
