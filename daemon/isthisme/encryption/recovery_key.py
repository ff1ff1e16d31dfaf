"""The recovery key: 128 bits in letters that a hand can write down, which open the home's key without the keyring.

Written in base 32 (Crockford's: no I, L, O, U), seven groups of four; the last two letters catch slips of the pen.
"""

import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from isthisme.encryption.sealing import subkey
from isthisme.errors import UsageError

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_KEY_BYTES = 16
_LENGTH, _CHECK = 26, 2  # letters
_GROUP = 4
_SALT_BYTES, _NONCE = 16, bytes(12)  # every wrapping has a key of its own, used once


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    secret: bytes  # 16

    @classmethod
    def new(cls) -> "RecoveryKey":
        return cls(secrets.token_bytes(_KEY_BYTES))

    @classmethod
    def read(cls, text: str) -> "RecoveryKey":
        """From what was typed, in either case and with anything between the groups. Raises UsageError."""
        letters = "".join(each for each in text.upper().translate(_MISREAD) if each.isalnum())
        if len(letters) != _LENGTH + _CHECK or set(letters) - set(_LETTERS):
            raise UsageError(
                f"a recovery key has {_LENGTH + _CHECK} letters and digits in groups of {_GROUP}, and no U; look again"
            )
        number = 0
        for letter in letters[:_LENGTH]:
            number = number << 5 | _LETTERS.index(letter)
        if number >> 8 * _KEY_BYTES or _check(secret := number.to_bytes(_KEY_BYTES)) != letters[_LENGTH:]:
            raise UsageError("a letter of the recovery key is wrong, or two changed places; look again")
        return cls(secret)

    @property
    def groups(self) -> list[str]:
        number = int.from_bytes(self.secret)
        letters = "".join(_LETTERS[number >> 5 * place & 31] for place in reversed(range(_LENGTH))) + _check(
            self.secret
        )
        return [letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP)]

    def __str__(self) -> str:
        return "-".join(self.groups)

    def wrap(self, key: bytes) -> bytes:
        """The home's key so that this one opens it again."""
        salt = secrets.token_bytes(_SALT_BYTES)
        return salt + AESGCM(subkey(self.secret, b"recovery", salt)).encrypt(_NONCE, key, None)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Raises UsageError where this is the recovery key of something else."""
        salt = wrapped[:_SALT_BYTES]
        try:
            return AESGCM(subkey(self.secret, b"recovery", salt)).decrypt(_NONCE, wrapped[_SALT_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise UsageError("this is not the recovery key of this home; only the one shown last opens it") from error


def _check(secret: bytes) -> str:
    digest = hashlib.sha256(b"isthisme recovery key" + secret).digest()
    return _LETTERS[digest[0] & 31] + _LETTERS[digest[1] & 31]
