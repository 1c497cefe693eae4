"""The conversation on the screen, from events, with keys that go from block to block."""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual import events
from textual.timer import Timer

from tui.conversation.keys import KEYS
from tui.conversation.lines_view import LinesView
from tui.conversation.sheet import Sheet
from tui.conversation.words import TURNS_PER_S

if TYPE_CHECKING:
    from agent.events import Event
    from tui.model.blocks import Block, ToolBlock
    from tui.model.feed import Feed

# What a key does in the conversation.
MEANINGS = {key: row.action for row in KEYS for key in row.key.split(",")}


class Conversation(LinesView):
    """One widget for all blocks. A timer turns while a tool runs, and only then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, id: str | None = None) -> None:
        super().__init__(clock, id=id)
        self._feed: Feed | None = None
        self._busy_calls: dict[int, ToolBlock] = {}
        self._timer: Timer | None = None

    @property
    def feed(self) -> "Feed":
        """The blocks. Loaded with the first event: the first paint has none."""
        if self._feed is None:
            from tui.model.feed import Feed

            self._feed = Feed()
        return self._feed

    @property
    def turning(self) -> bool:
        """Whether a timer runs."""
        return self._timer is not None

    async def take(self, events: "Iterable[Event]") -> None:
        """Show what happened. Events of one batch are drawn once."""
        from tui.model.blocks import ToolBlock

        known = len(self.feed.blocks)
        changed: dict[int, Block] = {}
        for event in events:
            changed |= {id(block): block for block in self.feed.apply(event)}
        self.sheet.add(self.feed.blocks[known:], self.room)
        for key, block in changed.items():
            self.sheet.changed(block)
            if isinstance(block, ToolBlock) and block.state == "running":
                block.began = self._clock() if block.began is None else block.began
                self._busy_calls[key] = block
            else:
                self._busy_calls.pop(key, None)
        self._keep_turning()
        if changed:
            self.settle()

    async def restart(self) -> None:
        """Begin anew, with nothing on the screen."""
        self._feed, self.sheet, self.cursor = None, Sheet(), -1
        self._busy_calls.clear()
        self._keep_turning()
        self.follow()

    def fold(self, place: int, *, folded: bool) -> None:
        """Open or fold a block."""
        entry = self.sheet.entries[place]
        entry.folded = folded
        self.sheet.changed(entry.block)
        self.settle()

    def on_click(self, event: events.Click) -> None:
        """A click opens and folds."""
        place = self.entry_at(event.y)
        if place >= 0 and not self.screen.get_selected_text():
            self._put_cursor(place)
            self.action_fold()

    async def on_key(self, event: events.Key) -> None:
        """Keys of the table."""
        if action := MEANINGS.get(event.key):
            event.stop()
            event.prevent_default()
            await self.run_action(action)

    def on_focus(self) -> None:
        """Begin at the last block that is seen."""
        if not 0 <= self.cursor < len(self.sheet.entries):
            self.cursor = len(self.sheet.entries)
            self.action_step(-1)
        self.settle()

    def on_blur(self) -> None:
        """Without the focus no block is marked."""
        self.cursor = -1
        self.settle()

    def action_step(self, by: int) -> None:
        """The next block that has lines; below the last one the prompt begins."""
        place = self.cursor + by
        while 0 <= place < len(self.sheet.entries) and not self.sheet.entries[place].height:
            place += by
        if place >= len(self.sheet.entries):
            self.follow()
            self.action_leave()
        elif place >= 0:
            self._put_cursor(place)

    def action_first(self) -> None:
        """The first block."""
        self.cursor = -1
        self.action_step(1)

    def action_last(self) -> None:
        """The last block, and on with what comes."""
        self.cursor = len(self.sheet.entries)
        self.action_step(-1)
        self.follow()

    def action_fold(self) -> None:
        """Open or fold the marked block."""
        if self._under_cursor is not None:
            self.fold(self.cursor, folded=not self.sheet.entries[self.cursor].folded)
            self.show_entry(self.cursor)

    def action_whole(self) -> None:
        """All of the marked block on a page of its own."""
        from tui.conversation.block_page import page_of

        if (block := self._under_cursor) is not None:
            self.app.push_screen(page_of(block, self.in_columns))  # pyright: ignore[reportUnknownMemberType]  # App is generic in its result

    def action_copy(self) -> None:
        """The marked block into the clipboard."""
        from tui.conversation.whole import whole

        if (block := self._under_cursor) is not None:
            text = whole(block)[1].plain
            self.app.copy_to_clipboard(text)  # pyright: ignore[reportUnknownMemberType]  # App is generic in its result
            self.notify(f"{len(text):,} characters are in the clipboard, if your terminal allows it.", markup=False)

    def action_diff_columns(self) -> None:
        """Diffs in two columns or in one, from now on."""
        from tui.conversation.diff_text import in_columns

        self.in_columns = not in_columns(self.look.width, self.in_columns)
        self.draw_anew()

    def action_leave(self) -> None:
        """Back into the prompt; what is looked at stays."""
        self.screen.focus_previous()

    @property
    def _under_cursor(self) -> "Block | None":
        entries = self.sheet.entries
        return entries[self.cursor].block if 0 <= self.cursor < len(entries) else None

    def _put_cursor(self, place: int) -> None:
        self.cursor = place
        self.show_entry(place)

    def _keep_turning(self) -> None:
        if self._busy_calls and self._timer is None:
            self._timer = self.set_interval(1 / TURNS_PER_S, self._turn)
        elif not self._busy_calls and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _turn(self) -> None:
        for block in self._busy_calls.values():
            self.sheet.changed(block)
        self.settle()
