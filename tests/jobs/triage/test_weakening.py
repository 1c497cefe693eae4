"""Patches that make the tests say less are no repairs."""

import pytest

from jobs.triage.weakening import weakened

HEAD = "diff --git a/{path} b/{path}\nindex 1..2 100644\n--- a/{path}\n+++ b/{path}\n@@ -1,2 +1,2 @@\n"
OLD = "-def test_total():\n-    assert total([1]) == 1\n"
DELETED = "diff --git a/{path} b/{path}\ndeleted file mode 100644\n--- a/{path}\n+++ /dev/null\n"


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("tests/test_cart.py", OLD, "takes the failing test test_total away"),
        ("tests/test_cart.py", OLD + "+def test_sum():\n+    pass\n", "takes the failing test test_total away"),
        ("tests/test_cart.py", OLD + "+def test_total():\n+    assert total([1]) == 2\n", ""),
        ("tests/test_cart.py", OLD.replace("total", "other"), ""),
        (
            "tests/test_cart.py",
            "+@pytest.mark.skip(reason='x')\n def test_total():\n",
            "skips tests in tests/test_cart.py",
        ),
        ("tests/test_cart.py", "+    pytest.skip('later')\n", "skips tests"),
        ("tests/test_cart.py", "+@unittest.expectedFailure\n", "skips tests"),
        ("src/cart.test.js", "-it('adds', f)\n+it.skip('adds', f)\n", "skips tests"),
        ("cart_test.go", "+\tt.Skip()\n", "skips tests"),
        ("cart_test.go", "-func test_total(t *testing.T) {\n", "takes the failing test test_total away"),
        ("shop/cart.py", OLD + "+pytest.skip('no test')\n", ""),
    ],
)
def test_a_patch_that_makes_the_tests_say_less(path: str, body: str, said: str) -> None:
    found = weakened(HEAD.format(path=path) + body, {"test_total"})
    assert (said in found) if said else not found


def test_a_deleted_file_of_tests() -> None:
    assert weakened(DELETED.format(path="tests/test_x.py"), ()) == "it deletes tests/test_x.py"
    assert not weakened(DELETED.format(path="shop/x.py"), ())
