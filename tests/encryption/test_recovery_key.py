"""The recovery key: written down by hand, typed again, and what it opens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthisme.encryption.recovery_key import RecoveryKey
from isthisme.errors import UsageError

KEY = bytes(range(32))
secrets = st.binary(min_size=16, max_size=16).map(RecoveryKey)


@given(secrets)
def test_what_was_written_down_is_read_again_however_it_is_typed(key: RecoveryKey) -> None:
    text = str(key)
    assert [len(group) for group in key.groups] == [4] * 7
    for typed in (text, text.lower(), text.replace("-", " "), f"  {text}\n", text.replace("1", "l").replace("0", "O")):
        assert RecoveryKey.read(typed) == key


@given(secrets, st.integers(0, 27), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_wrong_letter_never_opens_another_home(key: RecoveryKey, place: int, letter: str) -> None:
    letters = "".join(key.groups)
    typed = letters[:place] + letter + letters[place + 1 :]
    try:
        assert (RecoveryKey.read(typed) == key) == (typed == letters)
    except UsageError:
        assert typed != letters


@pytest.mark.parametrize("typed", ["", "A", "A" * 27, "A" * 29, "U" * 28, "Z" * 28])
def test_what_is_no_recovery_key_is_said_to_be_none(typed: str) -> None:
    with pytest.raises(UsageError, match="look again"):
        RecoveryKey.read(typed)


def test_it_opens_what_it_wrapped_and_no_other_does() -> None:
    key, other = RecoveryKey.new(), RecoveryKey.new()
    wrapped = key.wrap(KEY)
    assert key.wrap(KEY) != wrapped  # never the same bytes twice
    assert key.unwrap(wrapped) == KEY
    for opens, what in ((other, wrapped), (key, wrapped[:-1]), (key, b""), (key, wrapped[:20] + b"x" + wrapped[21:])):
        with pytest.raises(UsageError, match="not the recovery key of this home"):
            opens.unwrap(what)
