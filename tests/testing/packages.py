"""Candidate packages for the tests: a good one made of a template, and the same with one thing wrong."""

from dmn_bench.testing.template import Wanted, new_package

TOP = "import numpy as np\n\nclass Candidate:\n    def __init__(self, options):\n        self.n = 0\n"
SCORE = 'return {"status": "answered", "findings": {"fracture": {"score": float(score)}}}\n'
USUAL = """
    def answer(self, request):
        self.n += 1
        images = request.get("images") or []
        if len(images) != 1 or np.asarray(images[0]["pixels"]).ndim != 2 or np.ptp(images[0]["pixels"]) == 0:
            return {"status": "rejected_input", "reason": "one grey image that is not uniform is expected"}
        pixels = np.asarray(images[0]["pixels"], dtype=float)
        score = pixels.mean() / 255
"""


def a_package(folder, *, wrong="", instead="", load="", declared=None, adapter="python", yaml=""):
    """A package whose product measures the mean of an image.

    ``wrong``: lines put before the answer is returned. ``instead``: the body of ``answer`` instead of the usual one.
    ``load``: lines in the constructor. ``declared``: what is replaced in device.yaml; ``yaml``: for candidate.yaml.
    """
    new_package(folder, Wanted(adapter=adapter, finding="fracture"))
    answer = (
        f"    def answer(self, request):\n{indented(instead)}"
        if instead
        else USUAL + indented(wrong) + "        " + SCORE
    )
    (folder / "product.py").write_text(TOP + indented(load) + "\n" + answer, encoding="utf-8")
    for name in ("expected.json", "case-3.png"):
        (folder / "cases" / name).unlink()
    for name, value in (declared or {}).items():
        path = folder / "device.yaml"
        lines = path.read_text(encoding="utf-8").splitlines()
        at = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{name}:"))
        lines[at] = lines[at].partition(name)[0] + f"{name}: {value}"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if yaml:
        path = folder / "candidate.yaml"
        path.write_text(path.read_text(encoding="utf-8") + yaml + "\n", encoding="utf-8")
    return folder


def indented(lines):
    return "".join(f"        {line}\n" for line in lines.splitlines())
