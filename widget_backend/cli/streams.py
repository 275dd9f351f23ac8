"""Standard output and error that never end a run: a reader that has gone, or a letter that cannot be said, is passed over."""

from __future__ import annotations

import io
import sys
from typing import Any, TextIO

NAMES = {1: "stdout", 2: "stderr"}


def steady() -> None:
    """Put them in place of the process's own; a closed one, or one that a caller has put there, is left."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout is sys.__stdout__:
        sys.stdout = _steady(sys.stdout)
    if isinstance(sys.stderr, io.TextIOWrapper) and sys.stderr is sys.__stderr__:
        sys.stderr = _steady(sys.stderr)


class _Lasting(io.FileIO):
    """What is written after the reader has gone (``| head -1``) goes nowhere. Any other refusal is raised once, by name."""

    _refused = False

    def write(self, content: Any) -> int:
        """As of any file."""
        try:
            return super().write(content)
        except BrokenPipeError:
            return len(content)
        except OSError as fault:
            if self._refused:
                return len(content)
            self._refused = True
            raise OSError(fault.errno, fault.strerror, NAMES.get(self.fileno(), "—")) from fault


def _steady(stream: io.TextIOWrapper) -> TextIO:
    """The same file under the same encoding."""
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Lasting(stream.fileno(), "wb", closefd=False)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
