"""A letter as an address that opens a mail program with the letter in it. Sending it is the user's to do."""

from urllib.parse import quote

LONGEST_MAILTO = 2_000  # characters: Windows hands no longer address to a mail program


def mailto(email: str, subject: str, text: str) -> str | None:
    """None where the address would be too long: then the text has to be pasted."""
    body = quote(text.replace("\n", "\r\n"), safe="")
    link = f"mailto:{quote(email, safe='@')}?subject={quote(subject, safe='')}&body={body}"
    return link if len(link) <= LONGEST_MAILTO else None
