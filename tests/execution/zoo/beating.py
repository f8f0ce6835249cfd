"""Candidates that promise heartbeats."""
# ruff: noqa

import os
import signal
import time

from zoo import Good, Misbehaving


class Beats(Good):
    """Is silent for longer than three promised intervals, while its thread beats."""

    heartbeat_seconds = 0.2

    def answer(self, request):
        time.sleep(1.0)
        return self.scored(request)


class BeatsByItself(Good):
    """Says only when it has loaded how often it beats."""

    def __init__(self, options):
        super().__init__(options)
        self.heartbeat_seconds = 0.2

    def answer(self, request):
        time.sleep(1.0)
        return self.scored(request)


class BeatsWhileItLoads(Beats):
    def __init__(self, options):
        super().__init__(options)
        time.sleep(1.0)


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
