"""One run as asked for: the shape of a protocol, and the lock that fixes it before the answers."""

from .lock import ProtocolLock, check_lock, lock_path, read_lock, write_amendment, write_lock
from .shape import (
    ANY_CANDIDATE,
    CandidateEntry,
    Comparison,
    Endpoint,
    Execution,
    MetricEntry,
    MinimumN,
    Protocol,
    Purpose,
    Rule,
    Statistics,
    read_protocol,
)

__all__ = [
    "ANY_CANDIDATE",
    "CandidateEntry",
    "Comparison",
    "Endpoint",
    "Execution",
    "MetricEntry",
    "MinimumN",
    "Protocol",
    "ProtocolLock",
    "Purpose",
    "Rule",
    "Statistics",
    "check_lock",
    "lock_path",
    "read_lock",
    "read_protocol",
    "write_amendment",
    "write_lock",
]
