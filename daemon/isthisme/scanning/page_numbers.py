"""The number that a gallery's addresses count its pages with: `?page=2`, `/page/2`."""

import re

_IN_QUERY = re.compile(
    r"(?<=[?&])(page|p|pg|paged|pageno|page_no|pagenum|seite|pagina)=(\d{1,6})(?=&|$)", re.IGNORECASE
)
_IN_PATH = re.compile(r"(?<=/)(page|p|pg|seite|pagina)[/-](\d{1,6})(?=/|$)", re.IGNORECASE)


def number_in(address: str) -> tuple[str, int]:
    """The address without its page's number, and the number: 1 where there is none, as for a gallery's first page."""
    before, question, query = address.partition("?")
    counted = _IN_QUERY.search(question + query)
    if counted is not None:
        left = (question + query)[: counted.start()] + (question + query)[counted.end() :].removeprefix("&")
        return before + left.rstrip("?&"), int(counted[2])
    path = _IN_PATH.search(before)
    if path is not None:
        rest = before[: path.start()].rstrip("/") + "/" + before[path.end() :].strip("/")
        return rest.rstrip("/") + question + query, int(path[2])
    return before.rstrip("/") + question + query, 1
