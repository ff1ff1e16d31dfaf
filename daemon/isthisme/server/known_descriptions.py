"""What is known of the pictures described last: where the index has changed, they are looked for without a worker."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from isthisme.domain import Judgement, QueryDescription, ReferencePreview, Verdict
from isthisme.matcher import Describer

_MOST_BYTES = 16 << 20
_BESIDES_DESCRIPTORS = 4 << 10  # about what the rest of a description and a judgement take


@dataclass(frozen=True, slots=True)
class _Known:
    description: QueryDescription
    compared: bytes = b""  # tells the candidates that were judged
    judgement: Judgement | None = None

    @property
    def size(self) -> int:
        descriptors = self.description.descriptors
        return _BESIDES_DESCRIPTORS + (descriptors.nbytes if descriptors is not None else 0)


class RememberingDescriber:
    """A Describer that gives pictures it met before the description they had, and beside the same candidates the
    judgement; another one does the work. In memory only. Deep looks are passed on. Threads may share it.
    """

    def __init__(self, describer: Describer, most_bytes: int = _MOST_BYTES) -> None:
        self._describer = describer
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._bytes = 0

    def describe_query(self, data: bytes, *, deep: bool) -> QueryDescription:
        if deep:
            return self._describer.describe_query(data, deep=True)
        picture = hashlib.sha256(data).digest()
        known = self._recall(picture)
        if known is not None:
            return known.description
        description = self._describer.describe_query(data, deep=False)
        self._remember(picture, _Known(description))
        return description

    def verify(self, data: bytes, references: Sequence[ReferencePreview], *, deep: bool) -> Judgement:
        if deep:
            return self._describer.verify(data, references, deep=True)
        picture, compared = hashlib.sha256(data).digest(), _told_apart(references)
        known = self._recall(picture)
        if known is not None and known.judgement is not None and known.compared == compared:
            return known.judgement
        judgement = self._describer.verify(data, references, deep=False)
        if known is not None and judgement.verdict is not Verdict.UNDECIDED:
            self._remember(picture, replace(known, compared=compared, judgement=judgement))
        return judgement

    def _recall(self, picture: bytes) -> _Known | None:
        with self._lock:
            known = self._known.get(picture)
            if known is not None:
                self._known.move_to_end(picture)
            return known

    def _remember(self, picture: bytes, known: _Known) -> None:
        with self._lock:
            former = self._known.pop(picture, None)
            self._bytes += known.size - (former.size if former is not None else 0)
            self._known[picture] = known
            while self._bytes > self._most_bytes:
                self._bytes -= self._known.popitem(last=False)[1].size


def _told_apart(references: Sequence[ReferencePreview]) -> bytes:
    """A digest of all that verification is given besides the picture."""
    digest = hashlib.sha256()
    for each in references:
        digest.update(hashlib.sha256(each.preview).digest())
        digest.update(repr((each.candidate, each.width, each.height)).encode())
    return digest.digest()
