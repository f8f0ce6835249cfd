"""The shelf of tasks: what a right answer is. Pure; one file for each kind of answer."""
