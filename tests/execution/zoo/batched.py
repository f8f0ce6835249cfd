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


class SpoilsItsCopies(Good):
    """Writes over its copies and dies, the first time."""

    def answer_batch(self, requests):
        for request in requests:
            with open(request["files"][0], "w") as stream:
                stream.write("0")
        os._exit(1)

    def answer(self, request):
        with open(request["files"][0]) as stream:
            return {"status": "answered", "findings": {"fracture": {"score": float(stream.read())}}}


class HangsAfterTwo(Good):
    def answer(self, request):
        self.n_asked += 1
        if self.n_asked == 3:
            open(self.options["counter"], "w").close()
            time.sleep(600)
        return self.scored(request)
