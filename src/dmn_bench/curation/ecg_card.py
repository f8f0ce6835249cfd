"""The one entry of a card that an import writes: from which output of a machine the truth was made."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from ..files import write_atomically
from ..reference_set.card import CARD, read_card


@dataclass(frozen=True, kw_only=True, slots=True)
class Incorporated:
    """As in the card: of ``records``, ``unchanged`` stand in the truth as the machine had put them out."""

    what: Literal["machine_statement", "machine_measurement"]
    records: int
    unchanged: int


def declare(root: Path, found: Sequence[Incorporated]) -> bool:
    """Write ``incorporates`` into the card, everything else of it and its comments kept; whether it changed.

    Another number that stands there is replaced; where nothing was found, the card stays as it is.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    before = [each.model_dump() for each in read_card(root).reference_standard.incorporates]
    now = [asdict(each) for each in found]
    if not now or before == now:
        return False
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    card = yaml.load((root / CARD).read_text(encoding="utf-8-sig"))
    entries = []
    for each in now:
        entry = CommentedMap(each)
        entry.fa.set_flow_style()
        entries.append(entry)
    card["reference_standard"]["incorporates"] = entries
    stream = io.StringIO()
    yaml.dump(card, stream)
    write_atomically(root / CARD, stream.getvalue())
    return True
