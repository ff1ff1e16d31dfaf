"""Whose a file is and whether others may read it, as far as its mode tells.

On Windows a mode tells neither. There the access list of the user's profile, or of the home folder itself, keeps other
users from all that lies below it, and this program relies on it without looking.
"""

import os
import sys

MODES_TELL = sys.platform != "win32"

if sys.platform == "win32":

    def foreign_owner(found: os.stat_result) -> int | None:
        return None

    def is_open_to_others(found: os.stat_result) -> bool:
        return False

else:

    def foreign_owner(found: os.stat_result) -> int | None:
        """The user id of the file's owner where that is somebody else."""
        return found.st_uid if found.st_uid != os.geteuid() else None

    def is_open_to_others(found: os.stat_result) -> bool:
        """Whether its mode lets anybody but its owner read, write or enter it."""
        return found.st_mode & 0o077 != 0
