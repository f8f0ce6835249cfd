"""A case of several images as what it is to masks: each image by itself, under the id of its case."""

from __future__ import annotations

import dataclasses

from ..vocabulary import Case


def images_of(case: Case) -> tuple[Case, ...]:
    """The case once for each of its files, with that file alone; a case of one file, or of none, is itself.

    >>> views = Case(case_id="c", patient_id="p", exam_id="e", laterality="", files=("cc.dcm", "mlo.dcm"), strata={})
    >>> [part.files for part in images_of(views)]
    [('cc.dcm',), ('mlo.dcm',)]
    """
    if len(case.files) < 2:
        return (case,)
    return tuple(dataclasses.replace(case, files=(file,)) for file in case.files)


def on_image(structure: str, image: str) -> str:
    """What a structure on one image of a case of several is called where its state is told apart; itself without one.

    >>> on_image("mass", "files/cc.dcm"), on_image("mass", "")
    ('mass @ files/cc.dcm', 'mass')
    """
    return f"{structure} @ {image}" if image else structure
