"""Draws the four demonstration sets: people, images and recordings that never existed.

Everything here is synthetic. Nothing was learned from, copied from or traced over a real examination; the only inputs
are the seeds in the ``*_set`` modules. ``make_demo_sets.py`` beside this folder writes the sets.
"""
