"""What a run came to: as JSON, Markdown and one page of HTML, and the readable trajectory of each instance."""
