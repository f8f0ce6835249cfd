"""Candidates that answer several cases at once, well and badly."""
# ruff: noqa

import os
import time

from zoo import Good


class Together(Good):
    """Has no ``answer``: even one case comes as a batch."""

    answer = property()  # hasattr is false

    def answer_batch(self, requests):
        with open(self.options["counter"], "a") as counter:
            counter.write("%d\n" % len(requests))
        return [self.one(request) for request in requests]

    def one(self, request):
        return self.misbehave(request) if self.mean(request) == self.options["at"] else self.scored(request)

    def misbehave(self, request):
        return self.scored(request)


class TogetherRaises(Together):
    def misbehave(self, request):
        raise RuntimeError("not this one")


class TogetherDies(Together):
    def misbehave(self, request):
        os._exit(9)


class TogetherLosesOne(Together):
    def answer_batch(self, requests):
        return [self.one(request) for request in requests if self.mean(request) != self.options["at"]]


class TogetherGivesADict(Together):
    def answer_batch(self, requests):
        answers = super().answer_batch(requests)
        return answers if all(self.mean(r) != self.options["at"] for r in requests) else dict(enumerate(answers))


class TogetherGivesAnException(Together):
    def misbehave(self, request):
        return RuntimeError("not this one")


class TogetherGivesAnObject(Together):
    def misbehave(self, request):
        return {"status": object()}


class TogetherGivesNonsense(Together):
    def misbehave(self, request):
        return "positive"


class Slow(Good):
    def answer(self, request):
        time.sleep(0.6)
        return self.scored(request)
