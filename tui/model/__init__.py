"""What the screen shows, as data: the engine's events become blocks. Pure, without Textual."""
