"""Drawings of the report as SVG written by hand: themable, with a title, the same in HTML and PDF."""
