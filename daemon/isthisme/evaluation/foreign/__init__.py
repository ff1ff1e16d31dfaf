"""Programs for other interpreters, whose packages do not go with ours: each a file that imports nothing of ours."""
