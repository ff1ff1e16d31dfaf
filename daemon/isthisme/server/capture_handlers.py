"""Keeping a page as it was shown when the user saved evidence of it."""

from isthisme.catalog import Catalog
from isthisme.catalog.captures import NewPart
from isthisme.server.captures import WholeCapture
from isthisme.server.messages import CapturePage
from isthisme.server.row_handlers import Answered
from isthisme.server.session import Session
from isthisme.server.threads import Threads


async def capture_page(catalog: Catalog, threads: Threads, session: Session, request: CapturePage) -> Answered:
    """Takes one part; with the last one all of them are kept, or none where that fails."""
    whole = session.capture.take(request)
    if whole is None:
        return "ok", {}
    capture_id = await threads.catalog(_keep, catalog, whole, session.browser.user_agent)
    return "captured", {"capture_id": capture_id}


def _keep(catalog: Catalog, whole: WholeCapture, user_agent: str) -> int:
    parts = [
        NewPart(
            part.first.kind, part.first.media_type, part.data, part.first.width, part.first.height, part.first.words
        )
        for part in whole.parts
    ]
    return catalog.captures.add(whole.page.address, whole.page.title, whole.moment, user_agent, parts)
