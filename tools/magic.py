"""What a binary file is, guessed from its first bytes (pure)."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (8, b"WEBP", "a WebP image"),
    (0, b"BM", "a BMP image"),
    (0, b"%PDF-", "a PDF document"),
    (0, b"\x7fELF", "an ELF executable or library"),
    (0, b"MZ", "a Windows executable or library"),
    (0, b"\xcf\xfa\xed\xfe", "a Mach-O executable or library"),
    (0, b"\xca\xfe\xba\xbe", "a Java class or universal binary"),
    (0, b"\0asm", "a WebAssembly module"),
    (0, b"PK\x03\x04", "a ZIP archive (also wheels, jars, office documents)"),
    (0, b"\x1f\x8b", "gzip-compressed data"),
    (0, b"BZh", "bzip2-compressed data"),
    (0, b"\xfd7zXZ\0", "xz-compressed data"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard-compressed data"),
    (257, b"ustar", "a tar archive"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"PAR1", "a Parquet table"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (0, b"wOF", "a web font"),
    (0, b"OggS", "an Ogg media file"),
    (4, b"ftyp", "an MP4 or related media file"),
    (0, b"RIFF", "a RIFF media file"),
)


# What models are shown as pictures.
_PICTURES = ("a PNG image", "a JPEG image", "a GIF image", "a WebP image")


def is_picture(data: bytes) -> bool:
    """Whether a file begins like a picture of a kind that models are shown."""
    return any(data.startswith(mark, offset) for offset, mark, name in _MAGIC if name in _PICTURES)


def guess(head: bytes) -> str:
    """A noun phrase for the kind of file that begins with `head` (512 bytes are enough)."""
    for offset, mark, name in _MAGIC:
        if head.startswith(mark, offset):
            size = _png_size(head) if name == "a PNG image" else ""
            return name + size
    return "a binary file of unknown type"


def _png_size(head: bytes) -> str:
    if len(head) < 24:
        return ""
    return f" of {int.from_bytes(head[16:20], 'big')} x {int.from_bytes(head[20:24], 'big')} pixels"
