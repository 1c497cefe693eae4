"""Every log of the fixtures to its verdict: category, labels, number of failures, first suspect."""

import pytest

from jobs.triage.schema import FILE, schema_text
from jobs.triage.verdict import LABELS, Category, Severity
from tests.jobs.triage.inputs import FIXTURES, failures, verdict

EXPECTED = {
    "real/apt.log": ("dependency", ["dependencies"], 1, ""),
    "real/apt-version.log": ("dependency", ["dependencies"], 1, ""),
    "real/clang.log": ("bug", ["bug", "build", "c"], 2, "cart.cpp:4"),
    "real/clang-link.log": ("bug", ["bug", "build", "c"], 1, "main.cpp:0"),
    "real/gradle.log": ("bug", ["bug", "java"], 2, "CartTest.java:10"),
    "real/gradle-compile.log": ("bug", ["bug", "build", "java"], 1, "src/main/java/shop/Cart.java:7"),
    "real/maven.log": ("bug", ["bug", "java"], 2, "CartTest.java:10"),
    "real/maven-compile.log": ("bug", ["bug", "build", "java"], 1, "src/main/java/shop/Cart.java:7"),
    "real/surefire.xml": ("bug", ["bug", "java"], 2, "CartTest.java:10"),
    "real/maven-plugin.log": ("dependency", ["dependencies", "java"], 1, ""),
    "real/cargo-test.log": ("bug", ["bug", "rust"], 2, "src/lib.rs:7"),
    "real/gcc.log": ("bug", ["bug", "build", "c"], 4, "a.c:1"),
    "real/javac.log": ("bug", ["bug", "build", "java"], 1, "A.java:1"),
    "real/node-test.log": ("bug", ["bug", "javascript"], 1, "n/n.test.mjs:2"),
    "real/npm-install.log": ("dependency", ["dependencies", "javascript"], 1, ""),
    "real/pip.log": ("dependency", ["dependencies", "python"], 1, ""),
    "real/pytest-collection.log": ("dependency", ["dependencies", "python"], 1, "tests/test_broken.py:1"),
    "real/pytest-long.log": ("bug", ["bug", "python"], 4, "shop/cart.py:9"),
    "real/pytest-native.log": ("bug", ["bug", "python"], 4, "shop/cart.py:9"),
    "real/pytest-short-colour.log": ("bug", ["bug", "python"], 4, "shop/cart.py:9"),
    "real/pytest.xml": ("bug", ["bug", "python"], 4, "shop/cart.py:9"),
    "real/ruff.log": ("bug", ["bug", "lint", "python"], 3, "bad.py:1"),
    "real/ruff-concise.log": ("bug", ["bug", "lint", "python"], 3, "bad.py:1"),
    "real/rustc.log": ("bug", ["bug", "build", "rust"], 1, "src/lib.rs:13"),
    "real/traceback.log": ("bug", ["bug", "python"], 1, "shop/cart.py:9"),
    "real/unittest.log": ("bug", ["bug", "python"], 3, "ut.py:16"),
    "real/docker-build.log": ("configuration", ["configuration"], 2, ""),
    "real/docker-copy.log": ("configuration", ["configuration", "docker"], 1, ""),
    "real/eslint.log": ("bug", ["bug", "lint", "javascript"], 1, "src/cart.js:3"),
    "real/go-build.log": ("bug", ["bug", "build", "go"], 2, "bad/cart.go:5"),
    "real/go-module.log": ("dependency", ["dependencies", "go"], 1, "miss.go:2"),
    "real/go-test-json.log": ("bug", ["bug", "go"], 3, "cart.go:11"),
    "real/go-test-v.log": ("bug", ["bug", "go"], 3, "cart.go:11"),
    "real/go-test.log": ("bug", ["bug", "go"], 3, "cart.go:11"),
    "real/go-vet.log": ("bug", ["bug", "build", "go"], 1, "bad/cart.go:6"),
    "real/jest-colour.log": ("bug", ["bug", "javascript"], 5, "src/cart.js:3"),
    "real/jest.log": ("bug", ["bug", "javascript"], 5, "src/cart.js:3"),
    "real/mypy.log": ("bug", ["bug", "lint", "python"], 2, "shop/cart.py:5"),
    "real/nox.log": ("bug", ["bug", "python"], 1, "shop/cart.py:5"),
    "real/pyright.log": ("bug", ["bug", "lint", "python"], 2, "shop/cart.py:5"),
    "real/tox.log": ("bug", ["bug", "python"], 1, "shop/cart.py:5"),
    "real/vitest.log": ("bug", ["bug", "javascript"], 2, "src/total.mjs:1"),
    "documented/command-missing.log": ("configuration", ["configuration"], 1, ""),
    "documented/docker.log": ("dependency", ["dependencies", "docker"], 1, ""),
    "documented/eslint.log": ("bug", ["bug", "lint", "javascript"], 2, "src/cart.js:1"),
    "documented/gh-view-pytest.log": ("bug", ["bug", "python"], 4, "shop/cart.py:9"),
    "documented/github-pytest.log": ("bug", ["bug", "python"], 4, "shop/cart.py:9"),
    "documented/jenkins-pytest.log": ("bug", ["bug", "python"], 4, "shop/cart.py:9"),
    "documented/github-runner-lost.log": ("infrastructure", ["infrastructure"], 2, ""),
    "documented/gitlab-oom.log": ("infrastructure", ["infrastructure"], 1, ""),
    "documented/jenkins-disk.log": ("infrastructure", ["infrastructure"], 1, ""),
    "documented/network.log": ("infrastructure", ["infrastructure"], 1, ""),
    "documented/go.log": ("bug", ["bug", "go"], 2, "cart.go:9"),
    "documented/go-build.log": ("bug", ["bug", "build", "go"], 1, "cart.go:7"),
    "documented/gradle.log": ("bug", ["bug", "java"], 1, "CartTest.java:14"),
    "documented/gradle-dependency.log": ("dependency", ["dependencies", "java"], 1, ""),
    "documented/jest.log": ("bug", ["bug", "javascript"], 1, "src/cart.test.js:4"),
    "documented/vitest.log": ("bug", ["bug", "javascript"], 1, "src/cart.ts:2"),
    "documented/maven.log": ("bug", ["bug", "java"], 1, "Cart.java:9"),
    "documented/maven-compile.log": ("bug", ["bug", "build", "java"], 1, "src/main/java/shop/Cart.java:9"),
    "documented/mypy.log": ("bug", ["bug", "lint", "python"], 1, "shop/cart.py:5"),
    "documented/surefire.xml": ("bug", ["bug", "java"], 1, "Cart.java:9"),
    "documented/surefire-flaky.xml": ("flaky", ["flaky", "java"], 1, "CartTest.java:30"),
    "documented/tox.log": ("bug", ["bug", "python"], 1, ""),
    "documented/nox.log": ("bug", ["bug", "python"], 1, ""),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_verdict_of_a_log(name: str) -> None:
    category, labels, count, suspect = EXPECTED[name]
    found = verdict((FIXTURES / name).read_bytes())
    first = f"{found.suspects[0].path}:{found.suspects[0].line}" if found.suspects else ""
    assert (found.category.value, found.labels, found.failures, first) == (category, labels, count, suspect)
    assert set(found.labels) <= set(LABELS)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("real/go-test-v.log", "go test ./... -run '^TestTotal$'"),
        ("real/jest.log", "npx --no-install jest src/cart.test.js"),
        ("real/vitest.log", "npx --no-install vitest run src/cart.spec.mjs"),
        ("real/eslint.log", "npx --no-install eslint src/cart.js"),
        ("real/mypy.log", "mypy shop/cart.py"),
        ("real/tox.log", "python -m pytest tests/test_cart.py::test_total"),
        ("real/pip.log", None),
    ],
)
def test_the_command_that_should_show_it(name: str, command: str | None) -> None:
    found = verdict((FIXTURES / name).read_bytes()).reproduction
    assert (found.command if found else None) == command


