"""Candidates that behave badly, one class each; the case at which they do is in their options."""
# ruff: noqa

import os
import signal
import sys
import threading
import time

import numpy  # while it loads: the time of its first case is for the case


class Good:
    """Scores a case by the mean of its pixels, so that a mix-up of answers shows."""

    def __init__(self, options):
        self.options = options
        self.n_asked = 0

    def answer(self, request):
        self.n_asked += 1
        return self.scored(request)

    def scored(self, request):
        return {"status": "answered", "findings": {"fracture": {"score": self.mean(request)}}}

    def mean(self, request):
        return float(request["images"][0]["pixels"].mean())


class Misbehaving(Good):
    """Good, but for the case whose mean is ``options["at"]`` (as often as ``times``, counted in a file)."""

    def answer(self, request):
        if self.mean(request) == self.options["at"] and self.still_bad():
            return self.misbehave(request)
        return self.scored(request)

    def still_bad(self):
        times = self.options.get("times")
        if times is None:
            return True
        with open(self.options["counter"], "ab") as counter:
            counter.write(b"x")
        return os.path.getsize(self.options["counter"]) <= times


class Segfaults(Misbehaving):
    def misbehave(self, request):
        os.kill(os.getpid(), signal.SIGSEGV)


class Hangs(Misbehaving):
    def misbehave(self, request):
        time.sleep(600)


class HangsBusy(Misbehaving):
    def misbehave(self, request):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            pass


class Exits(Misbehaving):
    def misbehave(self, request):
        sys.exit(3)


class ExitsHard(Misbehaving):
    def misbehave(self, request):
        os._exit(7)


class Raises(Misbehaving):
    def misbehave(self, request):
        raise RuntimeError("the model is unhappy")


class RaisesUnprintable(Misbehaving):
    def misbehave(self, request):
        class Nasty(Exception):
            def __str__(self):
                raise ValueError("no")

        raise Nasty


class ReturnsText(Misbehaving):
    def misbehave(self, request):
        return "positive"


class ReturnsObject(Misbehaving):
    def misbehave(self, request):
        return {"status": "answered", "findings": {"fracture": {"score": object()}}}


class ReturnsNan(Misbehaving):
    def misbehave(self, request):
        return {"status": "answered", "findings": {"fracture": {"score": float("nan")}}}


class ReturnsLoop(Misbehaving):
    def misbehave(self, request):
        answer = {"status": "answered"}
        answer["findings"] = answer
        return answer


class ReturnsHuge(Misbehaving):
    def misbehave(self, request):
        return {"status": "answered", "reason": "x" * 100_000_000, "findings": {"fracture": {"score": 1.0}}}


class ReturnsManyMarks(Misbehaving):
    def misbehave(self, request):
        return {"status": "answered", "marks": [{"finding": "fracture", "x": 1, "y": 1}] * 100_001}


class ReturnsTextArray(Misbehaving):
    def misbehave(self, request):
        import numpy

        return {"status": "answered", "findings": {"fracture": {"score": numpy.array(["a", "bc"])}}}


class WritesToChannel(Misbehaving):
    def misbehave(self, request):
        for descriptor in range(3, 256):
            try:
                os.write(descriptor, b"\x00\x00\x00\x05hello")
            except OSError:
                pass
        return self.scored(request)


class ClosesEverything(Misbehaving):
    def misbehave(self, request):
        os.closerange(0, 4096)
        return self.scored(request)


class Forks(Misbehaving):
    """Both the parent and the fork return an answer; only one of them may be heard."""

    def misbehave(self, request):
        if os.fork() == 0:
            time.sleep(0.05)
        return self.scored(request)


class DiesBehindAFork(Misbehaving):
    """The fork keeps the pipes open while the parent is gone."""

    def misbehave(self, request):
        if os.fork() == 0:
            time.sleep(600)
        os._exit(9)


class Prints(Good):
    def answer(self, request):
        print("a" * 200_000)
        sys.stdout.write("\udcff partial")
        os.write(1, b"raw bytes on descriptor 1")
        os.system("echo from a shell")
        sys.stderr.write("warning\n")
        return self.scored(request)


class ClosesSmallDescriptors(Good):
    def answer(self, request):
        os.closerange(3, 64)
        sys.stdout.close()
        return self.scored(request)


class LeavesThreads(Good):
    def answer(self, request):
        threading.Thread(target=time.sleep, args=(600,)).start()
        return self.scored(request)


