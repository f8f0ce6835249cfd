"""Our figures in the layouts of bxb and sumstats, so that text can be compared with text, for any record and annotator.

Everything is written from what the product gives: judgements of the beats task and its lines of figures in the style
"bxb". Known oddities of the programs are here and nowhere else in the tests: sumstats halves the gross shares of beats
missed in shutdowns, and prints none where S beats are counted.
"""

from dmn_bench.tasks.beat_figures import CELLS
from dmn_bench.tasks.beats import BeatByBeat

FOLDED = {"S": "N", "s": "n"}
SHARES = ("qrs_sensitivity", "qrs_positive_predictivity", "veb_sensitivity", "veb_positive_predictivity")
SVEB = ("sveb_sensitivity", "sveb_positive_predictivity")
LOST = tuple(f"{beats}_missed_in_shutdown" for beats in ("beats", "n", "s", "v", "f"))
LABELS = {
    "qrs_sensitivity": "QRS sensitivity",
    "qrs_positive_predictivity": "QRS positive predictivity",
    "veb_sensitivity": "VEB sensitivity",
    "veb_positive_predictivity": "VEB positive predictivity",
    "veb_false_positive_rate": "VEB false positive rate",
    "sveb_sensitivity": "SVEB sensitivity",
    "sveb_positive_predictivity": "SVEB positive predictivity",
    "beats_missed_in_shutdown": "Beats missed in shutdown",
    "n_missed_in_shutdown": "N missed in shutdown",
    "s_missed_in_shutdown": "S missed in shutdown",
    "v_missed_in_shutdown": "V missed in shutdown",
    "f_missed_in_shutdown": "F missed in shutdown",
}
COUNTS_7 = (
    *("Nn'", "Sn'", "Vn'", "Fn'", "On'", "Ns", "Ss", "Vs", "Fs'", "Os'"),
    *("Nv", "Sv", "Vv", "Fv'", "Ov'", "No'", "So'", "Vo'", "Fo'"),
)
COUNTS_6 = ("Nn'", "Vn'", "Fn'", "On'", "Nv", "Vv", "Fv'", "Ov'", "No'", "Vo'", "Fo'")
WITH = {"F'": "FQ", "O'": "OX", "n'": "nfq", "o'": "ox"}
"""A prime adds to a row or a column those that its letter stands for."""

HEADER_7 = (
    "Record Nn' Sn' Vn' Fn' On'  Ns  Ss  Vs  Fs' Os' Nv  Sv   Vv  Fv' Ov' No' So' Vo' Fo'"
    "  Q Se   Q +P   V Se   V +P   S Se   S +P RR err"
)
HEADER_6 = "Record Nn' Vn' Fn' On'  Nv   Vv  Fv' Ov' No' Vo' Fo'  Q Se   Q +P   V Se   V +P  V FPR"
SHUTDOWN_HEADER_7 = (
    "Record Nx   Sx   Vx   Fx   Qx  % beats  % N    % S    % V    % F   Total Shutdown\n"
    "                                missed missed missed missed missed      Time"
)
SHUTDOWN_HEADER_6 = (
    "Record Nx   Vx   Fx   Qx  % beats  % N    % V    % F   Total Shutdown\n"
    "                           missed missed missed missed      Time"
)


class Line:
    """Counts and figures of one record, or of all."""

    def __init__(self, name, cells, figures):
        self.name, self.cells, self.figures = name, cells, figures

    def count(self, code):
        rows, columns = (WITH.get(one + "'", one) if code.endswith("'") else one for one in code[:2])
        return int(sum(self.cells.get(row + column, 0) for row in rows for column in columns))

    def folded(self):
        """With S counted as N."""
        cells = {}
        for cell, count in self.cells.items():
            name = "".join(FOLDED.get(letter, letter) for letter in cell)
            cells[name] = cells.get(name, 0) + count
        figures = dict(self.figures)
        lost, beats = ([of + ns for of, ns in zip(*pair, strict=True)] for pair in _transposed(figures))
        figures["n_missed_in_shutdown"] = (lost[0], beats[0])
        missed = sum(cells[f"{row}x"] for row in "NVFQ")
        figures["beats_missed_in_shutdown"] = (missed, figures["beats_missed_in_shutdown"][1])
        return Line(self.name, cells, figures)


def _transposed(figures):
    n, s = figures["n_missed_in_shutdown"], figures["s_missed_in_shutdown"]
    return [([n[0]], [s[0]]), ([n[1]], [s[1]])]


