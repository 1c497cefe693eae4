"""What is sent to start the runner: a few lines on the command line, then the sources over standard input."""

import json
import struct
from importlib import resources

# In the order of their imports.
_MODULES = ("frames", "spool", "processes", "shell", "command", "files", "tree", "supervisor", "main")
_SIZE = struct.Struct(">I")

# Leaves with 86 where the interpreter is too old, before it has read anything.
BOOT = """\
import sys
if sys.version_info < (3, 6): sys.exit(86)
import json, os, struct, types
def read(size):
    data = b''
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part: sys.exit(0)
        data += part
    return data
for name, source in json.loads(read(struct.unpack('>I', read(4))[0]).decode()):
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(source, name, 'exec'), module.__dict__)
sys.modules['sandboxes.runner.main'].main()
"""

# Isolated and without site packages: starts quicker, and nothing of the image's Python setup can change the runner.
PYTHON_OPTIONS = ("-I", "-S", "-u", "-c", BOOT)


def bundle() -> bytes:
    """Length and JSON list of (module name, source)."""
    folder = resources.files("sandboxes.runner")
    modules = [("sandboxes", ""), ("sandboxes.runner", "")]
    modules += [(f"sandboxes.runner.{name}", folder.joinpath(f"{name}.py").read_text("utf-8")) for name in _MODULES]
    text = json.dumps(modules).encode()
    return _SIZE.pack(len(text)) + text
