"""Sentences in French, one file for each room of the program."""
