"""The scripts here made the numbers beside them with other programs; they are no tests and are not imported."""

collect_ignore_glob = ["*.py"]
