"""Reader `csv-ecg`: tables of samples as text, with unit and rate stated and never guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import numpy as np

from ..errors import InputFileError
from ..files import read_yaml
from ..hookspecs import Reader, hookimpl
from ..vocabulary import Image, Signals
from .csv_table import Column, Facts, Table, parse_table, read_numbers
from .faults import MOST_DECODED_BYTES, fault, keys_of
from .leads import STANDARD_12, standard_lead, usual_leads
from .packages import package_version
from .signal_copy import write_wfdb
from .units import millivolts_per

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ENDINGS = (".csv", ".tsv", ".txt")
_SIDE_ENDINGS = (".json", ".yaml")
_FACTS = frozenset({"sampling_hz", "unit", "leads", "n_samples", "sex", "age_years"})
_MARKS = frozenset({"sampling_hz", "unit"})  # a table with one of these stated is meant as a recording
_START_BYTES = 1 << 16
_MOST_BYTES = 1 << 30
_MOST_HZ = 1e6
_OFF_AT_MOST = 0.25  # of the distance of two samples: times are rounded when they are printed


class Named(NamedTuple):
    """What the columns are: leads with their units ("" where the column names none), and where time and number are."""

    leads: tuple[str, ...]
    units: tuple[str, ...]
    places: tuple[int, ...]
    time: int | None
    per_second: float  # steps of the time column: 1 for s, 1000 for ms, 0 where it does not say
    number: int | None


@dataclass(frozen=True, kw_only=True)
class CsvEcgReader:
    """Tables with one row for each sample: ``,`` ``;`` or tab between the cells, decimal point or comma.

    Unit and rate come from lines ``# unit: uV`` and ``# sampling_hz: 500`` at the top, from the file of the same name
    ending in .json or .yaml, from the column names ("II (mV)", "time_s"), or the file is refused. A row of column names
    is optional; an empty cell is a missing sample.
    """

    name: ClassVar[str] = "csv-ecg"
    gives: ClassVar[Literal["images", "signals"]] = "signals"

    def recognises(self, path: Path) -> bool:
        """Whether it is a table of numbers that says of itself, by stated facts or lead names, that it is an ECG."""
        if path.suffix.lower() not in _ENDINGS or not path.is_file():
            return False
        with path.open("rb") as stream:
            table = parse_table(stream.read(_START_BYTES), is_start=True)
        if table is None or not table.is_numeric:
            return False
        is_stated = bool(_MARKS & table.facts.keys())
        return is_stated or self._side_is_ours(path) or (bool(table.columns) and _all_known(table.columns))

    def problems(self, path: Path) -> Sequence[str]:
        """Wording keys of everything that ``read`` refuses."""
        return keys_of(lambda: self.read(path))

    def header(self, path: Path) -> Mapping[str, str]:
        """SamplingFrequency, NumberOfWaveformSamples, -Channels; sex and age where they are stated."""
        signals, facts = self._signals(path)
        found = {
            "SamplingFrequency": f"{signals.sampling_hz:.10g}",
            "NumberOfWaveformSamples": str(len(signals.samples)),
            "NumberOfWaveformChannels": str(len(signals.leads)),
        }
        if "sex" in facts:
            found["PatientSex"] = facts["sex"]
        if "age_years" in facts:
            found["PatientAge"] = f"{int(facts['age_years']):03d}Y"
        return found

    def read(self, path: Path) -> tuple[Sequence[Image], Signals | None, Sequence[str]]:
        """The signals in millivolt, NaN where a cell is empty; usual lead names where they are known.

        Raises InputFileError if unit or rate is not stated, the table is cut or uneven, or a cell is no number.
        """
        return (), self._signals(path)[0], (f"CSV numpy {package_version('numpy')}",)

    def deidentified_copy(self, path: Path, folder: Path, name: str) -> Sequence[Path]:
        """A WFDB record ``name``.hea and ``name``.dat, exact to a nanovolt; nothing that was written beside samples."""
        return write_wfdb(self._signals(path)[0], folder, name)

    def files(self, path: Path) -> Sequence[Path]:
        """The table, and the file of the same name that states facts about it where there is one."""
        found = (path.with_suffix(ending) for ending in _SIDE_ENDINGS)
        return (path, *(side for side in found if side.is_file()))

    def _side_is_ours(self, path: Path) -> bool:
        try:
            return bool(_MARKS & self._side_facts(path).keys())
        except InputFileError:
            return False

    def _side_facts(self, path: Path) -> Facts:
        found: dict[str, str] = {}
        for side in self.files(path)[1:]:
            try:
                data = _json(side) if side.suffix == ".json" else read_yaml(side, InputFileError)[0]
            except (InputFileError, OSError, ValueError, RecursionError) as error:
                raise fault(path, "csv_bad_facts", found=side.name) from error
            if not isinstance(data, dict) or found.keys() & data.keys():
                raise fault(path, "csv_bad_facts", found=side.name)
            for key, value in data.items():
                found[key] = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        return found

    def _signals(self, path: Path) -> tuple[Signals, Facts]:
        if path.stat().st_size > _MOST_BYTES:
            raise fault(path, "too_large")
        table = parse_table(path.read_bytes(), is_start=False)
        if table is None:
            raise fault(path, "csv_bad_number")
        facts = _sound_facts(path, table.facts, self._side_facts(path))
        if not table.ends_in_line_end and "n_samples" not in facts:
            raise fault(path, "csv_cut")
        if table.n_rows * max(1, table.n_columns) * 8 > MOST_DECODED_BYTES:
            raise fault(path, "too_large")
        numbers = read_numbers(table, path)
        if "n_samples" in facts and len(numbers) != int(facts["n_samples"]):
            raise fault(path, "csv_cut")
        named = _named(path, table, facts)
        hz = _rate(path, numbers, named, facts)
        leads = usual_leads(named.leads)
        return Signals(samples=_millivolts(path, numbers, named, facts), sampling_hz=hz, leads=leads), facts


def _json(path: Path) -> object:
    if path.stat().st_size > _START_BYTES:
        raise ValueError("more than a few facts")
    return json.loads(path.read_bytes())


def _all_known(columns: Sequence[Column]) -> bool:
    """Whether all but time and number are leads, and one is among the usual twelve: x, y and z may be anything."""
    names = [column.name for column in columns if column.role == "lead"]
    return all(map(standard_lead, names)) and not set(usual_leads(names)).isdisjoint((*STANDARD_12, "MLII"))


def _millivolts(path: Path, numbers: NDArray[np.float64], named: Named, facts: Facts) -> NDArray[np.float64]:
    samples = np.empty((len(numbers), len(named.leads)))
    for lead, (place, written) in enumerate(zip(named.places, named.units, strict=True)):
        unit = written or facts.get("unit", "")
        if not unit:
            raise fault(path, "csv_no_unit")
        factor = millivolts_per(unit)
        if factor is None:
            raise fault(path, "unit_unknown", found=unit)
        values = numbers[:, place] * factor
        # 0.03 uV is 3e-05 mV to the last binary digit, and not what the product of two rounded numbers makes of it.
        nanovolts = np.rint(values * 1e6)
        is_whole = np.abs(values * 1e6 - nanovolts) <= 1e-12 * np.abs(nanovolts)
        samples[:, lead] = np.where(is_whole, nanovolts / 1e6, values)
    return samples


def _sound_facts(path: Path, written: Facts, beside: Facts) -> Facts:
    """All facts together, each known, stated once and of a sound form."""
    known = {key: value for key, value in written.items() if key in _FACTS}  # other comments are comments
    if known.keys() & beside.keys() or not beside.keys() <= _FACTS:
        raise fault(path, "csv_bad_facts")
    facts = {**known, **beside}
    for key, form in (("n_samples", r"[1-9]\d{0,11}"), ("age_years", r"\d{1,3}"), ("sex", "[FM]")):
        if key in facts and not re.fullmatch(form, facts[key]):
            raise fault(path, "csv_bad_facts")
    return facts


def _named(path: Path, table: Table, facts: Facts) -> Named:
    roles = [column.role for column in table.columns] or ["lead"] * table.n_columns
    places = tuple(place for place, role in enumerate(roles) if role == "lead")
    leads = tuple(table.columns[place].name if table.columns else f"lead {place + 1}" for place in places)
    if "leads" in facts:
        leads = tuple(lead.strip() for lead in facts["leads"].split(","))
    if not places or len(leads) != len(places) or roles.count("time") > 1 or roles.count("index") > 1:
        raise fault(path, "csv_rows_differ")
    time = roles.index("time") if "time" in roles else None
    return Named(
        leads=leads,
        units=tuple(table.columns[place].unit if table.columns else "" for place in places),
        places=places,
        time=time,
        per_second=0.0 if time is None else {"s": 1.0, "ms": 1000.0}.get(table.columns[time].unit, 0.0),
        number=roles.index("index") if "index" in roles else None,
    )


def _rate(path: Path, numbers: NDArray[np.float64], named: Named, facts: Facts) -> float:
    """The stated sampling rate, else that of the time column; both must agree where both are there."""
    if named.number is not None:
        counted = numbers[:, named.number]
        if not np.array_equal(counted, counted[0] + np.arange(len(counted))):
            raise fault(path, "csv_bad_index")
    stated = _stated_rate(path, facts)
    if named.time is None:
        if stated is None:
            raise fault(path, "csv_no_rate")
        return stated
    if not named.per_second:
        raise fault(path, "csv_time_without_unit")
    times = numbers[:, named.time] / named.per_second
    found = _rate_of_times(path, times)
    if stated is not None and not _fits(times, stated):
        raise fault(path, "csv_rate_contradicts")
    return found if stated is None else stated


def _stated_rate(path: Path, facts: Facts) -> float | None:
    written = facts.get("sampling_hz")
    if written is None:
        return None
    if not re.fullmatch(r"\d{1,7}(\.\d{1,9})?", written) or float(written) <= 0:
        raise fault(path, "csv_bad_facts")
    return float(written)


def _rate_of_times(path: Path, times: NDArray[np.float64]) -> float:
    """Samples per second from the first and the last time; the whole number nearby where the times fit it as well."""
    if len(times) < 2 or not np.isfinite(times).all() or times[-1] <= times[0]:
        raise fault(path, "csv_uneven_time")
    measured = float((len(times) - 1) / (times[-1] - times[0]))
    if not measured < _MOST_HZ or not _fits(times, measured):
        raise fault(path, "csv_uneven_time")
    whole = float(round(measured))
    return whole if whole > 0 and _fits(times, whole) else measured


def _fits(times: NDArray[np.float64], hz: float) -> bool:
    expected = np.arange(len(times)) / hz
    return bool(np.abs((times - times[0]) - expected).max() * hz <= _OFF_AT_MOST)


@hookimpl
def register_readers() -> list[type[Reader]]:
    """The reader of this file."""
    return [CsvEcgReader]
