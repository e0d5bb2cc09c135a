"""Files that are written wholly or not at all."""

import contextlib
import os
import shutil
from pathlib import Path


def write_whole(file: Path, content: bytes) -> None:
    """Write a file, or put another in its place with the same permissions.

    Raises OSError where it cannot be written, as on a full disk; what was there then still is, and nothing beside it.
    """
    file = file.resolve()  # of a link what it leads to is replaced
    if file.exists() and not file.is_file():
        file.write_bytes(content)  # a device or a pipe
        return
    beside = file.with_name(f".{file.name[:100]}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        if file.exists():
            shutil.copymode(file, beside)
        beside.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
