"""Why host and daemon do not meet."""


class MeetingError(Exception):
    """Base of what is raised here."""


class NothingAnswersError(MeetingError):
    """No daemon is there; start one."""


class HomeRefusedError(MeetingError):
    """The home folder is not one to keep private things in."""


class StrangerError(MeetingError):
    """The other end of the connection belongs to another user."""


class AlreadyRunningError(MeetingError):
    """Another daemon holds the lock."""
