"""What can be wrong with the address of a DICOMweb service and its token, before anybody asks it."""

from __future__ import annotations

import re

from ..errors import Problem
from .http_address import address_of

VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def web_problems(url: str, token_variable: str, allow_unencrypted: bool, where: str) -> list[Problem]:
    """Of an address and the name of a variable; neither is repeated where it may hold a secret."""
    problems = []
    address = address_of(url)
    if address is None:
        problems.append(Problem(key="network.bad_url", where=where))
    elif not address.is_encrypted and not address.is_this_machine and not allow_unencrypted:
        problems.append(Problem(key="network.plain_http", where=url))
    if token_variable and not VARIABLE.fullmatch(token_variable):
        problems.append(Problem(key="pacs.token_variable", where=where))
    return problems