def test_every_fixture_has_its_verdict() -> None:
    names = {
        f"{path.parent.name}/{path.name}" for kind in ("real", "documented") for path in (FIXTURES / kind).iterdir()
    }
    assert {name for name in names if name not in EXPECTED} == {"real/ruff-github.log", "real/npm-test.log"}


def test_go_says_the_same_in_each_form() -> None:
    plain, verbose, events = (
        [(one.name, one.message, one.frames) for one in failures((FIXTURES / f"real/{name}.log").read_bytes())]
        for name in ("go-test", "go-test-v", "go-test-json")
    )
    assert plain == verbose == events


def test_evidence_names_the_line_that_says_so() -> None:
    log = (FIXTURES / "real/pytest-long.log").read_text().splitlines()
    for row in verdict((FIXTURES / "real/pytest-long.log").read_bytes()).evidence:
        assert log[row.line - 1].startswith(row.quote.partition(" […")[0])


def test_the_previous_run_tells_a_regression_from_a_known_failure() -> None:
    log = (FIXTURES / "real/pytest-long.log").read_bytes()
    assert verdict(log, previous=b"==== 6 passed in 0.01s ====\n").category is Category.REGRESSION
    known = verdict(log, previous=log)
    assert known.category is Category.BUG
    assert "previous run failed there too" in known.root_cause


def test_an_issue_counts_only_where_no_log_has_a_failure() -> None:
    issue = (FIXTURES / "real/traceback.log").read_bytes()
    assert verdict(b"all is well\n", issue=issue).suspects[0].path == "shop/cart.py"
    log = (FIXTURES / "documented/mypy.log").read_bytes()
    assert verdict(log, issue=issue) == verdict(log)


def test_the_machine_decides_only_where_no_test_failed() -> None:
    log = (FIXTURES / "real/pytest-long.log").read_bytes()
    assert verdict(log + b"tar: No space left on device\n").category is Category.BUG
    full = b"== FAILURES ==\n___ test_x ___\nE   OSError: [Errno 28] No space left on device\n== 1 failed ==\n"
    assert verdict(full).category is Category.INFRASTRUCTURE


def test_a_build_that_does_not_compile_is_critical_and_a_lint_is_low() -> None:
    assert verdict((FIXTURES / "real/gcc.log").read_bytes()).severity is Severity.CRITICAL
    assert verdict((FIXTURES / "real/ruff.log").read_bytes()).severity is Severity.LOW


def test_nothing_found_says_so() -> None:
    found = verdict(b"all is well\n")
    assert (found.category, found.failures, found.suspects) == (Category.NOT_REPRODUCIBLE, 0, [])


def test_the_published_schema_is_fresh() -> None:
    assert FILE.read_text("utf-8") == schema_text()
