"""The native-messaging host: a byte pump between a browser's stdio and the daemon's socket. Standard library only."""

__version__ = "0.1.0"
