"""Keeps the index in step with the photo folders: what changed, when it is calm, and what may be done now."""
