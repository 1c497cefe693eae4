"""Rich's Markdown with all headings on the left, where a reader of a terminal looks for them."""

from typing import ClassVar

from rich.markdown import Heading, Markdown, MarkdownElement


class _LeftHeading(Heading):
    LEVEL_ALIGN: ClassVar = dict.fromkeys(Heading.LEVEL_ALIGN, "left")


class LeftMarkdown(Markdown):
    """Markdown for a conversation."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "heading_open": _LeftHeading}
