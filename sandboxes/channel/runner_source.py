"""What is sent to start the runner: a few lines on the command line, then the sources over standard input."""

import json
import struct
from importlib import resources

# In the order of their imports.
_MODULES = ("frames", "spool", "processes", "family", "shell", "command", "files", "tree", "supervisor", "main")
_SIZE = struct.Struct(">I")

# What the other side says first: both of the same length, so that one read tells which.
HELLO = b"qwright1\n"
NO_PYTHON = b"nopython\n"

# Leaves with 86 where the interpreter is too old, before it has read anything.
BOOT = """\
import sys
if sys.version_info < (3, 6): sys.exit(86)
import json, os, struct, types
os.write(1, b'qwright1\\n')
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

PYTHONS = ("python3", "python", "/opt/miniconda3/bin/python", "/usr/local/bin/python3", "/usr/libexec/platform-python")

# The host speaks first: an engine may lose what arrives together with its answer to the request for the connection.
# A Python that is too old, or that is none, is left out; the right one takes the place of this shell, whose descriptors
# every process of the same user could otherwise write to.
FIND_PYTHON = """\
read -r _
boot=$1; shift
for python; do
    "$python" -I -S -c 'import sys; sys.exit(sys.version_info < (3, 6))' >/dev/null 2>&1 </dev/null || continue
    exec "$python" -I -S -u -c "$boot"
done
echo nopython
"""


def bundle() -> bytes:
    """Length and JSON list of (module name, source)."""
    folder = resources.files("sandboxes.runner")
    modules = [("sandboxes", ""), ("sandboxes.runner", "")]
    modules += [(f"sandboxes.runner.{name}", folder.joinpath(f"{name}.py").read_text("utf-8")) for name in _MODULES]
    text = json.dumps(modules).encode()
    return _SIZE.pack(len(text)) + text
