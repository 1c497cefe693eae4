"""Keys of the conversation, for its bindings and for the table of commands alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BlockKey:
    """`key` has Textual's names, separated by commas; `action` is a method of `Conversation`."""

    key: str
    action: str
    help: str


KEYS: tuple[BlockKey, ...] = (
    BlockKey("up,k", "step(-1)", "the block above"),
    BlockKey("down,j", "step(1)", "the block below; behind the last one back into the prompt"),
    BlockKey("g,home", "first", "the first block"),
    BlockKey("G,end", "last", "the last block, and follow what comes"),
    BlockKey("enter,space", "fold", "open or fold the block; a click does it too"),
    BlockKey("o", "whole", "the whole block on a page of its own, with search"),
    BlockKey("y", "copy", "the block's text into the clipboard (OSC 52)"),
    BlockKey("d", "diff_columns", "diffs in two columns or in one"),
    BlockKey("escape", "leave", "back into the prompt"),
)
