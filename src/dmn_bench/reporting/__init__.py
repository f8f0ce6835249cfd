"""From the record to documents, as blocks: computes nothing, words everything."""

from .documents import render_report, write_reports
from .linter import forbidden_words
from .terminal import summary_rows
from .view import CandidateView, typed, view_for

__all__ = ["CandidateView", "forbidden_words", "render_report", "summary_rows", "typed", "view_for", "write_reports"]
