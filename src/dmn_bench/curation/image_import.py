"""A department's folder of pictures with its annotation files becomes a set: copies, truth, lesions, masks, readers."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import DmnBenchError, Fact, InputFileError, Problem, ReferenceSetError
from ..hookspecs import Reader
from ..inputs.drawn_pictures import DrawnPicture
from ..inputs.faults import reading
from ..inputs.picture_turns import TURN, UPRIGHT
from ..reference_set.card import CARD, Card, read_card
from ..reference_set.csv_rows import Problems
from .ecg_tables import NO_PICTURE, UNLISTED, UNUSABLE, Hospital
from .ecg_truth import refuse_unknown
from .ecg_walk import cell, refuse_overlap
from .image_annotations import Annotations, read_annotations
from .image_matching import Matched, matched
from .image_options import ImageOptions, ImageSummary
from .image_pictures import SIDE, Picture, found_in, with_table
from .image_places import Shown, on_picture
from .image_rows import NOT_LISTED, Rows, Rules, Volume, rows_of, write_files
from .image_said import Said, said_of
from .image_tables import ImageTables
from .image_volumes import Grid, OnVolume, grid_of, of_lidc, of_objects
from .import_cases import INSTEAD, FoundCase, copy_into, remove_copies
from .importing import SCRATCH, alone, refuse_locked

SAVED_EVERY = 50  # pictures
_OURS = {"inputs.raster_damaged": "annotations.picture_damaged"}  # sentences that say what an import has done already


def import_pictures(
    root: Path,
    folder: Path,
    options: ImageOptions,
    *,
    readers: Sequence[Reader],
    on_picture: Callable[[int, int], None] = lambda *_: None,
) -> ImageSummary:
    """Enter the pictures below ``folder`` into the set in ``root``, which has a card; ``on_picture``: (done, all).

    Each picture is a case, of CT, MR, PT and NM each series. What annotation files say becomes lesions, masks, truth
    and readings. Tables that are there grow; a picture that identity.csv names is not copied again, and what a reader
    drew on it is not entered twice, so an import that was cut short goes on, and readers can be imported one by one.
    Raises ReferenceSetError if the set is locked in its present version, a table or annotation file cannot be read or
    something must be stated first, MachineError if another import into this set is at work.
    """
    refuse_overlap(root, folder)
    with alone(root):
        card = read_card(root)
        refuse_locked(root, card.version)
        if card.modality == "ECG":
            raise ReferenceSetError(Problem(key="annotations.is_ecg", where=CARD))
        refuse_unknown(options.findings, card.finding_names)
        stated = None
        if options.annotations is not None:
            stated = read_annotations(options.annotations, options.asked)
            if stated.has_readers and options.reader:
                raise ReferenceSetError(Problem(key="annotations.reader_twice", where="--reader"))
            if stated.has_readers and options.unlisted == "negative":
                raise ReferenceSetError(Problem(key="annotations.unlisted_of_readers", where="--unlisted"))
        work = _Work(root=root, folder=folder.resolve(), card=card, options=options, readers=readers, stated=stated)
        work.tables = ImageTables.read(root)
        if options.reader:
            work.options = replace(options, reader=work.tables.reader_called(options.reader))
        try:
            work.take_all(on_picture)
        finally:
            work.tables.write(root)
        return work.summary()


@dataclass(kw_only=True)
class _Work:
    """An import under way."""

    root: Path
    folder: Path
    card: Card
    options: ImageOptions
    readers: Sequence[Reader]
    stated: Annotations | None
    tables: ImageTables = field(init=False)
    problems: Problems = field(default_factory=Problems)
    counts: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    not_images: list[str] = field(default_factory=list)
    matched: Matched = field(default_factory=Matched)
    rules: Rules = field(init=False)

    # -------------------------------------------------------------------------------------------- the pictures

    def take_all(self, on_picture: Callable[[int, int], None]) -> None:
        """Enter every picture of the folder, or those drawn."""
        aside = frozenset() if self.stated is None else self.stated.files
        found = found_in(self.folder, self.readers, self.card.modality, burned_in=self.options.burned_in, aside=aside)
        pictures = found.pictures
        self.left_out.update(found.left_out)
        self.not_images = found.not_images
        self._note(found.problems)
        if self.options.table is not None:
            pictures, wrong = with_table(pictures, self.options.table)
            self._note(wrong)
        self.rules = self._rules()
        if self.stated is not None:
            self.matched = matched(self.stated, pictures)
            self._note(self.matched.problems)
        chosen = self._chosen(pictures)
        for done, picture in enumerate(chosen):
            on_picture(done, len(chosen))
            self._take(picture)
            if done % SAVED_EVERY == SAVED_EVERY - 1:
                self.tables.write(self.root)
        on_picture(len(chosen), len(chosen))

    def _rules(self) -> Rules:
        """How what is drawn becomes rows: of the findings asked for those that the annotations can state."""
        names, categories = self.card.finding_names, self.options.categories
        listed = () if self.stated is None else tuple(self.stated.categories)
        can = categories.targets(listed, names)
        asked = self.options.findings or names
        columns = (stratum.column for stratum in self.card.lesion_strata.values())
        return Rules(
            findings=names,
            targets=tuple(name for name in asked if name in can),
            categories=categories,
            unmentioned=self.options.unmentioned,
            strata=tuple(dict.fromkeys(column for column in columns if column is not None)),
        )

    def _chosen(self, pictures: Sequence[Picture]) -> Sequence[Picture]:
        """The pictures of the exams drawn; the others are noted as not drawn."""
        if self.options.draw is None:
            return pictures
        exams = list(dict.fromkeys(picture.exam or picture.name for picture in pictures))
        if self.options.draw > len(exams):
            facts = {"expected": self.options.draw, "found": len(exams)}
            raise ReferenceSetError(Problem(key="annotations.too_few", where="--draw", facts=facts))
        drawn = set(random.Random(self.options.seed).sample(exams, self.options.draw))
        known = self.tables.base.done | self.tables.base.units.keys()
        for picture in pictures:
            if (picture.exam or picture.name) not in drawn and (str(self.folder), picture.name) not in known:
                self.tables.base.leave_out(self._names(picture), "not_drawn")
                self.left_out["not_drawn"] += 1
        return [picture for picture in pictures if (picture.exam or picture.name) in drawn]

    def _names(self, picture: Picture) -> Hospital:
        stated = picture.stated
        return Hospital(
            folder=str(self.folder),
            file=picture.name,
            patient=picture.patient,
            record=picture.exam,
            study_uid=cell(stated.get("StudyInstanceUID", "")),
            sop_uid=cell(stated.get("SOPInstanceUID", "")) if not picture.case.is_series else "",
            accession=cell(stated.get("AccessionNumber", "")),
        )

    # ------------------------------------------------------------------------------------------------ one picture

    def _take(self, picture: Picture) -> None:
        """Enter one picture, or add to one that is there what a reader drew; nothing about one ends the import."""
        names = self._names(picture)
        case_id = self.tables.cases.get((names.folder, names.file), "")
        is_listed = self.matched.is_listed(picture)
        if case_id:
            self._note_known(picture, case_id, is_listed=is_listed)
        if picture.name in self.matched.unclear:
            self._leave_out(names, UNUSABLE, "unusable", is_known=bool(case_id))
            return
        if case_id and not is_listed:
            return
        if not is_listed and self.stated is not None and self.options.unlisted == "left-out":
            self._leave_out(names, UNLISTED, "unlisted")
            return
        with tempfile.TemporaryDirectory(dir=self.root / SCRATCH) as scratch:
            try:
                with reading(picture.path, "raster_damaged"):
                    found = self._linked(picture, Path(scratch))
                said, volume = self._said(picture, found, Path(scratch))
                self._enter(picture, found, case_id, said, volume)
            except _UnusableError as error:
                self._note(error.problems)
                self._leave_out(names, UNUSABLE, "unusable", is_known=bool(case_id))
            except ReferenceSetError as error:
                where = picture.name.removeprefix("./")
                self._note(
                    Problem(key=_OURS.get(each.key, each.key), where=where, facts=each.facts) for each in error.problems
                )
                self._leave_out(names, NO_PICTURE, "unreadable", is_known=bool(case_id))

    def _note_known(self, picture: Picture, case_id: str, *, is_listed: bool) -> None:
        """Count a picture that is there, and what would be said of it and is not entered."""
        self.counts["known"] += 1
        options = self.options
        if not is_listed and self.stated is not None and not self.stated.has_readers:
            is_left = options.unlisted == "left-out" or self.tables.stays(
                case_id, options.reader, self._unlisted().values
            )
            self.counts["stayed"] += is_left
        if options.table is not None:
            tabled = (SIDE, *options.table.strata)
            columns = {name: picture.strata[name] for name in tabled if name in picture.strata}
            self.counts["table_stayed"] += self.tables.is_other(case_id, columns, picture.patient, picture.exam)

    def _enter(self, picture: Picture, found: FoundCase, case_id: str, said: OnVolume, volume: Volume) -> None:
        """Make the rows of a case, and if they are sound write its files and take them in.

        ``case_id``: "" of one that is not there yet. Raises ReferenceSetError.
        """
        entered, exam_id = (case_id, "") if case_id else self.tables.new_ids(picture.exam)
        by_reader = {reader: rows_of(entered, reader, of, self.rules, volume) for reader, of in said.said.items()}
        faults = [*said.faults, *(fault for rows in by_reader.values() for fault in rows.faults)]
        if faults:
            raise _UnusableError(*faults)
        for reader in [each for each in by_reader if self.tables.has_drawn(entered, each)]:
            if n := self.tables.missing(self.root, by_reader.pop(reader), entered, reader):
                facts: dict[str, Fact] = {"n": n, "case": entered}
                self._note(
                    [Problem(key="annotations.already_drawn", where=picture.name.removeprefix("./"), facts=facts)]
                )
        if not case_id:
            self._copy(picture, found, entered, exam_id)
        self.counts["added_to"] += bool(case_id and by_reader)
        if not said.said and self.stated is not None and not self.stated.has_readers:
            by_reader[self.options.reader] = self._unlisted()
            self.counts["unlisted"] += 1
        for reader, rows in by_reader.items():
            write_files(self.root, rows)
            self._note(self.tables.add(rows, entered, reader))
            self.counts["lesions"] += len(rows.lesions)
            self.counts["masks"] += len(rows.masks)
        self.counts.update(said.counts)

    def _copy(self, picture: Picture, found: FoundCase, case_id: str, exam_id: str) -> None:
        """Copy a picture into the set and note its case. Raises ReferenceSetError if it cannot be given."""
        files = self.root / "files"
        remove_copies(files, case_id)
        try:
            with reading(picture.path, "raster_damaged"):
                turn = "" if picture.case.is_series else found.reader.header(found.sources[0]).get(TURN, "")
                entry, objects = copy_into(found, self.root, case_id)
            if list(files.glob(f"{case_id}-*.png")):
                raise InputFileError(Problem(key="annotations.several_pages", where=picture.name))
        except DmnBenchError:
            remove_copies(files, case_id)
            for page in files.glob(f"{case_id}-*.png"):
                page.unlink()
            raise
        strata = {"laterality": "", **picture.strata}
        case = {"case_id": case_id, "exam_id": exam_id, "files": entry, **strata}
        self.tables.enter(case, self._names(picture), objects, turn=turn)
        self.counts["pictures"] += 1

    def _unlisted(self) -> Rows:
        """What is true of a picture that no annotation file names."""
        if self.options.unlisted == "negative" and self.matched.is_all_placed:
            return Rows(values={finding: ("negative", NOT_LISTED) for finding in self.rules.targets})
        if self.options.reader:
            return Rows()  # this reader has not read it
        return Rows(values={finding: ("unverified", NOT_LISTED) for finding in self.rules.targets})

    def _said(self, picture: Picture, found: FoundCase, scratch: Path) -> tuple[OnVolume, Volume]:
        """What was drawn on a picture, by reader, and its voxels."""
        drawn = self.matched.drawn_on.get(picture.name, [])
        readings = self.matched.read_on.get(picture.name, [])
        objects = self.matched.objects_on.get(picture.name, [])
        if drawn:
            return self._on_picture(drawn, found)
        if not readings and not objects:
            return OnVolume(), Volume(shape=(0, 0, 0))
        grid = self._grid(found, scratch)
        if len(readings) > 1:
            facts = {"other": readings[0].where}
            raise _UnusableError(Problem(key="annotations.read_twice", where=readings[1].where, facts=facts))
        wanted = self.options.categories
        if readings:
            on_volume = of_lidc(readings[0], grid)
        else:
            on_volume = of_objects(objects, grid, lambda name: _is_used(wanted.of(name, self.card.finding_names)))
            on_volume.said = {self.options.reader: on_volume.said.get("", [])}
        return on_volume, Volume(shape=grid.voxels.shape, affine=grid.affine)

    def _on_picture(self, drawn: Sequence[DrawnPicture], found: FoundCase) -> tuple[OnVolume, Volume]:
        header = found.reader.header(found.sources[0])
        shown = Shown(int(header["Columns"]), int(header["Rows"]), int(header.get(TURN, UPRIGHT)))
        if len(drawn) > 1:
            facts = {"other": drawn[0].where}
            raise _UnusableError(Problem(key="annotations.picture_twice", where=drawn[1].where, facts=facts))
        placed = on_picture(drawn, shown, self.options.pictures)
        said: dict[str, list[Said]] = {}
        for each in said_of(placed.placed, shown):
            said.setdefault(self.options.reader or self.tables.reader(each.reader), []).append(each)
            if self.stated is not None and self.stated.has_readers and not each.reader:
                placed.faults.append(Problem(key="annotations.reader_unstated", where=each.where))
        if not said:
            said[self.options.reader] = []  # looked at, and nothing drawn
        volume = Volume(shape=(1, shown.rows, shown.columns))
        return OnVolume(said=said, faults=placed.faults, counts=placed.counts), volume

    def _grid(self, found: FoundCase, scratch: Path) -> Grid:
        """The voxels of a case as the hospital has it."""
        if found.is_series:
            return grid_of(scratch, "series", self.readers)
        return grid_of(found.sources[0].parent, found.sources[0].name, self.readers)

    def _linked(self, picture: Picture, scratch: Path) -> FoundCase:
        """The case with the slices of a series in a folder of their own; the hospital's folder is only read."""
        if not picture.case.is_series:
            return picture.case
        folder = scratch / "series"
        folder.mkdir()
        linked = []
        for number, source in enumerate(picture.case.sources):
            target = folder / f"{number:06d}.dcm"
            try:
                os.link(source, target)
            except OSError:  # on another disk
                shutil.copyfile(source, target)
            linked.append(target)
        return FoundCase(sources=tuple(linked), reader=picture.case.reader, header={}, is_series=True)

    def _leave_out(self, names: Hospital, reason: str, counted: str, *, is_known: bool = False) -> None:
        self.left_out[counted] += 1
        if not is_known:
            self.tables.base.leave_out(names, "excluded", reason)

    def _note(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.problems.note(problem)

    # -------------------------------------------------------------------------------------------------- the end

    def summary(self) -> ImageSummary:
        """What was done, and what the set holds now."""
        truth, readings = dict[str, Counter[str]](), dict[str, Counter[str]]()
        for into, rows in ((truth, self.tables.base.truth), (readings, self.tables.own["readings.csv"])):
            for row in rows:
                into.setdefault(row["finding"], Counter())[row["value"]] += 1
        return ImageSummary(
            form="" if self.stated is None else self.stated.form,
            n_pictures=self.counts["pictures"],
            n_known=self.counts["known"],
            n_added_to=self.counts["added_to"],
            n_lesions=self.counts["lesions"],
            n_masks=self.counts["masks"],
            n_without_patient=sum(not row["patient_id"] for row in self.tables.base.cases),
            n_unlisted=self.counts["unlisted"],
            left_out=self.left_out,
            counts=self.counts,
            unnamed=tuple(self.matched.unnamed),
            targets=self.rules.targets,
            lost=tuple(self._lost()),
            not_images=tuple(self.not_images),
            unfound=self.options.categories.unfound(self.matched.categories) if self.stated is not None else (),
            is_all_placed=self.matched.is_all_placed,
            unmapped=self.tables.unmapped,
            truth=truth,
            readings=readings,
            readers=tuple(self.tables.readers.values()),
            beside=self.tables.beside,
            problems=self.problems.all(),
        )

    def _lost(self) -> Iterator[tuple[str, str, str]]:
        """Strata that the card takes from attributes that the copies no longer have, where a column says them."""
        for name, stratum in self.card.strata.items():
            column = INSTEAD.get(stratum.dicom or "", "")
            if column and any(row.get(column) for row in self.tables.base.cases):
                yield name, stratum.dicom or "", column


class _UnusableError(ReferenceSetError):
    """What was drawn on a picture cannot be used, and so neither can the picture."""


def _is_used(means: Sequence[object]) -> bool:
    return any(getattr(mean, "use", "left-out") != "left-out" for mean in means)
