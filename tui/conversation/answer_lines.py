"""The model's words as lines. What cannot change any more is drawn once; with each token only the end is drawn."""

from dataclasses import dataclass, field

from textual.strip import Strip

from tui.conversation.look import Look
from tui.model.blocks import AnswerBlock
from tui.model.markdown_pieces import Piece, stable_pieces
from tui.model.safe import visible


@dataclass(slots=True)
class AnswerLines:
    """Kept for one answer at one width."""

    drawn: list[Strip] = field(default_factory=list[Strip])
    length: int = 0
    last: Piece | None = None

    def of(self, block: AnswerBlock, look: Look) -> list[Strip]:
        """All lines as the answer stands."""
        text = block.text if block.done else block.text[self.length :]
        if block.done:
            # Code that was cut while it came is highlighted as a whole.
            self.drawn, self.length, self.last = [], 0, None
        inside = self.last.inside if self.last else ""
        pieces = stable_pieces(text, inside)
        for piece in _whole(pieces) if block.done else pieces:
            self._append(piece, look)
        rest = block.text[self.length :]
        if not rest.strip():
            return [*self.drawn]
        inside = self.last.inside if self.last else ""
        tail = _markdown(f"{inside}{rest}", look)
        return [*self.drawn, *self._gap(), *tail]

    def _append(self, piece: Piece, look: Look) -> None:
        lines = _markdown(piece.text, look)
        self.drawn += [*self._gap(), *lines]
        self.length += piece.length
        self.last = piece

    def _gap(self) -> list[Strip]:
        return [] if self.last is None or self.last.goes_on else [Strip.blank(0)]


def _whole(pieces: list[Piece]) -> list[Piece]:
    """Pieces with code that was cut put together again."""
    whole: list[Piece] = []
    for piece in pieces:
        if whole and whole[-1].inside:
            before = whole.pop()
            code = before.text[: before.text.rindex("\n") + 1] + piece.text.removeprefix(before.inside)
            whole.append(Piece(code, before.length + piece.length, piece.goes_on, piece.inside))
        else:
            whole.append(piece)
    return whole


def _markdown(text: str, look: Look) -> list[Strip]:
    # Loaded with the first answer, behind the first paint.
    from tui.conversation.markdown import LeftMarkdown

    theme = "ansi_dark" if look.dark else "ansi_light"
    lines = look.lines(LeftMarkdown(visible(text), code_theme=theme, hyperlinks=False))
    while lines and not lines[-1].text.strip():
        lines.pop()
    while lines and not lines[0].text.strip():
        lines.pop(0)
    return lines
