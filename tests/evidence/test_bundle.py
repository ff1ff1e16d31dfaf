"""Sightings as bundles: what is in them, in both languages, and with everything that pages may put into them."""

import hashlib
import io
import json
import re
import string
import time
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from warcio.archiveiterator import ArchiveIterator

from isthisme.catalog.observations import Observation
from isthisme.documents.typesetting import Typesetter
from isthisme.domain import Exchange, Moment
from isthisme.errors import NotFound, UsageError
from isthisme.evidence import bundle
from isthisme.evidence.bundle_file import Saved
from isthisme.evidence.verify import verify
from isthisme.evidence.wording import LANGUAGES, Language, Words
from tests.evidence.scene_of_a_theft import HTML, PAGE, PICTURE, Scene, copy_of, fetched, theft


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with theft(tmp_path / "home") as made:
        yield made


class Bundled:
    def __init__(self, saved: Saved) -> None:
        self.saved = saved
        with zipfile.ZipFile(saved.path) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist()}
        self.manifest = json.loads(self.files["manifest.json"])
        self.html = self.files["report.html"].decode()

    @property
    def text(self) -> str:
        """Of the report as a web page, as it is shown."""
        page = _Text()
        page.feed(self.html)
        return " ".join("".join(page.texts).split())

    @property
    def paper(self) -> str:
        document = pypdfium2.PdfDocument(self.files["report.pdf"])
        return " ".join("".join(page.get_textpage().get_text_range() for page in document).split())

    @property
    def archive(self) -> dict[tuple[str, str], bytes]:
        found = {}
        for record in ArchiveIterator(io.BytesIO(self.files["archive.warc"]), check_digests="raise"):
            address = record.rec_headers.get_header("WARC-Target-URI")
            found[record.rec_type, address] = record.content_stream().read()
        return found


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.texts.append(" " if tag not in ("wbr", "bdi") else "")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def bundled(
    scene: Scene,
    folder: Path,
    typesetter: Typesetter,
    *numbers: int,
    language: Language = "en",
    case: int | None = None,
) -> Bundled:
    dossier = scene.gathering.dossier(numbers, case)
    saved = bundle.save(dossier, folder, language, typesetter)
    assert verify(saved.path).is_intact
    return Bundled(saved)


