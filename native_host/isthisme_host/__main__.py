"""One run of the host: from the browser's call to the end of its pipe."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence

from isthisme_host.connect import LOG_NAME, MeetingError, home_folder
from isthisme_host.frames import STARTING, FrameTooLargeError, error_frame
from isthisme_host.greeting import CallerRefusedError, check_caller, read_identity
from isthisme_host.partings import BrowserGoneError, DaemonGoneError
from isthisme_host.start import DaemonUnreachableError, find_daemon

if sys.platform == "win32":
    import msvcrt

    from isthisme_host.threaded_pump import Pump
else:
    from isthisme_host.pump import Pump

_LAST_WORDS_SECONDS = 2.0


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.umask(0o077)
    try:
        if sys.platform == "win32":  # bytes as they are, without other line ends
            msvcrt.setmode(0, os.O_BINARY)
            msvcrt.setmode(1, os.O_BINARY)
        pump = Pump(browser_in=0, browser_out=1)
    except OSError:
        sys.exit("isthisme_host: no pipe to a browser; this program is started by a browser")
    sys.exit(serve(pump, sys.argv[1:], os.environ))


def serve(pump: Pump, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Pumps until the browser hangs up (0), or tells it why that cannot be (1)."""
    home = home_folder(environment)
    try:
        check_caller(arguments, read_identity())
        daemon = find_daemon(home, environment, announce=lambda: pump.say(STARTING), wait=pump.turn)
        pump.attach(daemon)
        while True:
            pump.turn()
    except BrowserGoneError:
        return 0
    except CallerRefusedError as error:
        last_words = error_frame("caller_refused", str(error), may_retry=False)
    except FrameTooLargeError as error:
        last_words = error_frame("frame_too_large", str(error), may_retry=False)
    except DaemonGoneError:
        words = f"the daemon ended while connected; connect again (its log: {os.path.join(home, LOG_NAME)})"
        last_words = error_frame("daemon_gone", words, may_retry=True)
    except MeetingError as error:
        last_words = error_frame("daemon_unreachable", str(error), may_retry=True, cause="home_refused")
    except DaemonUnreachableError as error:
        last_words = error_frame("daemon_unreachable", str(error), may_retry=True, cause=error.cause)
    try:
        pump.say(last_words)
        pump.finish(_LAST_WORDS_SECONDS)
    except BrowserGoneError:
        pass
    return 1


if __name__ == "__main__":
    main()