def lines_of(judgements):
    """(the lines of the records by name, gross, average) of judgements of the beats task."""
    tables = BeatByBeat(scoring="bxb").tables(judgements)
    figures = {
        (table.name, table.case_id): dict(zip(table.rows, table.counts, strict=True))
        for table in tables
        if table.name in ("ec57_lines", "ec57_average")
    }
    records = {
        name: Line(name, {cell: judgements.columns[cell][row] for cell in CELLS}, figures["ec57_lines", name])
        for row, name in enumerate(judgements.row_strata["case_id"])
    }
    total = {cell: judgements.columns[cell].sum() for cell in CELLS}
    return (
        records,
        Line("Gross", total, figures["ec57_lines", None]),
        Line("Average", total, figures["ec57_average", None]),
    )


def share(pair, decimals=2, width=6):
    """A share in percent, "-" where it is undefined."""
    return f"{100 * pair[0] / pair[1]:.{decimals}f}".rjust(width) if pair[1] else "-".rjust(width)


def beat_line(line):
    """A line of bxb -L."""
    counts = [line.count(code) for code in COUNTS_7]
    numbers = [f"{n:3d}" for n in counts]
    numbers[12] = f"{counts[12]:4d}"
    figures = [share(line.figures[name]) for name in (*SHARES, *SVEB)]
    rr = line.figures["rr_interval_error"]
    return " ".join(
        [f"{line.name:>4} ", f"{numbers[0]:>4}", *numbers[1:], *figures, f"{rr[0]:6.2f}" if rr[1] else "     -"]
    )


def beat_line_without_s(line):
    """A line of bxb -l."""
    folded = line.folded()
    counts = [folded.count(code) for code in COUNTS_6]
    numbers = [f"{n:3d}" for n in counts]
    numbers[5] = f"{counts[5]:4d}"
    figures = [share(line.figures[name]) for name in SHARES]
    fpr = share(line.figures["veb_false_positive_rate"], 3)
    return " ".join([f"{line.name:>4} ", f"{numbers[0]:>4}", *numbers[1:], *figures, fpr])


def shutdown_line(line):
    """A line of the second file of bxb -L."""
    lost = [f"{line.count(row + 'x'):4d}" for row in "NSVFQ"]
    return _shutdown(line.name, lost, [share(line.figures[name]) for name in LOST], line, "NSVFQ")


def shutdown_line_without_s(line):
    """A line of the second file of bxb -l."""
    folded = line.folded()
    lost = [f"{folded.count(row + 'x'):4d}" for row in "NVFQ"]
    shares = [share(folded.figures[name]) for name in LOST if name != "s_missed_in_shutdown"]
    return _shutdown(line.name, lost, shares, folded, "NSVFQ")


def _shutdown(name, lost, shares, line, rows):
    beats = [str(int(sum(line.cells.get(row + column, 0) for column in "nsvfqox"))) for row in rows]
    seconds = line.figures["shutdown_seconds"][0]
    return " ".join([f"{name:>4}", *lost, " ", *shares, f"{seconds:4.0f} seconds", *beats])


def record_text(line, annotator, *, with_s=True):
    """What bxb -S or -s writes of one record."""
    one = line if with_s else line.folded()
    columns = "nsvfqox" if with_s else "nvfqox"
    out = [
        f"Beat-by-beat comparison results for record {line.name}",
        "Reference annotator: atr",
        f"     Test annotator: {annotator}",
        "",
        "               Algorithm",
        "     " + "".join(f"{column:>4} " for column in columns).rstrip(),
        "   " + "_" * (36 if with_s else 31),
    ]
    for row in "NSVFQOX" if with_s else "NVFQOX":
        cells = [c for c in columns if not (row in "OX" and c in "ox")]
        out.append(f" {row} |" + "".join(f"{int(one.cells[row + c]):5d}" for c in cells))
    out.append("")
    for name in (*SHARES, *(SVEB if with_s else ("veb_false_positive_rate",))):
        out.append(_labelled(LABELS[name], one.figures[name], 26, 3 if name.endswith("rate") else 2))
    if with_s:
        rr = one.figures["rr_interval_error"]
        out.append(f"     RMS RR interval error: {rr[0]:6.2f} ms" if rr[1] else "     RMS RR interval error:      -")
    else:
        out.append("")
    out.append("")
    for name in LOST:
        if with_s or name != "s_missed_in_shutdown":
            out.append(_labelled(LABELS[name], one.figures[name], 26, 2))
    out.append(f"       Total shutdown time: {one.figures['shutdown_seconds'][0]:5.0f} seconds")
    return "\n".join(out)


