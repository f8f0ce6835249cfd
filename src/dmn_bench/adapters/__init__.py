"""Shelf: ways to get answers from a candidate, one file each."""
