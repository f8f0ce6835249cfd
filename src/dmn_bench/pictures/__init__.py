"""Pictures of errors, drawn once while the recording is at hand: which, and how."""
