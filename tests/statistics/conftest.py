"""Property tests here do arithmetic on shared machines: a slow moment is not a failure."""

from hypothesis import settings

settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
