"""The grammar of each command, one file each: `add_NAME` adds it to the command line (`cli.parser`)."""
