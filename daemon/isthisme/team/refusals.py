"""What a team's daemon refuses, in words that tell nothing of what lies beyond them."""

from isthisme.errors import InputError


class TokenRefused(InputError):
    """A token that does not hold: unknown, expired or revoked, which is not said."""

    code = "token_refused"

    def __init__(self) -> None:
        super().__init__("this token does not hold; ask who invited you for another one")


class NotAllowed(InputError):
    """Beyond what a token allows, or about an owner whom there is not: the words are the same."""

    code = "not_allowed"

    def __init__(self) -> None:
        super().__init__("this token does not allow that, or there is no such owner")


class NotApproved(InputError):
    """A notice that two people have not approved as it is."""

    code = "not_approved"
