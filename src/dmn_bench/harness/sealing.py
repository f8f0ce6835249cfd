"""Whether this machine isolates candidates as a protocol wants, and has what they need, asked before any of them is."""

from __future__ import annotations

from typing import cast

from ..errors import Fact, Problem, ProtocolError, collect
from ..execution.gpu import lacks_gpu
from ..execution.isolation import is_exempt, is_place, machine, missing_for, tier_for
from ..files import read_yaml
from ..hookspecs import LiveAdapter
from .planning import Prepared

OF_CONTAINERS = 3  # the tier that container engines give, and nothing else


def check_isolation(prepared: Prepared) -> None:
    """That this machine isolates each candidate that is asked now as the protocol wants, and the network is readable.

    Nor does a candidate begin that needs a graphics processor where there is none.

    Raises ProtocolError. A candidate that runs elsewhere, or whose answers are files, needs no isolation here.
    """
    execution, problems = prepared.protocol.execution, []
    _, locate = read_yaml(prepared.path, ProtocolError)
    for granted in execution.network:
        if not is_place(granted):
            facts: dict[str, Fact] = {"found": granted}
            where = locate(("execution", "network"))
            problems.append(Problem(key="protocol.network_malformed", where=where, facts=facts))
    asked = int(execution.isolation.rpartition("-")[2])
    for candidate in prepared.candidates:
        if not candidate.is_live:
            continue
        program = cast("LiveAdapter", candidate.adapter).program(candidate.base, {})
        if lacks_gpu(program):
            place = locate(("candidates", prepared.protocol.candidates.index(candidate.entry)))
            facts = {"candidate": candidate.id}
            problems.append(Problem(key="gpu_needs.none_here", where=place, facts=facts))
        tier = tier_for(program, machine())
        if tier < asked and not is_exempt(program):
            where = locate(("execution", "isolation"))
            facts = {"found": execution.isolation, "candidate": candidate.id}
            key = "protocol.isolation_containers_only"
            if asked < OF_CONTAINERS:
                key = "protocol.isolation_not_available"
                facts |= {"tier": tier, "missing": _missing(asked)}
            problems.append(Problem(key=key, where=where, facts=facts))
    collect(problems, ProtocolError)


def _missing(asked: int) -> str:
    """Names of what this machine lacks for a tier, the same in every language; else what the system said to a trial."""
    found = machine()
    names = missing_for(asked, found)
    return ", ".join(names) or found.why_not.get(1) or "-"