def _labelled(label, pair, width, decimals):
    sign = "%" if pair[1] else " "
    return f"{label:>{width}}: {share(pair, decimals)}{sign} ({pair[0]:.0f}/{pair[1]:.0f})"


def mismatches(matched):
    """The list of bxb -v without S: one line for every beat that is missed, extra or called otherwise."""
    letters, steps = "NNVFQ", matched.walked
    ref, test = matched.reference, matched.test
    found = []
    for i, j in steps.pairs.tolist():
        ours, theirs = letters[ref.classes[i]], letters[test.classes[j]]
        if ours != theirs:
            found.append((i + j, f"{ours}({ref.times[i]})/{theirs}({test.times[j]})"))
    for (i, j), shut in zip(steps.missed.tolist(), matched.missed_in_shutdown, strict=True):
        found.append((i + j, f"{letters[ref.classes[i]]}({ref.times[i]})/{'X' if shut else 'O'}({ref.times[i]})"))
    flags = zip(steps.extra.tolist(), matched.extra_in_shutdown, matched.extra_excused, strict=True)
    for (i, j), shut, excused in flags:
        row = f"*({ref.times[i]})" if excused else f"{'X' if shut else 'O'}({test.times[j]})"
        found.append((i + j, f"{row}/{letters[test.classes[j]]}({test.times[j]})"))
    return [line for _, line in sorted(found)]


def summary(records, gross, average, *, with_s=True):
    """What sumstats writes of the lines of bxb -L or -l."""
    write, header, codes = (beat_line, HEADER_7, COUNTS_7) if with_s else (beat_line_without_s, HEADER_6, COUNTS_6)
    total = gross if with_s else gross.folded()
    counts = [f"{total.count(code):{4 if code == 'Vv' else 3}d}" for code in codes]
    counts[0] = f"{total.count(codes[0]):{6 if with_s else 7}d}"
    width = 84 if with_s else 55
    beats, veb, sveb = (
        int(gross.figures[name][1]) for name in ("qrs_sensitivity", "veb_sensitivity", "sveb_sensitivity")
    )
    return [
        header,
        *map(write, records),
        "_" * (132 if with_s else 86),
        "Sum " + " ".join(counts),
        "Gross".ljust(width) + _summed(gross, with_s),
        "Average".ljust(width) + _summed(average, with_s) + (share_of_ms(average) if with_s else ""),
        f"Total QRS complexes: {beats}  Total VEBs: {veb}" + (f"  Total SVEBs: {sveb}" if with_s else ""),
        "",
        f"Summary of results from {len(records)} records",
    ]


def _summed(line, with_s):
    shares = [share(line.figures[name]) for name in (*SHARES, *(SVEB if with_s else ()))]
    return " ".join(shares if with_s else [*shares, share(line.figures["veb_false_positive_rate"], 3)])


def share_of_ms(line):
    """The average error of RR intervals."""
    total, n = line.figures["rr_interval_error"]
    return f" {total / n:6.2f}" if n else "      -"


def shutdown_summary(records, gross, average, *, with_s=True):
    """What sumstats writes of the shutdown lines of bxb -L or -l."""
    header, write = (SHUTDOWN_HEADER_7, shutdown_line) if with_s else (SHUTDOWN_HEADER_6, shutdown_line_without_s)
    total = gross if with_s else gross.folded()
    counts = [f"{total.count(row + 'x'):4d}" for row in ("NSVFQ" if with_s else "NVFQ")]
    seconds = f"{gross.figures['shutdown_seconds'][0]:.0f} seconds"
    out = [*header.split("\n"), *map(write, records), "_" * (72 if with_s else 68)]
    out.append(f"{'Sum':<{5 if with_s else 6}}{' '.join(counts)}{seconds.rjust(50 if with_s else 43)}")
    if not with_s:
        names = [name for name in LOST if name != "s_missed_in_shutdown"]
        halved = [(total.figures[name][0] / 2, total.figures[name][1]) for name in names]
        out.append("Gross".ljust(26) + " ".join(share(pair) for pair in halved))
        out.append("Average".ljust(26) + " ".join(share(average[name]) for name in names))
    return [*out, "", f"Summary of results from {len(records)} records"]


def shutdown_averages(records):
    """Average shares of beats missed in shutdowns where S counts as N."""
    found = {}
    for name in LOST:
        pairs = [record.folded().figures[name] for record in records]
        shares = [missed / beats for missed, beats in pairs if beats]
        found[name] = (sum(shares), len(shares))
    return found
