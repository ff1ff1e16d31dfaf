"""An encrypted catalog's file as the plain one that it stands for: for catalogs that SQLCipher refuses, since a page of
theirs is broken.

What SQLCipher 4 writes: pages of 4,096 bytes, the last 80 of which are the page's IV and a check (HMAC-SHA-512 of the
rest and the page's number); the first 16 of the file are the salt.
"""

import hashlib
import hmac
import mmap

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE_BYTES = 4096
RESERVED_BYTES = 80
_IV_BYTES, _SALT_BYTES = 16, 16
_MAGIC = b"SQLite format 3\0"


def decrypted(data: mmap.mmap | bytes, key: bytes) -> mmap.mmap:
    """In memory that no file stands behind, as large as the catalog. A page whose check is wrong has zeros."""
    plain = mmap.mmap(-1, max(1, len(data)))
    cipher = algorithms.AES(key[:-_SALT_BYTES])
    salt = bytes(byte ^ 0x3A for byte in key[-_SALT_BYTES:])
    check_key = hashlib.pbkdf2_hmac("sha512", key[:-_SALT_BYTES], salt, 2, 32)
    for start in range(0, len(data) - PAGE_BYTES + 1, PAGE_BYTES):
        skipped = _SALT_BYTES if start == 0 else 0
        page = data[start + skipped : start + PAGE_BYTES]
        sealed, check = page[: _IV_BYTES - RESERVED_BYTES], page[_IV_BYTES - RESERVED_BYTES :]
        number = (start // PAGE_BYTES + 1).to_bytes(4, "little")
        if hmac.compare_digest(hmac.digest(check_key, sealed + number, "sha512"), check):
            decryptor = Cipher(cipher, modes.CBC(sealed[-_IV_BYTES:])).decryptor()
            found = decryptor.update(sealed[:-_IV_BYTES]) + decryptor.finalize()
            plain[start : start + PAGE_BYTES - RESERVED_BYTES] = (b"" if start else _MAGIC) + found
    return plain
