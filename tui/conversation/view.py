"""The scrolling conversation. Only its newest blocks are widgets; older ones come back when they are scrolled to."""

from collections.abc import Iterable, Sequence

from textual.containers import VerticalScroll
from textual.widget import Widget

from agent.events import Event
from tui.conversation.block_view import BlockView
from tui.conversation.line_view import LineView
from tui.conversation.thought_view import ThoughtView
from tui.conversation.tool_view import ToolView
from tui.conversation.user_view import UserView
from tui.model.blocks import AnswerBlock, Block, ThoughtBlock, ToolBlock, UserBlock
from tui.model.feed import Feed

# Layout cost grows with mounted widgets: this many are kept, and this many more are mounted at a time.
MOUNTED = 80
MOUNTED_MORE = 40


class Conversation(VerticalScroll):
    """Follows the end unless the person has scrolled away from it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.feed = Feed()
        self._views: dict[int, BlockView] = {}
        self._first = 0

    async def on_mount(self) -> None:
        """Stay at the end while text comes in."""
        self.anchor()

    async def take(self, events: Iterable[Event]) -> None:
        """Show what happened. Events of one batch are drawn once."""
        known = len(self.feed.blocks)
        changed: dict[int, Block] = {}
        for event in events:
            changed |= {id(block): block for block in self.feed.apply(event)}
        new = self.feed.blocks[known:]
        with self.app.batch_update():  # pyright: ignore[reportUnknownMemberType]  # App is generic in its result
            if new:
                await self.mount_all(self._made(new))
                await self._drop_oldest()
            for key in changed:
                if view := self._views.get(key):
                    await view.sync()

    async def restart(self) -> None:
        """Begin anew, with nothing on the screen."""
        self.feed, self._views, self._first = Feed(), {}, 0
        await self.remove_children()

    def _made(self, blocks: Sequence[Block]) -> list[Widget]:
        views: list[Widget] = []
        for block in blocks:
            view = view_of(block)
            self._views[id(block)] = view
            views.append(view)
        return views

    async def _drop_oldest(self) -> None:
        """Unmount what is far above, while the person looks at the end."""
        mounted = len(self.feed.blocks) - self._first
        if mounted <= MOUNTED + MOUNTED_MORE or not self.is_vertical_scroll_end:
            return
        upto = len(self.feed.blocks) - MOUNTED
        gone = [self._views.pop(id(block)) for block in self.feed.blocks[self._first : upto]]
        self._first = upto
        await self.remove_children(gone)

    async def show_earlier(self) -> None:
        """Mount the blocks above the first one; the screen stays where it is."""
        if self._first == 0:
            return
        start = max(0, self._first - MOUNTED_MORE)
        earlier = self._made(self.feed.blocks[start : self._first])
        before = self.virtual_size.height
        self._first = start
        await self.mount_all(earlier, before=0)
        self.call_after_refresh(self._keep_place, before)

    def _keep_place(self, height_before: int) -> None:
        self.scroll_to(y=self.scroll_y + self.virtual_size.height - height_before, animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """At the top, bring earlier blocks back."""
        super().watch_scroll_y(old_value, new_value)
        if new_value <= 0 < old_value and self._first:
            self.run_worker(self.show_earlier(), exclusive=True, group="earlier")


def view_of(block: Block) -> BlockView:
    """The widget for a block."""
    match block:
        case UserBlock():
            return UserView(block)
        case ThoughtBlock():
            return ThoughtView(block)
        case AnswerBlock():
            # Its Markdown would be a tenth of the first paint.
            from tui.conversation.answer_view import AnswerView

            return AnswerView(block)
        case ToolBlock():
            return ToolView(block)
        case _:
            return LineView(block)
