"""Small records by kind and name, each a text: what most homes have none of, and no table is made for."""

from isthisme.catalog.database import Connection


class Records:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, kind: str, name: str, text: str) -> None:
        """In place of the one of that name. A kind is one word."""
        self._connection.run(
            "insert into facts (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
            (f"{kind} {name}", text),
        )

    def get(self, kind: str, name: str) -> str | None:
        row = self._connection.row("select value from facts where name = ?", (f"{kind} {name}",))
        return None if row is None else str(row[0])

    def all(self, kind: str) -> dict[str, str]:
        """By their names, in order of these."""
        rows = self._connection.rows(
            "select name, value from facts where name >= ? and name < ? order by name", (f"{kind} ", f"{kind}!")
        )
        return {name.removeprefix(f"{kind} "): text for name, text in rows}

    def drop(self, kind: str, name: str) -> None:
        self._connection.run("delete from facts where name = ?", (f"{kind} {name}",))
