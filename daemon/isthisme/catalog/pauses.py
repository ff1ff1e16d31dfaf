"""Where and until when the user does not want to be alerted."""

import time
from dataclasses import dataclass

from isthisme.catalog.database import Connection

_EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class Pause:
    site: str | None  # host name; None means everywhere
    until: float | None  # seconds since 1970; None means until resumed


class Pauses:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, pause: Pause) -> None:
        self._connection.run(
            "insert into pauses (site, until) values (?, ?) on conflict (site) do update set until = excluded.until",
            (_stored(pause.site), pause.until),
        )

    def end(self, site: str | None) -> None:
        self._connection.run("delete from pauses where site = ?", (_stored(site),))

    def all(self) -> list[Pause]:
        """The pauses in force now."""
        rows = self._connection.rows(
            "select site, until from pauses where until is null or until > ? order by site", (time.time(),)
        )
        return [Pause(site or None, until) for site, until in rows]

    def covers(self, site: str) -> bool:
        return any(pause.site is None or pause.site == site.lower() for pause in self.all())


def _stored(site: str | None) -> str:
    return _EVERYWHERE if site is None else site.lower()
