"""`go test -v`: what passed is forgotten, so that a failure after thousands of tests still finds its message."""

from tests.jobs.triage.inputs import failures


def log(count: int, outcome: str) -> str:
    passed = "".join(
        f"=== RUN   Test{n}\n    cart_test.go:{n + 1}: noise\n--- {outcome}: Test{n} (0.00s)\n" for n in range(count)
    )
    return passed + "=== RUN   TestLast\n    cart_test.go:9: got 1, want 2\n--- FAIL: TestLast (0.00s)\nFAIL\n"


def test_a_failure_after_thousands_that_passed() -> None:
    for outcome in ("PASS", "SKIP"):
        (found,) = failures(log(1500, outcome))
        assert (found.name, found.message) == ("TestLast", "got 1, want 2"), outcome


def test_of_many_that_run_at_once_the_latest_are_known() -> None:
    running = "".join(f"=== RUN   Test{n}\n=== PAUSE Test{n}\n" for n in range(1500))
    (found,) = failures(running + log(0, ""))
    assert found.message == "got 1, want 2"


def test_what_a_passed_test_says_is_not_the_words_of_the_next_failure() -> None:
    text = log(1, "PASS").replace("    cart_test.go:9: got 1, want 2\n", "")
    (found,) = failures(text)
    assert found.message == ""
