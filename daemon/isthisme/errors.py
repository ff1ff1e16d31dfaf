"""What can go wrong, cut by what the caller can do about it.

IsThisMeError
├── InputError               the given thing is at fault; give another
│   ├── UnreadableImage        bytes that no decoder of ours accepts
│   ├── ImageTooLarge          over a limit on pixels, frames or bytes
│   ├── InvalidMessage         a frame or message that breaks the protocol
│   ├── UnknownType            a message of a type that this version does not know
│   ├── HelloFirst             a connection that does not begin with hello
│   ├── ExtensionTooOld        the extension speaks an older protocol than we still know
│   ├── CompanionTooOld        the extension speaks a newer protocol than we know
│   ├── NotFound               a photo, sighting or folder that is not there
│   ├── AddressRefused         an address that the guard does not let through
│   ├── SourceUnreadable       a folder, bucket or archive that does not give what it holds
│   └── UsageError             a setting or argument that cannot be
│       ├── NotAFolder           no folder of photos, nor an archive of them
│       ├── FolderForbidden      one that this user may not read
│       ├── PathNotAbsolute      a path that does not say where it begins
│       ├── NothingToSave        evidence of no sighting
│       └── TooManyAtOnce        more than one bundle takes
├── TransientError           nobody's fault; try again later
│   ├── FetchFailed            the network or the site did not give the picture
│   │   ├── NotThere             the site says that there is nothing at this address
│   │   ├── SiteRefused          the site gives the picture to some visitors only
│   │   ├── Offline              there is no network
│   │   └── TooManyRequests      the site wants to be left alone for a while
│   ├── TimestampRefused       what an authority answered is no timestamp that can be relied on
│   ├── NotSupplied            the browser was to hand in the picture, and did not
│   ├── Overloaded             more work than the daemon takes on at once
│   ├── DeadlineExceeded       the answer did not come in its time
│   ├── Cancelled              the asker went away
│   ├── Paused                 the user does not want to be alerted here now
│   ├── WorkerCrashed          a decoding process died on this input
│   ├── ClusterLost            the scheduler or every worker of a cluster is gone
│   ├── IndexUnavailable       the server that holds the index does not answer, or lacks photos that are on their way
│   └── Busy                   another process holds what is needed
└── EnvironmentFault         the machine or the installation needs attention
    ├── CatalogUnusable        the catalog cannot be opened, read or written
    │   ├── CatalogDamaged       its file is broken; doctor --repair saves what can be read
    │   └── DiskFull             no space is left for it
    ├── IndexFileUnusable      a file of the index is missing or not whole; the catalog has what it held
    ├── IndexServerUnusable    the server that holds the index will not answer: too old, or not permitted
    ├── KeyOutOfReach          the home is encrypted, and its keyring or key file cannot be asked now
    ├── KeyMissing             the home is encrypted, and where its key was is none or another one
    ├── EncryptionMissing      the home is encrypted, and the packages that open it are not installed
    ├── SealedFileDamaged      an encrypted file is not as it was written
    ├── ShelfUnusable          the folder or bucket of a shelf cannot be read or written
    ├── ModelUnusable          the descriptor model cannot be loaded
    └── DaemonUnreachable      no daemon answers on the socket
"""

from typing import ClassVar


class IsThisMeError(Exception):
    """Base of every error that the program raises on purpose. `code` is stable and part of the protocol."""

    code: ClassVar[str] = "error"


class InputError(IsThisMeError):
    code = "bad_input"


class UnreadableImage(InputError):
    code = "unreadable_image"


class ImageTooLarge(InputError):
    code = "image_too_large"


class InvalidMessage(InputError):
    code = "invalid_message"


class UnknownType(InputError):
    code = "unknown_type"


class HelloFirst(InputError):
    code = "hello_first"


class ExtensionTooOld(InputError):
    code = "update_extension"


class CompanionTooOld(InputError):
    code = "update_companion"


class NotFound(InputError):
    code = "not_found"


class AddressRefused(InputError):
    code = "address_refused"


class SourceUnreadable(InputError):
    code = "source_unreadable"


class UsageError(InputError):
    code = "usage"


class NotAFolder(UsageError):
    code = "not_a_folder"


class FolderForbidden(UsageError):
    code = "folder_forbidden"


class PathNotAbsolute(UsageError):
    code = "path_not_absolute"


class NothingToSave(UsageError):
    code = "nothing_to_save"


class TooManyAtOnce(UsageError):
    code = "too_many_at_once"


class TransientError(IsThisMeError):
    code = "try_again"


class FetchFailed(TransientError):
    code = "fetch_failed"


class NotThere(FetchFailed):
    pass  # the same code: to whoever looks at the picture it makes no difference


class SiteRefused(FetchFailed):
    code = "site_refused"


class Offline(FetchFailed):
    code = "offline"


class TooManyRequests(FetchFailed):
    pass  # the same code: to whoever looks at the picture it makes no difference


class TimestampRefused(TransientError):
    code = "timestamp_refused"


class NotSupplied(TransientError):
    code = "not_supplied"


class Overloaded(TransientError):
    code = "overloaded"


class DeadlineExceeded(TransientError):
    code = "deadline_exceeded"


class Cancelled(TransientError):
    code = "cancelled"


class Paused(TransientError):
    code = "paused"


class WorkerCrashed(TransientError):
    code = "worker_crashed"


class ClusterLost(TransientError):
    code = "cluster_lost"


class IndexUnavailable(TransientError):
    code = "index_unavailable"


class Busy(TransientError):
    code = "busy"


class EnvironmentFault(IsThisMeError):
    code = "environment"


class CatalogUnusable(EnvironmentFault):
    code = "catalog_unusable"


class CatalogDamaged(CatalogUnusable):
    code = "catalog_damaged"


class DiskFull(CatalogUnusable):
    code = "disk_full"


class IndexFileUnusable(EnvironmentFault):
    code = "index_file_unusable"


class IndexServerUnusable(EnvironmentFault):
    code = "index_server_unusable"


class KeyOutOfReach(EnvironmentFault):
    code = "key_out_of_reach"


class KeyMissing(EnvironmentFault):
    code = "key_missing"


class EncryptionMissing(EnvironmentFault):
    code = "encryption_missing"


class SealedFileDamaged(EnvironmentFault):
    code = "sealed_file_damaged"


class ShelfUnusable(EnvironmentFault):
    code = "shelf_unusable"


class ModelUnusable(EnvironmentFault):
    code = "model_unusable"


class DaemonUnreachable(EnvironmentFault):
    code = "daemon_unreachable"
