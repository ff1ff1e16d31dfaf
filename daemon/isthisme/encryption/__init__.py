"""How the files of a home are kept: plainly, or encrypted with a key that lies elsewhere.

The rest of the program is given a `Vault` and does not know which of the two it is.
"""

from pathlib import Path

from isthisme.encryption.vault import PLAIN, RECORD_NAME, Vault

__all__ = ["PLAIN", "RECORD_NAME", "Vault", "open_vault"]


def open_vault(home: Path) -> Vault:
    """What a home's files are read and written with.

    Raises KeyOutOfReach, KeyMissing and EncryptionMissing where the home is encrypted and cannot be opened.
    """
    if not (home / RECORD_NAME).exists():
        return PLAIN
    from isthisme.encryption.encrypted import open_encrypted  # loads ciphers, which plain homes do not need

    return open_encrypted(home)
