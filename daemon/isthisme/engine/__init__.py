"""Pixels in, numbers and verdicts out. Pure: no files, no sockets, no asyncio."""
