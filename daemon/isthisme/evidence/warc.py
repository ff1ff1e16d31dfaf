"""What was seen as a WARC file (ISO 28500): what the companion asked and was answered, and what the browser showed.

Not packed record by record as is usual: the bundle's zip packs it, and who checks it meets one kind of packing less.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

from isthisme import __version__
from isthisme.domain import Exchange, Moment
from isthisme.evidence.bundle_file import Sink

MEDIA_TYPE = "application/warc"
LONGEST_ADDRESS = 16_384  # characters; common readers of WARC take no longer lines
# Of how the body travelled: it is kept unpacked and whole.
_OF_TRAVEL = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive", "trailer"}
)
_HALF_ESCAPE = re.compile("%[0-9A-F]?$")
_ORIGINAL = "X-Archive-Orig-"  # as other archives name what they had to change


@dataclass(frozen=True, slots=True)
class Fetched:
    """A picture that the companion fetched."""

    exchange: Exchange
    moment: Moment
    body: bytes  # unpacked
    media_type: str  # as its first bytes say; for what has no answer of its own


@dataclass(frozen=True, slots=True)
class Shown:
    """What the browser handed in: a picture, the page's text, a picture of the screen."""

    address: str
    moment: Moment
    body: bytes
    media_type: str
    note: str = ""  # in English


type Record = Fetched | Shown


def write(stream: Sink, records: Iterable[Record], made: Moment) -> None:
    """Writes the WARC file, record by record. The same records give the same file, save for their record ids."""
    writer = _Writer(stream, gzip=False, warc_version="1.1")
    info = {
        "software": f"Is This Me? {__version__}",
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "description": "Bodies are kept unpacked. Header lines that told how a body travelled are kept under the "
        f"prefix {_ORIGINAL}. Requests are as the companion sent them; no cookies are ever sent.",
    }
    record = writer.create_warcinfo_record(None, info)
    record.rec_headers.replace_header("WARC-Date", _date(made.at))
    writer.write_record(record)
    for each in records:
        if isinstance(each, Fetched):
            _write_fetched(writer, each)
        else:
            _write_resource(writer, each)


class _Writer(WARCWriter):  # type: ignore[misc] # has no types
    @staticmethod
    def _create_digester() -> Any:
        return Digester("sha256")


def _write_fetched(writer: _Writer, fetched: Fetched) -> None:
    exchange = fetched.exchange
    is_web = exchange.final_address.lower().startswith(("http://", "https://"))
    if exchange.by != "companion" or exchange.status is None or not is_web:
        note = "Read from the page's own text." if exchange.by == "page" else ""
        _write_resource(writer, Shown(exchange.final_address, fetched.moment, fetched.body, fetched.media_type, note))
        return
    address = _target(exchange.final_address)
    date = _date(exchange.began if exchange.began is not None else fetched.moment.at)
    headers = StatusAndHeaders(
        f"{exchange.status} {_one_line(exchange.reason) or _phrase(exchange.status)}",
        _answered(exchange.response_headers, len(fetched.body)),
        protocol="HTTP/1.1",
    )
    response = writer.create_warc_record(
        address,
        "response",
        payload=io.BytesIO(fetched.body),
        length=len(fetched.body),
        warc_headers_dict={"WARC-Date": date},
        http_headers=headers,
    )
    asked = [(name, value) for name, value in _clean(exchange.request_headers)]
    request = writer.create_warc_record(
        address,
        "request",
        payload=io.BytesIO(),
        length=0,
        warc_headers_dict={"WARC-Date": date},
        http_headers=StatusAndHeaders(f"{_request_target(exchange.final_address)} HTTP/1.1", asked, protocol="GET"),
    )
    writer.write_request_response_pair(request, response)
    if exchange.address != exchange.final_address:
        text = f"via: {_target(exchange.address)}\r\nnote: the address asked for; it led to this one\r\n".encode()
        about = writer.create_warc_record(
            address,
            "metadata",
            payload=io.BytesIO(text),
            length=len(text),
            warc_content_type="application/warc-fields",
            warc_headers_dict={
                "WARC-Date": date,
                "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
            },
        )
        writer.write_record(about)


def _write_resource(writer: _Writer, shown: Shown) -> None:
    headers = {"WARC-Date": _date(shown.moment.at)}
    if shown.note:
        headers["WARC-X-Note"] = _one_line(shown.note)
    record = writer.create_warc_record(
        _target(shown.address),
        "resource",
        payload=io.BytesIO(shown.body),
        length=len(shown.body),
        warc_content_type=_one_line(shown.media_type),
        warc_headers_dict=headers,
    )
    writer.write_record(record)


def _answered(headers: Sequence[tuple[str, str]], length: int) -> list[tuple[str, str]]:
    found = [(f"{_ORIGINAL}{name}" if name.lower() in _OF_TRAVEL else name, value) for name, value in _clean(headers)]
    return [*found, ("Content-Length", str(length))]


def _clean(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Header lines with nothing in them that would end a line."""
    return [(_one_line(name).replace(":", ""), _one_line(value)) for name, value in headers if _one_line(name)]


def _one_line(text: str) -> str:
    return "".join(each if each.isprintable() and not "\ud800" <= each <= "\udfff" else " " for each in text).strip()


def _target(address: str) -> str:
    """An address as one word; one that is too long for readers of WARC is cut, and the manifest has it whole."""
    whole = "".join(each if "!" <= each <= "~" else _escaped(each) for each in address[: LONGEST_ADDRESS + 1])
    if not whole:
        return "about:blank"
    return whole if len(whole) <= LONGEST_ADDRESS else _HALF_ESCAPE.sub("", whole[:LONGEST_ADDRESS])


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def _request_target(address: str) -> str:
    """Path and query, as a request has them."""
    rest = _target(address).partition("#")[0].partition("://")[2]
    slash = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=-1)
    found = rest[slash:] if slash >= 0 else "/"
    return found if found.startswith("/") else f"/{found}"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
