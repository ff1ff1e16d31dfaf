"""Tells people when a web page reuses one of their own photos; everything stays on their computer."""

__version__ = "0.1.0"
