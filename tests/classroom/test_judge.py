"""The judge's end of the line: whatever comes from the other one, it comes back in time."""

import contextlib
import json
import socket
import struct
import threading
import time

import numpy as np
import pytest

from emkit.classroom import judge
from emkit.workshop.bench.line import Closed, Line
from emkit.workshop.bench.parcel import LONGEST, Unreadable, pack, unpack
from emkit.workshop.bench.watch import TooSlow


@pytest.fixture
def answered_by():
    """`answered_by(agent)` is an examinee whose requests `agent(line, request)` answers."""
    ends = []

    def make(agent):
        ours, theirs = socket.socketpair()
        ends.extend([ours, theirs])
        line = Line(theirs)

        def serve():
            with contextlib.suppress(Closed):
                while True:
                    agent(line, unpack(line.receive(), callable_by=lambda place: place))

        threading.Thread(target=serve, daemon=True).start()
        return judge.Examinee("f", Line(ours))

    yield make
    for end in ends:
        end.close()


def within_seconds(seconds, examinee, **options):
    began = time.monotonic()
    with pytest.raises(judge.Lost, match="doesn't come back"):
        examinee.call((), {}, limit=seconds, **options)
    assert time.monotonic() - began < 10


def test_someone_who_asks_for_ever_is_lost(answered_by, monkeypatch):
    monkeypatch.setattr(judge, "GRACE", 0)

    def ask(line, request):
        while True:
            line.send(pack({"ask": "g", "args": (), "kwargs": {}}))
            line.receive()

    within_seconds(1, answered_by(ask), stand_ins={"g": lambda: 1})


def test_a_right_answer_that_is_asked_for_too_much_is_stopped(answered_by, monkeypatch):
    monkeypatch.setattr(judge, "GRACE", 0)

    def forever(n):
        while n:
            n += 1

    def ask(line, request):
        line.send(pack({"ask": "g", "args": (1,), "kwargs": {}}))

    within_seconds(1, answered_by(ask), stand_ins={"g": forever})


def test_what_ends_in_time_is_not_stopped_afterwards():
    with judge.within(0.2):
        pass
    time.sleep(0.4)
    with pytest.raises(TooSlow):
        try_for(0.1)


def try_for(seconds):
    with judge.within(seconds):
        while True:
            pass


@pytest.mark.parametrize("lie", [-1e300, float("nan"), float("inf"), 1e6, "1", None])
def test_nobody_lies_about_time(answered_by, lie):
    examinee = answered_by(lambda line, request: line.send(pack({"answer": 1, "seconds": lie})))
    began = time.monotonic()
    seconds = examinee.call((), {}).seconds
    assert 0 <= seconds <= time.monotonic() - began


def test_small_things_are_counted_before_they_are_made():
    text = json.dumps({"list": [0] * (LONGEST // 2)}).encode()
    with pytest.raises(Unreadable):
        unpack(struct.pack("<I", len(text)) + text)
    array = np.zeros(LONGEST)
    assert unpack(pack(array)).shape == array.shape


def test_a_long_error_is_cut():
    output = judge.error_output(AssertionError("x" * 10**7))
    assert len(output.evalue) < 10**4
    assert len("".join(output.traceback)) < 10**4
