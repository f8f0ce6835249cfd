"""Asking what objects say, and why they say nothing."""

import pytest

from dmn_bench.adapters.dicom_answers import DicomRules, ResultError, answer_from_objects
from tests.inputs.result_factories import an_image, files

ONE_IMAGE = (an_image(),)


@pytest.fixture
def ask(tmp_path):
    """The answer that objects give for the images ``known`` by these rules."""

    def asked(*objects, known=ONE_IMAGE, **rules):
        return answer_from_objects(files(tmp_path, *objects), known, DicomRules(**rules))

    return asked


@pytest.fixture
def reason(ask):
    """Why objects are no answer."""

    def asked(*objects, **options):
        with pytest.raises(ResultError) as caught:
            ask(*objects, **options)
        return caught.value.reason

    return asked
