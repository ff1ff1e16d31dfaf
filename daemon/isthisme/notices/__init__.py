"""Drafts of what asks a site to take a photo down: filled in, never sent by us, and no legal advice."""
