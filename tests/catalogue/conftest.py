import sys

import pytest


@pytest.fixture(autouse=True)
def imports_as_before():
    """Undo what importing an extension from a folder leaves behind."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if name.startswith(("extension_", "vendor_")):
            del sys.modules[name]
