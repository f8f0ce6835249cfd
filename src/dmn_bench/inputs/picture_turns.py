"""The keyword under which a header says that a picture is not stored as it is shown."""

TURN = "PictureOrientation"
