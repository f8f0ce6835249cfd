"""What an import of ECGs leaves beside the set, never in it: the machine's statements, and those nobody has mapped."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ..files import plain_text, write_atomically
from ..inputs import ecg_statements
from ..vocabulary import EcgStatement, Language
from ..wordings import say
from .ecg_foreign import foreign_rows
from .ecg_walk import cell
from .importing import csv_text

MACHINE, UNMAPPED = "machine_statements.csv", "unmapped_statements.csv"
CONFIDENTIAL = "confidential_unmapped_statements.csv"
TEXT_CHARACTERS = 200
LONG_NUMBER = 4  # digits
_COLUMNS = ("scheme", "code", "text", "files")
_CODE = re.compile(r"[A-Za-z0-9_+/.-]{1,40}")
_WORD = re.compile(r"[^\W_]+")
_COMMON = (
    "a ab abnormal absence acute adult age agee analysis anormal anormale anterior anteroseptal apex arret arrhythmia "
    "artefact artefacts artifact artifacts at atrial auriculaire auriculaires avec axe axis baseline basal base bas "
    "basse beat beats bigeminisme block bloc bpm branch branche bundle by cardiac cardiaque changes changements "
    "chamber cannot compare compared complex complexe complexes complete complet conduction consider consistent "
    "could criteres criteria current d data de defaut degre degree delay deplacement derivation derivations des "
    "deviation diagnosis diagnostic diffuse diffuses droit droite du duration duree ecg ecgs echappement effect effet "
    "ekg elevation et etre evidence extrasystole extrasystoles faible fascicular fast fibrillation finding findings "
    "first flutter for fort frequence frequent gauche has have heart high hypertrophie hypertrophy i ii iii il "
    "incomplet incomplete infarct infarction infarctus inferior inferieur inferieure inferolateral inverse inversees "
    "inversion is ischemia ischemie ischemique isolated jonctionnel junctional l la large lateral laterale le lead "
    "leads left les lesion limite limited longer low mal marked marquee may mauvaise minimal minor modere moderate "
    "moyen mv myocardial myocardique negative no non nonspecific normal normale normaux not note noted now of old on "
    "ond onde ondes or ou p pace paced pacemaker par pas possible poor posterieur posterior postero pr premature "
    "presence present previous prior probable probably prolonge prolonged progression q qrs qt qtc quality qualite "
    "r rare rares rate rapid rapide recent regular regulier repolarisation repolarization rhythm right rythme s "
    "sans second segment septal short significant since sinus sinusal sinusale slow specifique st still sur suggest "
    "suggests suspected sv systole t tachycardia tachycardie the third to tracing trace troubles typical u "
    "undetermined unchanged unconfirmed unusual v1 v2 v3 v4 v5 v6 variant variation ventricular ventriculaire "
    "ventriculaires voltage was wave waves wide with within without"
)


@dataclass(kw_only=True)
class Beside:
    """The rows of the files beside a set. ``machine``: (case_id, finding) -> label."""

    folder: Path
    machine: dict[tuple[str, str], str] = field(default_factory=dict)
    unmapped: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # scheme, code, text -> files

    @classmethod
    def of(cls, root: Path, cases: Iterable[str]) -> Beside:
        """What earlier imports into the set in ``root`` left, of the cases that it has. Raises ReferenceSetError."""
        resolved = root.resolve()
        beside = cls(folder=resolved.with_name(f"{resolved.name}-import"))
        known = set(cases)
        for row in beside.rows(MACHINE):
            if row.get("case_id") in known:
                beside.machine[row["case_id"], row.get("finding", "")] = row.get("label", "")
        for name in (UNMAPPED, CONFIDENTIAL):
            for row in beside.rows(name):
                n_files = row.get("files", "")
                key = (row.get("scheme", ""), row.get("code", ""), row.get("text", ""))
                beside.unmapped[key] += int(n_files) if n_files.isdigit() else 0
        return beside

    def rows(self, name: str) -> list[Mapping[str, str]]:
        """The rows of one of the files, none where it is not there."""
        path = self.folder / name
        return [row for _, row in foreign_rows(path)[1]] if path.is_file() else []

    def note_unmapped(self, statements: Iterable[EcgStatement]) -> None:
        """Count the statements of one file that nobody has mapped, each once."""
        for key in {_key(each) for each in statements}:
            self.unmapped[key] += 1

    def forget_cases(self, cases: Iterable[str]) -> None:
        """Keep what the machine stated of these cases alone."""
        known = set(cases)
        self.machine = {key: label for key, label in self.machine.items() if key[0] in known}

    def write(self, language: Language) -> None:
        """Write the files that have rows, and what they are for."""
        if not self.machine and not self.unmapped:
            return
        machine = [{"case_id": c, "finding": f, "label": label} for (c, f), label in sorted(self.machine.items())]
        if machine:
            write_atomically(self.folder / MACHINE, csv_text(("case_id", "finding", "label"), machine))
        counted = [
            {"scheme": scheme, "code": code, "text": text, "files": str(n)}
            for (scheme, code, text), n in sorted(self.unmapped.items(), key=lambda item: (-item[1], item[0]))
        ]
        split: dict[str, list[dict[str, str]]] = {UNMAPPED: [], CONFIDENTIAL: []}
        for row in counted:
            split[UNMAPPED if is_plain(row["scheme"], row["code"], row["text"]) else CONFIDENTIAL].append(row)
        for name, rows in split.items():
            if rows or (self.folder / name).exists():
                write_atomically(self.folder / name, csv_text(_COLUMNS, rows))
        path = json.dumps((self.folder / MACHINE).as_posix(), ensure_ascii=False)  # as YAML quotes it too
        write_atomically(self.folder / "README.txt", say("ecg_import.beside_readme", language, path=path) + "\n")


def is_plain(scheme: str, code: str, text: str) -> bool:
    """Whether a statement cannot hold a name: every word of its text is one that ECG reports are made of.

    How often a text stands in a folder says nothing: a physician signs hundreds of reports.

    >>> is_plain("", "", "Abnormal T wave"), is_plain("", "", "Seen by Dr Doe"), is_plain("SCT", "164934002", "")
    (True, False, True)
    """
    known = all(word in _vocabulary() or (word.isdigit() and len(word) < LONG_NUMBER) for word in _words(text))
    return known and all(not each or _CODE.fullmatch(each) is not None for each in (scheme, code))


def _key(statement: EcgStatement) -> tuple[str, str, str]:
    text = plain_text(" ".join(statement.text.split()), TEXT_CHARACTERS)
    return cell(statement.scheme), cell("+".join((statement.code, *statement.modifiers))), cell(text)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


@cache
def _vocabulary() -> frozenset[str]:
    """Words without accents: those of the table of statements, and what reports put between them."""
    of_table = (
        word
        for finding in ecg_statements.table().values()
        for text in (*finding.wordings, *finding.titles.values())
        for word in _words(text)
    )
    return frozenset((*_COMMON.split(), *of_table))
