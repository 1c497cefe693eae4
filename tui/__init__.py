"""The terminal face (Textual): screens over `tui.host.Host`, which the command line implements.

`model/` turns the engine's events into blocks (pure), `conversation/` shows them, `prompt/` takes what a person types,
`status/` tells what the server and the sandbox are doing, `app.py` puts them together.
"""
