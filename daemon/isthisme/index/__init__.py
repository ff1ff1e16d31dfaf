"""Numbers in, neighbours out."""
