"""How sure we are: numbers in, numbers out. No files, no clock, no words, no randomness but a seed handed in."""
