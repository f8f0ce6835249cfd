"""Places on pictures as they are stored, against what Pillow makes of the same orientation mark."""

import io

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageOps

from dmn_bench.adapters.turned_pictures import stored_size, turned_box, turned_pixels


@pytest.mark.parametrize("mark", range(1, 9))
def test_every_orientation_mark_is_followed_as_pillow_does(mark):
    stored = np.zeros((5, 8), dtype=np.uint8)
    stored[1:3, 2:7] = 255
    stored[4, 0] = 255
    stream, exif = io.BytesIO(), PillowImage.Exif()
    exif[0x0112] = mark
    PillowImage.fromarray(stored).save(stream, "PNG", exif=exif)
    shown = np.asarray(ImageOps.exif_transpose(PillowImage.open(stream))) > 0
    assert np.array_equal(turned_pixels(mark, stored > 0), shown)
    assert stored_size(mark, (shown.shape[1], shown.shape[0])) == (8, 5)
    for box in ((2, 1, 5, 2), (0, 4, 1, 1)):
        x, y, width, height = turned_box(mark, box, (8, 5))
        assert shown[y : y + height, x : x + width].all()
        assert width * height == box[2] * box[3]