def test_a_whole_bundle(scene: Scene, tmp_path: Path, typesetter: Typesetter) -> None:
    number = scene.see(exchange=fetched())
    scene.capture()
    made = bundled(scene, tmp_path, typesetter, number)
    assert re.fullmatch(rf"evidence-\d{{4}}-\d\d-\d\d-\d{{6}}-shop\.example-{number}\.zip", made.saved.path.name)
    assert list(made.files) == [
        "report.html",
        "report.pdf",
        "VERIFY.txt",
        "archive.warc",
        "finding-1/picture.jpg",
        "finding-1/comparison-1.pdf",
        "finding-1/comparison-1.jpg",
        "finding-1/page-visible.png",
        "finding-1/page-whole.png",
        "finding-1/page.html.txt",
        "manifest.json",
        "SHA256SUMS",
    ]
    picture = copy_of(scene.photo)
    assert made.files["finding-1/picture.jpg"] == picture
    assert made.files["finding-1/page.html.txt"] == HTML
    with Image.open(io.BytesIO(made.files["finding-1/comparison-1.jpg"])) as sheet:
        assert sheet.width > 1000
    assert made.archive[("response", PICTURE)] == picture
    assert made.archive[("resource", PAGE)] == HTML
    assert ("resource", f"urn:view:{PAGE}") in made.archive
    assert ("resource", f"urn:fullPage:{PAGE}") in made.archive
    (finding,) = made.manifest["findings"]
    assert finding["page_address"] == PAGE
    assert finding["observations"][0]["exchange"]["status"] == 200
    (photo,) = made.manifest["own_photos"]
    assert photo["known_at_the_latest"] is not None
    assert photo["sha256"] == hashlib.sha256(scene.photo).hexdigest()
    assert photo["state"] == "same"
    assert photo["camera"]["taken"] == "2024:05:17 14:03:22 +02:00"
    sums = dict(reversed(line.split("  ")) for line in made.files["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in made.files.items() if name != "SHA256SUMS"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_and_paper_say_the_same(scene: Scene, tmp_path: Path, typesetter: Typesetter, language: Language) -> None:
    number = scene.see(exchange=fetched())
    scene.capture()
    made = bundled(scene, tmp_path, typesetter, number, language=language)
    say = Words(language)
    for name in ("part_proves", "part_absent", "part_contents", "verdict_copy", "decided_nothing", "label_sha256"):
        assert say(name) in made.text, name
        assert say(name) in made.paper, name
    for text in (scene.photo_path.name, "shop.example", "Canon EOS R6"):
        assert text in made.text
        assert text in made.paper
    assert str(scene.photo_path.parent) not in made.text + str(made.manifest)  # folders name the user
    assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in made.html


def test_the_report_runs_nothing_and_fetches_nothing(scene: Scene, tmp_path: Path, typesetter: Typesetter) -> None:
    evil = "<script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>\"'{{ 7 * 7 }}</style>"
    number = scene.see(page=f"https://shop.example/{evil}", title=evil, picture_address=f"https://cdn.example/{evil}")
    case = scene.catalog.cases.make(evil, evil, [number])
    scene.catalog.cases.add_event(case, "note", evil)
    made = bundled(scene, tmp_path, typesetter, case=case)
    page = _Text()
    page.feed(made.html)
    assert not set(page.elements) & {"script", "iframe", "object", "link", "form", "base"}
    assert page.elements.count("img") == 1  # the comparison
    assert "evil.example/x onerror=alert(2)" in made.text  # as text
    assert "49" not in made.text.replace(scene.photo_path.name, "").split("{{")[1][:20]
    assert re.search(r"""content="default-src 'none'; img-src data:; style-src 'sha256-[\w+/=]+';""", made.html)
    assert made.html.count("<style>") == made.html.count("</style>") == 1


def test_what_would_disturb_the_text_around_it_is_shown_by_its_code_point(
    scene: Scene, tmp_path: Path, typesetter: Typesetter
) -> None:
    number = scene.see(title="pay \u202egnp.exe\u2066 \x00\x1b[31m now\nline")
    made = bundled(scene, tmp_path, typesetter, number)
    for shown in ("[U+202E]", "[U+2066]", "[U+0000]", "[U+001B]"):
        assert shown in made.text
        assert shown in made.paper
    assert not set(made.html) & set("\u202e\u2066\x00\x1b")


def test_long_addresses_are_whole_in_the_manifest_and_short_elsewhere(
    scene: Scene, tmp_path: Path, typesetter: Typesetter
) -> None:
    long = "https://shop.example/" + "x" * 2_000_000
    number = scene.see(page=long, picture_address=long + ".jpg", title="t" * 9_000, exchange=fetched(long + ".jpg"))
    made = bundled(scene, tmp_path, typesetter, number)
    (finding,) = made.manifest["findings"]
    assert finding["page_address"] == long
    assert finding["picture_address"] == long + ".jpg"
    assert len(made.html) < 2_000_000
    assert "(2,000,021 characters in all; manifest.json has it whole)" in made.text
    assert max(map(len, made.files)) < 60
    assert len(made.saved.path.name) < 120


def test_where_redirects_led_from_is_told(scene: Scene, tmp_path: Path, typesetter: Typesetter) -> None:
    number = scene.see()
    seen = Observation(Moment(time.time(), 0), "asked", "there", PAGE, asked_address="https://short.example/x")
    scene.catalog.observations.add(number, seen)
    made = bundled(scene, tmp_path, typesetter, number)
    assert f"{Words('en')('label_asked')} https://short.example/x" in made.text
    assert made.manifest["findings"][0]["observations"][1]["asked_address"] == "https://short.example/x"


def test_what_a_later_look_met_is_not_taken_for_the_picture(
    scene: Scene, tmp_path: Path, typesetter: Typesetter
) -> None:
    number = scene.see(exchange=Exchange(PICTURE, PICTURE, "browser"))
    later = Observation(Moment(time.time(), 0), "recheck", "there", PAGE, fetched("https://cdn.example/other.jpg"))
    scene.catalog.observations.add(number, later)
    made = bundled(scene, tmp_path, typesetter, number)
    assert {kind for kind, _ in made.archive} == {"warcinfo", "resource"}
    assert Words("en")("absent_exchange", number=number) in made.text


def test_a_picture_that_lies_about_its_type_is_named_by_its_bytes(
    scene: Scene, tmp_path: Path, typesetter: Typesetter
) -> None:
    png = io.BytesIO()
    Image.open(io.BytesIO(copy_of(scene.photo))).save(png, "PNG")
    number = scene.see(picture=png.getvalue(), picture_address="https://shop.example/a.jpg")
    made = bundled(scene, tmp_path, typesetter, number)
    assert made.files["finding-1/picture.png"] == png.getvalue()
    assert "image/png" in made.text


def test_a_picture_that_cannot_be_read_is_in_the_bundle_all_the_same(
    scene: Scene, tmp_path: Path, typesetter: Typesetter
) -> None:
    number = scene.see(picture=b"MZ this is a program")
    made = bundled(scene, tmp_path, typesetter, number)
    assert made.files["finding-1/picture.bin"] == b"MZ this is a program"
    assert "could not be drawn" in made.text


def test_a_forgotten_photo_is_said_to_be_so(scene: Scene, tmp_path: Path, typesetter: Typesetter) -> None:
    number = scene.see(photo_id=9_999)
    made = bundled(scene, tmp_path, typesetter, number)
    assert "finding-1/comparison-1.jpg" not in made.files
    assert Words("en")("state_forgotten") in made.text
    assert Words("en")("absent_comparison", number=number) in made.text


@pytest.mark.parametrize(("change", "state"), [("gone", "gone"), ("changed", "changed"), ("folder", "unreadable")])
def test_what_became_of_the_photos_file_is_said(
    scene: Scene, tmp_path: Path, typesetter: Typesetter, change: str, state: str
) -> None:
    number = scene.see()
    scene.photo_path.unlink()
    if change == "changed":
        scene.photo_path.write_bytes(b"something else")
    elif change == "folder":
        scene.photo_path.mkdir()
    made = bundled(scene, tmp_path, typesetter, number)
    (photo,) = made.manifest["own_photos"]
    assert photo["state"] == state
    assert photo["sha256"] == hashlib.sha256(scene.photo).hexdigest()  # as it was known
    assert Words("en")(f"state_{state}") in made.text


def test_what_was_not_kept_is_said(scene: Scene, tmp_path: Path, typesetter: Typesetter) -> None:
    number = scene.see(is_original_kept=False)
    made = bundled(scene, tmp_path, typesetter, number)
    assert "finding-1/picture-small.jpg" in made.files
    for name in ("absent_capture", "absent_picture"):
        assert Words("en")(name, number=number) in made.text
    assert ("resource", PICTURE) in made.archive


def test_a_picture_without_an_address_of_its_own_is_archived_under_its_hash(
    scene: Scene, tmp_path: Path, typesetter: Typesetter
) -> None:
    address = "data:image/jpeg;base64," + "A" * 300_000
    number = scene.see(picture_address=address, exchange=Exchange(address, address, "page"))
    made = bundled(scene, tmp_path, typesetter, number)
    digest = hashlib.sha256(copy_of(scene.photo)).hexdigest()
    assert ("resource", f"urn:sha256:{digest}") in made.archive
    assert len(made.files["manifest.json"]) < 50_000


def test_a_case_has_all_its_findings_and_what_happened(scene: Scene, tmp_path: Path, typesetter: Typesetter) -> None:
    numbers = [scene.see(page=f"https://shop.example/{each}", picture=copy_of(scene.photo)) for each in range(3)]
    case = scene.catalog.cases.make("The dress shop", "shop.example", numbers)
    scene.catalog.cases.set_status(case, "reported")
    scene.catalog.cases.add_event(case, "note", "They did not answer.")
    seen = Observation(Moment(time.time(), 0), "recheck", "gone", PAGE, None, "the site answered 404")
    scene.catalog.observations.add(numbers[1], seen)
    made = bundled(scene, tmp_path, typesetter, case=case)
    assert made.saved.path.name.endswith(f"shop.example-case-{case}.zip")
    for text in ("The dress shop", "They did not answer.", "Status: reported", "it was gone: the site answered 404"):
        assert text in made.text
    assert [each["finding"] for each in made.manifest["findings"]] == numbers
    assert sum(name.endswith("comparison-1.jpg") for name in made.files) == 3


def test_what_the_user_dismissed_is_not_named(scene: Scene, tmp_path: Path, typesetter: Typesetter) -> None:
    number = scene.see()
    hashes = scene.catalog.sightings.hashes_of(number)
    assert hashes is not None
    scene.catalog.decisions.dismiss(scene.photo_id, *hashes)
    made = bundled(scene, tmp_path, typesetter, number)
    assert made.manifest["own_photos"] == []
    assert scene.photo_path.name not in made.text


def test_a_sighting_that_is_not_there_and_an_empty_case_are_said(scene: Scene) -> None:
    with pytest.raises(NotFound, match="no sighting 99"):
        scene.gathering.dossier([99])
    with pytest.raises(UsageError, match="no sighting to save"):
        scene.gathering.dossier([], scene.catalog.cases.make("empty", "", []))


def test_both_languages_have_the_same_sentences_with_the_same_values() -> None:
    english, chinese = (Words(language).sentences for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    for name, sentence in english.items():
        values = {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
        assert values == {field for _, field, _, _ in string.Formatter().parse(chinese[name]) if field}, name
