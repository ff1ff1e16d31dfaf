"""Why the pumping ends."""


class BrowserGoneError(Exception):
    """The browser closed its end; there is nobody left to work for."""


class DaemonGoneError(Exception):
    """The daemon ended the connection."""
