"""Pages, listeners and a greedy reader, all at once, while runs are made."""
