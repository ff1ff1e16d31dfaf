"""How the files of a bundle are named: by what we know of them, never by what a page says."""

from isthisme.catalog.captures import Part
from isthisme.evidence.dossier import Finding

ARCHIVE = "archive.warc"
REPORT = "report.html"
REPORT_PDF = "report.pdf"


def folder_of(finding: Finding) -> str:
    return f"finding-{finding.number}"


def picture_path(finding: Finding) -> str:
    name = "picture" if finding.is_original else "picture-small"
    return f"{folder_of(finding)}/{name}.{finding.media_type.ending}"


def screen_path(finding: Finding, part: Part) -> str:
    return f"{folder_of(finding)}/page-visible.{_ending(part)}"


def whole_path(finding: Finding, part: Part) -> str:
    return f"{folder_of(finding)}/page-whole.{_ending(part)}"


def html_path(finding: Finding) -> str:
    """Plain text by its name: opened, it shows its words and runs nothing."""
    return f"{folder_of(finding)}/page.html.txt"


def sheet_path(finding: Finding, number: int) -> str:
    return f"{folder_of(finding)}/comparison-{number}.pdf"


def drawing_path(finding: Finding, number: int) -> str:
    return f"{folder_of(finding)}/comparison-{number}.jpg"


def _ending(part: Part) -> str:
    return {"image/png": "png", "image/jpeg": "jpg"}.get(part.media_type, "bin")
