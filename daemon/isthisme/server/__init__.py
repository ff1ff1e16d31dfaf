"""The daemon's door: frames, messages, and one handler for each message."""
