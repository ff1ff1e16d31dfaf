"""The whole thing shown once: photos, a page that reuses some of them, a real browser, and what it flags."""
