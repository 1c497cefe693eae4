"""Who is meant by what is typed, decided before anybody gets it.

Focus moves at once, so that all that comes in one burst (a paste and Enter behind it) goes the same way.
"""

from textual.events import Event, Key, Paste

from tui.conversation.view import MEANINGS, Conversation


def means_prompt(event: Event, focused: object) -> bool:
    """Whether a paste or a letter that came while `focused` had the keys is meant for the prompt."""
    if isinstance(event, Paste):
        return True
    own = MEANINGS if isinstance(focused, Conversation) else ()
    return isinstance(event, Key) and event.is_printable and event.key not in own
