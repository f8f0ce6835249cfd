"""Sentences in English, one file for each room of the program."""
