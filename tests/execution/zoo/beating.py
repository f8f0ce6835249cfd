"""Candidates that promise heartbeats."""
# ruff: noqa

import os
import signal
import sys
import threading
import time

from zoo import Good, Misbehaving


def counted_beats():
    """A semaphore that the thread of the shim releases whenever it has said that it is alive."""
    beats = threading.Semaphore(0)
    channel = sys.modules["__main__"].Channel
    send = channel.send

    def counted(self, pieces):
        is_beat = b'"alive"' in bytes(pieces[0])
        send(self, pieces)
        if is_beat:
            beats.release()

    channel.send = counted
    return beats


class Beats(Good):
    """Works until its thread has said five times that it is alive."""

    heartbeat_seconds = 0.2

    def __init__(self, options):
        super().__init__(options)
        self.beats = counted_beats()

    def work(self):
        for _ in range(5):
            if not self.beats.acquire(timeout=60):
                raise TimeoutError

    def answer(self, request):
        while self.beats.acquire(blocking=False):
            pass
        self.work()
        return self.scored(request)


class BeatsByItself(Beats):
    """Says only when it has loaded how often it beats."""

    heartbeat_seconds = None

    def __init__(self, options):
        super().__init__(options)
        self.heartbeat_seconds = 0.2


class BeatsWhileItLoads(Beats):
    def __init__(self, options):
        super().__init__(options)
        self.work()


class Stops(Misbehaving):
    """The whole process, its heart included."""

    heartbeat_seconds = 0.2

    def misbehave(self, request):
        os.kill(os.getpid(), signal.SIGSTOP)


class HangsBeating(Misbehaving):
    heartbeat_seconds = 0.2

    def misbehave(self, request):
        time.sleep(600)


class AnswersAtLength(Good):
    """Beats as often as it may, beside an answer that does not fit into the pipe."""

    heartbeat_seconds = 0.1

    def answer(self, request):
        time.sleep(0.1)
        return dict(self.scored(request), reason="x" * 3_000_000)


class PromisesNonsense(Good):
    heartbeat_seconds = "often"


class PromisesTooMuch(Good):
    heartbeat_seconds = 0.001
