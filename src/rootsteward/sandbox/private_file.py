"""Writing a file that holds secrets: for its owner only, and whole or not at all."""

import os
import tempfile
from pathlib import Path


def write_private_file(path: Path, text: str) -> None:
    """Write a text file with mode 0600; an existing file is replaced.

    Raises:
        OSError: when it cannot be written; the file that was there is untouched.
    """
    # WHY mkstemp: it makes the file for its owner only, before anything is in it.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
