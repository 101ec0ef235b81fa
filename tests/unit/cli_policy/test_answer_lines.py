"""How lines are cut out of chunks, and when answers are handed on."""

import json
from dataclasses import dataclass, field

import pytest

from rootsteward.cli.policy_lines import answer_lines

LINE = json.dumps(
    {"id": "é", "principal": "arn:aws:iam::1:root", "action": "a:B", "resource": "*"},
    ensure_ascii=False,
).encode()


@dataclass
class Sink:
    """Holds answers back until it is flushed, as a buffered stream does."""

    held: list[bytes] = field(default_factory=list)
    out: list[bytes] = field(default_factory=list)

    def write(self, data: bytes, /) -> int:
        self.held.append(data)
        return len(data)

    def flush(self) -> None:
        self.out += self.held
        self.held.clear()

    def answers(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in b"".join(self.out).splitlines()]


@dataclass
class Chunks:
    """A peer that sends chunks, and looks what has come back before it sends the next."""

    chunks: list[bytes]
    sink: Sink
    seen: list[int] = field(default_factory=list)

    def read1(self, size: int, /) -> bytes:
        self.seen.append(len(self.sink.out))
        chunk = self.chunks.pop(0) if self.chunks else b""
        assert len(chunk) <= size
        return chunk


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_lines_are_whole_however_they_arrive(size: int) -> None:
    data = LINE + b"\n" + LINE + b"\n\n" + LINE
    sink = Sink()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    assert answer_lines(Chunks(chunks, sink), sink)
    assert [answer["id"] for answer in sink.answers()] == ["é"] * 3


def test_every_answer_is_out_before_more_input_is_waited_for() -> None:
    sink = Sink()
    peer = Chunks([LINE + b"\n", LINE + b"\n" + LINE + b"\n"], sink)
    answer_lines(peer, sink)
    assert peer.seen == [0, 1, 3]


def test_an_error_is_told_from_a_text_that_speaks_of_one() -> None:
    asked = json.loads(LINE) | {"id": ',"error":'}
    good, bad = Sink(), Sink()
    assert answer_lines(Chunks([json.dumps(asked).encode()], good), good)
    assert not answer_lines(Chunks([b"{}"], bad), bad)
