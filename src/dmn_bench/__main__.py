"""``python -m dmn_bench``: the same as the command ``dmn-bench``."""

from .cli import main

if __name__ == "__main__":
    main()
