"""How the app looks: colours by name, and no text that is hard to read."""
