"""Whether a candidate gets the graphics processor that it says it needs, and no other one gets any."""

from __future__ import annotations

from ..errors import Problem
from ..hookspecs import ChildProgram


def gpu_problems(program: ChildProgram, needs_gpu: bool | None, adapter: str, where: str) -> list[Problem]:
    """What device.yaml says (``needs.gpu``; None: nothing) against what the program would be given.

    A device that is elsewhere has its own machine, of which nothing is asked here.
    """
    if program.where == "elsewhere" or needs_gpu in (None, program.gpu):
        return []
    key = "gpu_needs.not_handed_over" if needs_gpu else "gpu_needs.not_declared"
    return [Problem(key=key, where=where, facts={"adapter": adapter})]
