"""Local validation of medical AI before acquisition; each room below says in its first line what it knows."""
