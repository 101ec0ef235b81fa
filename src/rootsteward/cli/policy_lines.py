"""`policy evaluate --jsonl`: from standard input to standard output, a line at a time."""

from collections.abc import Iterator
from typing import Protocol

from rootsteward.policy.jsonl import evaluate_lines

_CHUNK_BYTES = 65_536
_ERROR_FIELD = ',"error":'
"""INVARIANT: within a JSON string every quote is escaped, so only the field itself looks so."""


class AnswerSink(Protocol):
    """Where answers go: a buffered binary stream."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes."""

    def flush(self) -> None:
        """Hand on what was taken."""


class ChunkReader(Protocol):
    """What is read from: a buffered binary stream."""

    def read1(self, size: int, /) -> bytes:
        """What is there, at most `size` bytes; waits only when nothing is."""


def answer_lines(source: ChunkReader, sink: AnswerSink) -> bool:
    """Answer every line, in order.

    Answers are handed on before more input is waited for, so that a peer may talk line by line.
    Only one line and one chunk of input are held at a time.

    Returns:
        Whether every line could be answered.

    Raises:
        BrokenPipeError: when the reader of the answers has gone.
    """
    complete = True
    for line in evaluate_lines(_lines(source, sink)):
        complete = complete and _ERROR_FIELD not in line
        sink.write(line.encode("utf-8") + b"\n")
    sink.flush()
    return complete


def _lines(source: ChunkReader, sink: AnswerSink) -> Iterator[str]:
    """Text lines without their ends.

    A byte that is no UTF-8 becomes a lone surrogate, which the engine refuses as a bad line.
    """
    pieces: list[bytes] = []
    while True:
        sink.flush()
        chunk = source.read1(_CHUNK_BYTES)
        if not chunk:
            break
        first, *rest = chunk.split(b"\n")
        pieces.append(first)
        for following in rest:
            yield _text(b"".join(pieces))
            pieces = [following]
    if any(pieces):
        yield _text(b"".join(pieces))


def _text(line: bytes) -> str:
    return line.decode("utf-8", errors="surrogateescape")