class LeavesProcesses(Good):
    def answer(self, request):
        import subprocess

        child = subprocess.Popen(["sleep", "600"])
        with open(self.options["pids"], "a") as pids:
            pids.write(f"{child.pid}\n")
        return self.scored(request)


def leave_a_daemon(pids):
    """A process that no parent of ours knows: forked twice, in a session and folder of its own, deaf to SIGTERM.

    Returns when it has written its id, which may be one of several in the file.
    """
    noted, until_noted = os.pipe()
    if os.fork():
        os.close(until_noted)
        os.wait()
        os.read(noted, 1)  # the end, once the daemon has closed everything
        os.close(noted)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.chdir("/")
    with open(pids, "a") as stream:
        stream.write(f"{os.getpid()}\n")
    os.closerange(0, 4096)
    while True:
        time.sleep(600)


class LeavesDaemons(Good):
    def answer(self, request):
        leave_a_daemon(self.options["pids"])
        return self.scored(request)


class LeavesDaemonsAndDies(LeavesDaemons):
    def answer(self, request):
        super().answer(request)
        os._exit(7)


class LeavesDaemonsAndHangs(Good):
    """Leaves it while it loads, for which there is time, whatever a case has."""

    def __init__(self, options):
        super().__init__(options)
        leave_a_daemon(options["pids"])

    def answer(self, request):
        time.sleep(600)


class KillsItsWarden(LeavesDaemons):
    def answer(self, request):
        super().answer(request)
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)


class StopsItsWarden(LeavesDaemons):
    def answer(self, request):
        os.kill(os.getppid(), signal.SIGSTOP)
        return super().answer(request)


class SpeaksForItself(Misbehaving):
    """Writes a frame of its own making, where REQUEST stands for the id of the request, and leaves."""

    def misbehave(self, request):
        import struct

        header = self.options["header"].replace("REQUEST", request["request_id"]).encode()
        for descriptor in range(200, 256):
            try:
                os.write(descriptor, struct.pack(">I", len(header)) + header)
            except OSError:
                pass
        os._exit(0)


class LocksItsCopies(Good):
    """Puts what cannot be removed beside its copy, and dies at its first attempt."""

    def answer(self, request):
        folder = os.path.dirname(request["files"][0])
        if not os.path.exists(self.options["counter"]):
            with open(self.options["counter"], "wb"):
                pass
            os.mkdir(os.path.join(folder, "locked"))
            open(os.path.join(folder, "locked", "file"), "w").close()
            os.chmod(os.path.join(folder, "locked"), 0)
            os._exit(1)
        return {"status": "answered", "findings": {"fracture": {"score": 12.5}}}


class ChangesItsInput(Good):
    def answer(self, request):
        answer = self.scored(request)
        request["images"][0]["pixels"][:] = 0
        return answer


class LooksAround(Good):
    """Answers what it can see of its surroundings, in its reason."""

    def answer(self, request):
        import json
        import resource

        seen = {
            "cwd": os.getcwd(),
            "environment": dict(os.environ),
            "core": resource.getrlimit(resource.RLIMIT_CORE),
            "session": os.getsid(0) == os.getpid(),
            "keys": sorted(request),
            "image_keys": sorted(request["images"][0]),
            "request_id": request["request_id"],
        }
        return dict(self.scored(request), reason=json.dumps(seen))


class ReadsFiles(Good):
    """Spoils its copy and dies at its first attempt."""

    def answer(self, request):
        path = request["files"][0]
        with open(path, "rb") as stream:
            content = stream.read()
        if not os.path.exists(self.options["counter"]):
            with open(self.options["counter"], "wb"):
                pass
            with open(path, "wb") as stream:
                stream.write(b"0")
            os._exit(1)
        return {"status": "answered", "findings": {"fracture": {"score": float(content)}}}


class Allocates(Misbehaving):
    def misbehave(self, request):
        return {"status": "answered", "reason": str(len(bytearray(4 << 30))), "marks": []}


class SlowToLoad(Good):
    def __init__(self, options):
        super().__init__(options)
        time.sleep(options["seconds"])


class FailsToLoad(Good):
    def __init__(self, options):
        raise OSError("weights.bin is missing")


class ExitsOnLoad(Good):
    def __init__(self, options):
        print("no licence")
        os._exit(5)


class LoadsOnce(Good):
    """Loads the first time only, then dies at its first case."""

    def __init__(self, options):
        super().__init__(options)
        if os.path.exists(options["counter"]):
            raise OSError("the licence server is gone")
        with open(options["counter"], "wb"):
            pass

    def answer(self, request):
        os._exit(1)
