"""Merlin transcripts (merlin.cool) over STROBE-128, as far as non-interactive proofs need them."""

import privity as p

RATE = 166
I, A, C, M = 1, 2, 4, 16


def _permute(state):
    lanes = [[0] * 5 for _ in range(5)]
    for i in range(25):
        lanes[i % 5][i // 5] = int.from_bytes(state[8 * i : 8 * i + 8], "little")
    lanes = p._keccak_f(lanes)
    return bytearray(b"".join(lanes[i % 5][i // 5].to_bytes(8, "little") for i in range(25)))


class Transcript:
    """Messages in, challenges out."""

    def __init__(self, label):
        start = bytes([1, RATE + 2, 1, 0, 1, 96]) + b"STROBEv1.0.2"
        self.state = _permute(bytearray(start + bytes(200 - len(start))))
        self.at, self.begin, self.flags = 0, 0, 0
        self._operate(M | A, b"Merlin v1.0")
        self.append(b"dom-sep", label)

    def _run(self):
        self.state[self.at] ^= self.begin
        self.state[self.at + 1] ^= 0x04
        self.state[RATE + 1] ^= 0x80
        self.state = _permute(self.state)
        self.at, self.begin = 0, 0

    def _absorb(self, data):
        for byte in data:
            self.state[self.at] ^= byte
            self.at += 1
            if self.at == RATE:
                self._run()

    def _operate(self, flags, data, more=False):
        if not more:
            old, self.begin, self.flags = self.begin, self.at + 1, flags
            self._absorb(bytes([old, flags]))
            if flags & C and self.at:
                self._run()
        self._absorb(data)

    def append(self, label, message):
        """label ‖ length as metadata, then the message."""
        self._operate(M | A, label)
        self._operate(M | A, len(message).to_bytes(4, "little"), more=True)
        self._operate(A, message)

    def challenge(self, label, count):
        """`count` bytes."""
        self._operate(M | A, label)
        self._operate(M | A, count.to_bytes(4, "little"), more=True)
        self._operate(I | A | C, b"")
        out = bytearray()
        for _ in range(count):
            out.append(self.state[self.at])
            self.state[self.at] = 0
            self.at += 1
            if self.at == RATE:
                self._run()
        return bytes(out)


def known_answer():
    """The test `equivalence_simple` of the merlin crate compares with an independent STROBE; this is its challenge."""
    transcript = Transcript(b"test protocol")
    transcript.append(b"some label", b"some data")
    answer = "d5a21972d0d5fe320c0d263fac7fffb8145aa640af6e9bca177c03c7efcf0615"
    assert transcript.challenge(b"challenge", 32).hex() == answer
