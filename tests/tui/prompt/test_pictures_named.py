"""Which pictures a request names, and which pasted text is a dropped picture."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.prompt.pictures import dropped, mention, pictures_in


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("why @a.png?", ("a.png",)),
        ('see @"my shot.JPG", and @b/c.webp.', ("my shot.JPG", "b/c.webp")),
        ("@a.png @a.png", ("a.png",)),
        ("mail me@a.png", ()),
        ("@a.py @png", ()),
        ("(@a.gif)", ("a.gif",)),
    ],
)
def test_mentions_of_pictures_are_found(text: str, paths: tuple[str, ...]) -> None:
    assert pictures_in(text) == paths


@given(st.text(st.characters(exclude_characters='"\n', exclude_categories=["Cs", "Cc"]), min_size=1))
def test_what_is_mentioned_is_found_again(name: str) -> None:
    path = f"/x/{name}.png"
    assert pictures_in(f"look at {mention(path)} please") == (path,)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/tmp/a.png", "/tmp/a.png"),
        ("'/tmp/my a.png' ", "/tmp/my a.png"),
        ("/tmp/my\\ a.png", "/tmp/my a.png"),
        ("file:///tmp/my%20a.png", "/tmp/my a.png"),
        ("~/a.webp", "~/a.webp"),
        ("a.png", ""),
        ("/tmp/a.py", ""),
        ("/tmp/a.png /tmp/b.png", ""),
        ("it's /a.png", ""),
    ],
)
def test_a_dropped_picture_is_known_by_its_path(text: str, path: str) -> None:
    assert dropped(text) == path


@given(st.text())
def test_no_pasted_text_breaks_it(text: str) -> None:
    dropped(text)
    assert dropped(shlex.quote(f"/tmp/{text}.png")) in ("", f"/tmp/{text}.png")
