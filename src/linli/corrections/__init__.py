"""Corrections: many adjustments and reversals at once. Owns `corrections_*`.

Promises: what a correction would do is shown before anything is done; each line is done once for ever or fails with
its reason; above a threshold a second person approves; what was done can be undone exactly.
"""

from linli.corrections.book import (
    add,
    add_lines,
    corrections,
    count_lines,
    done_lines,
    get,
    lines,
    lines_by_no,
    move,
    ready_lines,
    tell_lines,
)
from linli.corrections.decide import Decider, Known, Reversible, opposite
from linli.corrections.reading import COLUMNS, read_csv
from linli.corrections.types import (
    MOST_LINES,
    Act,
    ApprovalNeeded,
    Asked,
    BeingReversed,
    Correction,
    CorrectionInState,
    CorrectionNotFound,
    Fault,
    Line,
    LineState,
    NothingToCorrect,
    State,
    TooManyLines,
    Trace,
    line_key,
)
from linli.kit.csv_rows import CsvColumns, CsvEncoding, CsvMalformed

__all__ = [
    "COLUMNS", "MOST_LINES", "Act", "ApprovalNeeded", "Asked", "BeingReversed", "Correction", "CorrectionInState",
    "CorrectionNotFound", "CsvColumns", "CsvEncoding", "CsvMalformed", "Decider", "Fault", "Known", "Line",
    "LineState", "NothingToCorrect", "Reversible", "State", "TooManyLines", "Trace", "add", "add_lines",
    "corrections", "count_lines", "done_lines", "get", "line_key", "lines", "lines_by_no", "move", "opposite",
    "read_csv", "ready_lines", "tell_lines",
]  # fmt: skip
