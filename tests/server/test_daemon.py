"""The daemon as the extension meets it: a real process, a real socket, real pictures."""

import base64
import io
import json
import os
import re
import resource
import signal
import socket
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from isthisme.catalog import Catalog
from isthisme_host.connect import connect
from tests.companion import (
    Client,
    bytes_below,
    client,
    daemon_with_photos,
    isthisme,
    running_daemon,
    start_daemon,
    wait_until,
)
from tests.picture_site import Site, picture_site
from tests.pictures import drawn, encoded, write_photos

pytestmark = pytest.mark.slow  # many processes


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A daemon without a model, which knows four photos."""
    with daemon_with_photos(tmp_path_factory.mktemp("daemon"), 4, workers=2) as made:
        yield made


@pytest.fixture
def site() -> Iterator[Site]:
    files = {
        "/mirrored.jpg": ("image/jpeg", encoded(np.ascontiguousarray(drawn(1)[:, ::-1]), quality=80)),
        "/stranger.jpg": ("image/jpeg", encoded(drawn(500))),
    }
    with picture_site(files) as made:
        yield made


@pytest.fixture
def asker(home: Path) -> Iterator[Client]:
    with client(home) as made:
        yield made


def forget_sightings(asker: Client) -> None:
    for sighting in asker.ask("sightings", limit=200)["sightings"]:
        asker.ask("delete_sighting", sighting_id=sighting["sighting_id"])


def test_a_page_is_judged_picture_by_picture(asker: Client, site: Site) -> None:
    found = asker.check_page([site.url("mirrored.jpg"), site.url("stranger.jpg")], site.address)
    copy, stranger = found[site.url("mirrored.jpg")], found[site.url("stranger.jpg")]
    assert copy["verdict"] == "copy"
    assert Path(copy["matches"][0]["photo"]).name == "photo_001.jpg"
    assert "mirrored" in [edit["kind"] for edit in copy["matches"][0]["edits"]]
    assert copy["sighting_id"] > 0
    assert (stranger["verdict"], stranger["sighting_id"]) == ("no_copy", None)
    assert found["done"] == {"id": found["done"]["id"], "type": "done", "checked": 2, "from_cache": 0}


def test_a_second_visit_asks_the_site_for_nothing(asker: Client, site: Site) -> None:
    addresses = [site.url("mirrored.jpg"), site.url("stranger.jpg")]
    first = asker.check_page(addresses, site.address)
    second = asker.check_page(addresses, site.address)
    assert second["done"]["from_cache"] == 2
    assert sorted(path for path, _ in site.requests) == ["/mirrored.jpg", "/stranger.jpg"]
    assert [second[each]["verdict"] for each in addresses] == [first[each]["verdict"] for each in addresses]
    (sighting,) = asker.ask("sightings", page_address=site.address)["sightings"]
    assert sighting["times_seen"] == 2


def test_what_did_not_match_leaves_no_address_behind(home: Path, asker: Client, site: Site) -> None:
    site.files["/very-private-path.jpg"] = ("image/jpeg", encoded(drawn(501)))
    asker.check_page([site.url("very-private-path.jpg")], site.url("secret-page"))
    kept = bytes_below(home)
    assert b"very-private-path" not in kept
    assert b"secret-page" not in kept


def test_the_site_sees_what_it_would_see_from_a_browser(asker: Client, site: Site) -> None:
    asker.check_page([site.url("stranger.jpg")], site.url("page.html?secret=1"))
    ((_, headers),) = site.requests
    assert headers["User-Agent"] == "Test/1.0"
    assert headers["Accept"].startswith("image/")
    assert headers["Referer"] == site.url("page.html?secret=1")  # the same origin
    assert "Cookie" not in headers


def test_the_users_question_is_answered_also_while_paused(asker: Client, site: Site) -> None:
    asker.ask("pause")
    try:
        refused = asker.check_page([site.url("stranger.jpg")], site.address)
        assert refused["error"]["code"] == "paused"
        answer = asker.ask(
            "check_image", page={"address": site.address}, image={"key": "q", "address": site.url("mirrored.jpg")}
        )
        assert (answer["key"], answer["verdict"]) == ("q", "copy")
        assert asker.ask("status")["state"] == "paused"
    finally:
        assert asker.ask("resume")["state"] == "ready"


def test_a_captured_page_is_kept_when_its_last_part_came(home: Path, asker: Client, site: Site) -> None:
    picture = encoded(drawn(3))
    common = {"type": "capture_page", "capture": "a", "page": {"address": site.address, "title": "A page"}}
    screen = {"kind": "screen", "media_type": "image/jpeg", "parts": 2, "width": 640, "height": 480}
    text = {"kind": "html", "media_type": "text/html", "parts": 1, "words": "cut", "is_last": True}
    chunks = [(screen, 0, picture[:1000]), (screen, 1, picture[1000:]), (text, 0, b"<p>")]
    answers = []
    for number, (fields, part, data) in enumerate(chunks, 1_000):
        more = {"id": number, "at": 1_790_000_000.5, "part": part, "bytes": base64.b64encode(data).decode()}
        asker.send_raw(json.dumps(common | fields | more).encode())
        answers += asker.answers(number)
    *taken, answer = answers
    assert [each["type"] for each in taken] == ["ok", "ok"]
    assert answer["type"] == "captured"
    with closing(Catalog(home / "catalog.db")) as catalog:
        kept = catalog.captures.latest(site.address)
        assert kept is not None
        assert kept.capture_id == answer["capture_id"]
        assert (kept.page_title, kept.moment.at, kept.user_agent) == ("A page", 1_790_000_000.5, "Test/1.0")
        assert [catalog.captures.data(part.part_id) for part in kept.parts] == [picture, b"<p>"]
        assert [(part.kind, part.width, part.words) for part in kept.parts] == [("screen", 640, ""), ("html", 0, "cut")]


def test_a_site_is_paused_alone(asker: Client, site: Site) -> None:
    asker.ask("pause", site="127.0.0.1")
    assert asker.check_page([site.url("stranger.jpg")], site.address)["error"]["code"] == "paused"
    other = asker.check_page([], "https://elsewhere.example/")
    assert other["done"]["checked"] == 0
    status = asker.ask("resume", site="127.0.0.1")
    assert status["paused"] == {"everywhere": False, "until": None, "sites": []}


def test_bytes_instead_of_an_address(asker: Client) -> None:
    image = {"key": "b", "bytes": base64.b64encode(encoded(drawn(2), quality=60)).decode()}
    answer = asker.ask("check_image", page={"address": "https://a.example/"}, image=image)
    assert (answer["verdict"], Path(answer["matches"][0]["photo"]).name) == ("copy", "photo_002.jpg")


def test_both_pictures_can_be_shown(asker: Client, site: Site) -> None:
    forget_sightings(asker)
    copy = asker.check_page([site.url("mirrored.jpg")], site.url("other"))[site.url("mirrored.jpg")]
    photo = asker.ask("photo_preview", photo_id=copy["matches"][0]["photo_id"])
    seen = asker.ask("sighting_preview", sighting_id=copy["sighting_id"])
    for preview in (photo, seen):
        picture = Image.open(io.BytesIO(base64.b64decode(preview["bytes"])))
        assert (preview["media_type"], picture.format, picture.size) == ("image/jpeg", "JPEG", (480, 360))
    assert (photo["name"], photo["is_present"]) == ("photo_001.jpg", True)
    assert asker.ask("photo_preview", photo_id=10**9)["code"] == "not_found"
    assert asker.ask("sighting_preview", sighting_id=10**9)["code"] == "not_found"


def test_a_deleted_sighting_stays_deleted_and_costs_the_site_no_request(asker: Client, site: Site) -> None:
    forget_sightings(asker)
    address = site.url("mirrored.jpg")
    first = asker.check_page([address], site.address)[address]
    assert asker.ask("delete_sighting", sighting_id=first["sighting_id"])["type"] == "ok"
    assert asker.ask("delete_sighting", sighting_id=first["sighting_id"])["code"] == "not_found"
    again = asker.check_page([address], site.address)[address]
    assert (again["verdict"], again["sighting_id"]) == ("copy", None)
    assert site.asked("/mirrored.jpg") == 1


def test_what_the_user_decides_holds_until_it_is_undone(asker: Client, site: Site) -> None:
    forget_sightings(asker)
    address = site.url("mirrored.jpg")
    before = asker.ask("status")["decisions"]
    copy = asker.check_page([address], site.address)[address]
    photo_id = copy["matches"][0]["photo_id"]
    kept = asker.ask("keep_sighting", sighting_id=copy["sighting_id"])
    assert (kept["type"], kept["kind"], kept["sighting_ids"]) == ("decision", "mine", [copy["sighting_id"]])
    fine = asker.ask("fine_here", pattern="a.example/anna", reach="below")
    assert (fine["kind"], fine["pattern"], fine["reach"]) == ("fine", "a.example/anna", "below")
    dismissed = asker.ask("not_me", sighting_id=copy["sighting_id"], photo_id=photo_id)
    assert (dismissed["kind"], dismissed["photo_id"]) == ("not_me", photo_id)
    assert (Path(dismissed["photo"]).name, dismissed["page_title"]) == ("photo_001.jpg", "A page")
    listed = asker.ask("decisions")["decisions"]
    assert [each["decision_id"] for each in listed] == [each["decision_id"] for each in (dismissed, fine, kept)]
    assert asker.ask("status")["decisions"] != before
    again = asker.check_page([address], site.address)[address]
    assert (again["verdict"], again["matches"], again["sighting_id"]) == ("no_copy", [], None)
    assert asker.ask("sightings")["sightings"] == []
    site.files["/near.jpg"] = ("image/jpeg", encoded(np.ascontiguousarray(drawn(1)[:, ::-1]), quality=50))
    near = asker.check_page([site.url("near.jpg")], site.url("elsewhere"))[site.url("near.jpg")]
    assert (near["verdict"], near["reason"]["code"]) == ("no_copy", "dismissed")
    for each in listed:
        assert asker.ask("undo_decision", decision_id=each["decision_id"])["type"] == "ok"
    assert asker.ask("undo_decision", decision_id=fine["decision_id"])["code"] == "not_found"
    assert asker.check_page([address], site.address)[address]["matches"] == copy["matches"]
    assert [each["sighting_id"] for each in asker.ask("sightings")["sightings"]] == [copy["sighting_id"]]
    assert site.asked("/mirrored.jpg") == 1, "no decision may be seen by the site"


def test_decisions_about_what_is_not_there_are_refused(asker: Client) -> None:
    assert asker.ask("keep_sighting", sighting_id=10**9)["code"] == "not_found"
    assert asker.ask("not_me", sighting_id=10**9, photo_id=1)["code"] == "not_found"
    assert asker.ask("fine_here", pattern="a.example", reach="everywhere")["code"] == "invalid_message"


def bomb_png(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * (1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def animated_gif(seed: int) -> bytes:
    frames = [Image.fromarray(drawn(seed)), Image.fromarray(drawn(seed + 1000))]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100, loop=0)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "verdicts", "code"),
    [
        ("a bomb", bomb_png(60_000, 60_000), {"undecided"}, "image_too_large"),
        ("one pixel", encoded(np.zeros((1, 1, 3), np.uint8), "PNG"), {"undecided"}, "too_plain"),
        ("a plain square", encoded(np.full((200, 200, 3), 120, np.uint8), "PNG"), {"undecided"}, "too_plain"),
        (
            "a very wide picture",
            encoded(np.tile(drawn(3), (1, 62, 1))[:200, :30_000], "PNG"),
            {"no_copy", "undecided"},
            None,
        ),
        ("no picture", b"<html>this is no picture</html>", {"undecided"}, "unreadable_image"),
        ("nothing", b"", {"undecided"}, "unreadable_image"),
        ("a wrong ending", encoded(drawn(3), "WEBP", quality=80), {"copy"}, None),
        ("a truncated copy", encoded(drawn(3), quality=90)[:-3000], {"copy", "possible_copy", "undecided"}, None),
        ("a stump", encoded(drawn(3), quality=90)[:300], {"undecided", "no_copy"}, None),
        ("an animation", animated_gif(3), {"copy", "possible_copy"}, None),
    ],
)
def test_every_picture_gets_a_clear_answer(
    asker: Client, site: Site, name: str, data: bytes, verdicts: set[str], code: str | None
) -> None:
    site.files["/odd.jpg"] = ("image/jpeg", data)
    answer = asker.check_page([site.url("odd.jpg")], site.address)[site.url("odd.jpg")]
    assert answer["verdict"] in verdicts, (name, answer)
    if answer["verdict"] == "undecided":
        assert answer["reason"]["words"]
        assert code is None or answer["reason"]["code"] == code


def test_a_picture_that_cannot_be_fetched_is_undecided_with_the_reason(asker: Client, site: Site) -> None:
    site.files["/page.html"] = ("text/html", b"<html></html>")
    found = asker.check_page([site.url("missing.jpg"), site.url("page.html")], site.address)
    for address, code in ((site.url("missing.jpg"), "fetch_failed"), (site.url("page.html"), "site_refused")):
        assert (found[address]["verdict"], found[address]["reason"]["code"]) == ("undecided", code)


def test_a_private_address_is_refused_to_a_public_page(asker: Client, site: Site) -> None:
    answer = asker.check_page([site.url("mirrored.jpg")], "https://public.example/")[site.url("mirrored.jpg")]
    assert (answer["verdict"], answer["reason"]["code"]) == ("undecided", "address_refused")
    assert site.requests == []


def test_a_cancelled_page_ends_with_cancelled_and_the_daemon_goes_on(asker: Client, site: Site) -> None:
    site.slow_seconds = 30
    request = asker.start_page([site.url(f"{number}.jpg") for number in range(30)], site.address)
    wait_until(lambda: site.requests, "the pictures are being fetched")
    assert asker.ask("cancel", target=request)["type"] == "ok"
    assert asker.answers(request)[-1]["code"] == "cancelled"
    assert asker.ask("cancel", target=12345)["type"] == "ok"
    assert asker.ask("status")["type"] == "status"


def test_a_deadline_is_kept(asker: Client, site: Site) -> None:
    site.slow_seconds = 30
    found = asker.check_page([site.url("slow.jpg")], site.address, deadline_seconds=0.3)
    assert (found["error"]["code"], found["error"]["may_retry"]) == ("deadline_exceeded", True)
    page = {"address": site.address}
    image = {"key": "1", "address": site.url("slow.jpg")}
    answer = asker.ask("check_image", page=page, image=image, deadline_seconds=0.3)
    assert answer["code"] == "deadline_exceeded"


def test_too_much_at_once_is_refused_and_room_comes_back(home: Path, asker: Client, site: Site) -> None:
    site.slow_seconds = 30
    codes = []
    with client(home) as greedy:
        for number in range(8):
            greedy.start_page([site.url(f"{number}-{each}.jpg") for each in range(300)], site.address)
        while not codes:
            answer = greedy.receive()
            if answer["type"] == "error":
                codes.append(answer["code"])
    assert codes == ["overloaded"]
    site.slow_seconds = 0
    many = [site.url(f"x{each}.jpg") for each in range(300)]
    wait_until(
        lambda: "done" in asker.check_page(many, site.address), "the pictures of the closed connection are dropped"
    )


def test_more_requests_than_a_connection_may_have(home: Path, site: Site) -> None:
    site.slow_seconds = 30
    with client(home) as greedy:
        requests = [greedy.start_page([site.url("a.jpg")], site.address) for _ in range(65)]
        assert greedy.answers(requests[-1])[-1]["code"] == "overloaded"


def test_an_id_under_way_is_not_taken_twice(asker: Client, site: Site) -> None:
    site.slow_seconds = 30
    request = asker.start_page([site.url("a.jpg")], site.address)
    asker.send_raw(json.dumps({"id": request, "type": "status"}).encode())
    answer = asker.receive_answer()
    assert (answer["id"], answer["code"]) == (request, "invalid_message")


def test_hello_comes_first(home: Path) -> None:
    with client(home, greets=False) as stranger:
        assert stranger.ask("status")["code"] == "hello_first"
        assert stranger.hello()["type"] == "welcome"


@pytest.mark.parametrize(
    ("protocol", "code"), [(0, "update_extension"), (2, "update_companion"), (99, "update_companion")]
)
def test_another_version_is_told_what_to_update(home: Path, protocol: int, code: str) -> None:
    with client(home, greets=False) as stranger:
        answer = stranger.hello(protocol=protocol)
        assert (answer["type"], answer["code"]) == ("error", code)
        assert "update" in answer["message"]
        assert stranger.ask("status")["code"] == "hello_first"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b"null", b'{"id": 3}', b'{"id": 3, "type": 7}', b"[" * 100_000]
)
def test_what_is_no_message_gets_an_error_and_the_connection_goes_on(asker: Client, body: bytes) -> None:
    asker.send_raw(body)
    answer = asker.receive_answer()
    assert (answer["type"], answer["code"]) == ("error", "invalid_message")
    assert answer["id"] == (3 if b'"id": 3' in body else None)
    assert asker.ask("status")["type"] == "status"


def test_a_type_of_another_version_is_told_so(asker: Client) -> None:
    assert asker.ask("dance")["code"] == "unknown_type"


def test_frames_byte_by_byte(asker: Client) -> None:
    body = json.dumps({"id": 77, "type": "status"}).encode()
    for byte in struct.pack("=I", len(body)) + body:
        asker.socket.sendall(bytes([byte]))
    assert asker.receive_answer()["id"] == 77


@pytest.mark.parametrize("length", [0xFFFFFFFF, 16 * 2**20 + 1])
def test_a_frame_over_the_limit_ends_the_connection_and_not_the_daemon(home: Path, length: int) -> None:
    with client(home) as stranger:
        stranger.socket.sendall(struct.pack("=I", length))
        assert stranger.receive_answer()["code"] == "frame_too_large"
        with pytest.raises(EOFError):
            stranger.receive_answer()
    with client(home) as next_one:
        assert next_one.ask("status")["type"] == "status"


def test_a_truncated_frame_is_closed_without_a_word(home: Path) -> None:
    with client(home) as stranger:
        stranger.socket.sendall(struct.pack("=I", 100) + b"{")
        stranger.socket.shutdown(socket.SHUT_WR)
        with pytest.raises(EOFError):
            stranger.receive_answer()


def test_folders_come_and_go(home: Path, asker: Client, tmp_path: Path) -> None:
    write_photos(tmp_path / "more", range(20, 22))
    answer = asker.ask("add_folder", path=str(tmp_path / "more"))
    assert [Path(folder["path"]).name for folder in answer["folders"]] == ["photos", "more"]
    wait_until(lambda: asker.ask("status")["photos"] == 6, "the new photos are indexed")
    assert asker.ask("add_folder", path="relative")["code"] == "path_not_absolute"
    assert asker.ask("add_folder", path=str(tmp_path / "nowhere"))["code"] == "not_a_folder"
    answer = asker.ask("remove_folder", path=str(tmp_path / "more"))
    assert len(answer["folders"]) == 1
    assert asker.ask("status")["photos"] == 4
    assert asker.ask("remove_folder", path=str(tmp_path / "more"))["code"] == "usage"


def test_a_rehearsal_is_answered_and_nothing_is_kept_of_it(asker: Client) -> None:
    forget_sightings(asker)
    photos = [photo["photo_id"] for photo in asker.ask("sample_photos", limit=2)["photos"]]
    assert len(set(photos)) == 2
    preview = asker.ask("photo_preview", photo_id=photos[0])
    answer = asker.ask(
        "check_image", page={"address": "x"}, image={"key": "1", "bytes": preview["bytes"]}, is_rehearsal=True
    )
    assert (answer["verdict"], answer["matches"][0]["photo_id"]) == ("copy", photos[0])
    assert answer["sighting_id"] is None
    assert asker.ask("sightings")["sightings"] == []


def test_folders_are_suggested_and_those_that_are_added_are_marked(tmp_path: Path) -> None:
    user, home = tmp_path / "user", tmp_path / "home"
    for name, count in (("Pictures", 2), ("DCIM", 1)):
        write_photos(user / name, range(count))
    with running_daemon(home, HOME=str(user), DISPLAY="", WAYLAND_DISPLAY=""), client(home) as asker:
        asker.ask("add_folder", path=str(user / "Pictures"))
        answer = asker.ask("suggest_folders")
        assert answer["can_choose"] is False, "there is no screen here"
        suggestions = answer["suggestions"]
    assert suggestions == [
        {"path": str(user / "Pictures"), "kind": "pictures", "pictures": 2, "is_more": False, "is_added": True},
        {"path": str(user / "DCIM"), "kind": "phone", "pictures": 1, "is_more": False, "is_added": False},
    ]


def test_a_disk_that_takes_no_more_is_said_and_is_over_when_there_is_room(tmp_path: Path) -> None:
    """The limit is on the size of each file, as tests/durability has it, set from outside while the daemon runs."""
    home, photos = tmp_path / "home", tmp_path / "photos"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    write_photos(photos, range(3))
    with running_daemon(home) as process, client(home) as asker:
        wait_until(lambda: asker.ask("status")["problems"] == [], "all is well")
        before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        answer = asker.ask("add_folder", path=str(photos))
        assert (answer["type"], answer["code"]) in (("error", "disk_full"), ("error", "catalog_unusable"))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)
        assert asker.ask("add_folder", path=str(photos))["type"] == "folders"
        wait_until(lambda: asker.ask("status")["photos"] == 3, "the photos are indexed")


def test_a_new_photo_is_noticed_and_found(home: Path, asker: Client, site: Site) -> None:
    site.files["/new.jpg"] = ("image/jpeg", encoded(drawn(30), quality=70))
    address = site.url("new.jpg")
    assert asker.check_page([address], site.address)[address]["verdict"] == "no_copy"
    photo = home.parent / "photos" / "new.jpg"
    photo.write_bytes(encoded(drawn(30)))
    wait_until(lambda: asker.ask("status")["photos"] == 5, "the new photo is indexed")
    assert asker.check_page([address], site.address)[address]["verdict"] == "copy"  # the old verdict is not kept


def test_rebuilding_goes_on_beside_the_answers(home: Path, asker: Client, site: Site) -> None:
    before = asker.ask("status")["generation"]
    asker.ask("rebuild")
    while asker.ask("status")["generation"] == before:
        answer = asker.ask(
            "check_image", page={"address": site.address}, image={"key": "1", "address": site.url("mirrored.jpg")}
        )
        assert answer["verdict"] == "copy"
    assert asker.ask("status")["photos"] >= 4


def test_everything_is_the_owners_alone(home: Path) -> None:
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for name in ("daemon.sock", "catalog.db", "catalog.db-wal", "daemon.lock"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600, name


def test_no_port_is_open(home: Path) -> None:
    process_id = int((home / "daemon.lock").read_text())
    sockets = set()
    for entry in os.scandir(f"/proc/{process_id}/fd"):
        with suppress(FileNotFoundError):  # it was closed meanwhile
            sockets.add(os.readlink(entry.path))  # noqa: PTH115 the text of the link is wanted
    listening = [
        line.split()[9]
        for table in ("tcp", "tcp6", "udp", "udp6")
        for line in Path(f"/proc/{process_id}/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] in ("0A", "07")  # listening, or a bound UDP socket
    ]
    assert not [inode for inode in listening if f"socket:[{inode}]" in sockets]


def test_a_second_daemon_ends_at_once_without_a_fault(home: Path) -> None:
    second = isthisme(home, "daemon")
    assert second.returncode == 0
    assert "another daemon" in second.stderr


def test_a_daemon_ends_while_pictures_wait_to_be_judged(tmp_path: Path, site: Site) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    process = start_daemon(home)
    paths = [f"{number}.jpg" for number in range(20)]
    site.files |= {f"/{path}": ("image/jpeg", encoded(drawn(number))) for number, path in enumerate(paths)}
    with client(home) as asker:
        asker.start_page([site.url(path) for path in paths], site.address)
        asker.receive_answer()  # the first verdict, while others are on their way
        process.terminate()
        assert process.wait(60) == 0
    log = (home / "test-daemon.log").read_text()
    assert not re.search("Traceback|ERROR|Exception", log), log


def test_a_killed_daemon_starts_again_with_all_it_knew(tmp_path: Path, site: Site) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "none"\nworkers = 1\n')
    write_photos(tmp_path / "photos", range(2))
    isthisme(home, "folders", "add", str(tmp_path / "photos"))
    isthisme(home, "index")
    first = start_daemon(home)
    with client(home) as asker:
        asker.check_page([site.url("mirrored.jpg")], site.address)
        first.send_signal(signal.SIGKILL)
        first.wait()
        with pytest.raises((EOFError, OSError)):
            asker.ask("status")
    with running_daemon(home), client(home) as asker:
        assert asker.ask("status")["photos"] == 2
        assert len(asker.ask("sightings")["sightings"]) == 1


def test_a_settings_file_with_a_mistake_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text("colour = 1\n")
    done = isthisme(home, "status")
    assert done.returncode == 2
    assert "no setting 'colour'" in done.stderr


def test_two_connections_are_served_side_by_side(home: Path, asker: Client, site: Site) -> None:
    with connect(home) as _, client(home) as other:
        site.slow_seconds = 5
        asker.start_page([site.url("slow.jpg")], site.address)
        assert other.ask("status")["type"] == "status"


def test_a_model_that_cannot_be_loaded_is_said_and_is_no_fault_of_ours(tmp_path: Path, site: Site) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text('model = "/nowhere/model.onnx"\nworkers = 1\n')
    with running_daemon(home), client(home) as asker:
        answer = asker.check_page([site.url("stranger.jpg")], site.address)["error"]
        assert answer["code"] == "model_unusable"
        assert "/nowhere/model.onnx" in answer["message"]
        wait_until(
            lambda: [problem["code"] for problem in asker.ask("status")["problems"]] == ["model_unusable"],
            "the status says so too",
        )


def next_of(asker: Client, request: int, kind: str) -> dict[str, object]:
    """The next answer to a request, which is of this type."""
    while (answer := asker.receive()).get("id") != request:
        asker.kept.append(answer)
    assert answer["type"] == kind, answer
    return answer


def test_a_picture_that_only_the_browser_has_is_handed_in(asker: Client, site: Site) -> None:
    data = encoded(drawn(3), quality=70)
    images = [{"key": "hidden", "address": site.url("gone.jpg"), "may_supply": True}]
    request = asker.send("check_page", page={"address": site.address}, images=images)
    wanted = next_of(asker, request, "want_bytes")
    assert wanted == {"id": request, "type": "want_bytes", "key": "hidden", "from_document_only": False}
    halves = [data[: len(data) // 2], data[len(data) // 2 :]]
    for number, half in enumerate(halves):
        fields = {"target": request, "key": "hidden", "part": number, "parts": 2}
        assert asker.ask("supply_bytes", **fields, bytes=base64.b64encode(half).decode())["type"] == "ok"
    verdict = asker.answers(request)[0]
    assert verdict["type"] == "verdict", verdict
    assert Path(verdict["matches"][0]["photo"]).name == "photo_003.jpg"
    late = asker.ask("supply_nothing", target=request, key="hidden", reason="gone")
    assert late["code"] == "not_found"


def test_of_a_private_window_nothing_is_written(home: Path, asker: Client) -> None:
    forget_sightings(asker)
    data = base64.b64encode(encoded(np.ascontiguousarray(drawn(2)[:, ::-1]), quality=75)).decode()
    page = {"address": "https://very-secret.example/", "title": "Very secret"}
    image = {"key": "k", "address": "https://very-secret.example/a.jpg", "bytes": data}
    asked = asker.ask("check_image", page=page, image=image, is_private=True)
    request = asker.send("check_page", page=page, images=[image], is_private=True)
    passive = next_of(asker, request, "verdict")
    next_of(asker, request, "done")
    for answer in (asked, passive):
        assert (answer["verdict"], answer["sighting_id"]) == ("copy", None)
    assert asker.ask("sightings")["sightings"] == []
    kept = bytes_below(home).lower()
    assert b"very-secret" not in kept
    assert b"very secret" not in kept


def test_a_daemon_ends_well_as_soon_as_it_can_be_found(tmp_path: Path) -> None:
    with running_daemon(tmp_path) as daemon:  # its socket is there, and no more was waited for
        daemon.terminate()
        assert daemon.wait(60) == 0
