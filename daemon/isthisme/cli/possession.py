"""`isthisme evidence possession`: that the user had the photos at a time, and how a third person can check it."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from isthisme.cli.output import console, counted

if TYPE_CHECKING:
    from isthisme.config import Settings
    from isthisme.evidence.possession import Proof, Stamp

_PROOF = """\
THE PROOF, IN SHORT

The person who gives you this says: I had this very file, a photo, when the list possession.txt was made.

  SHA-256 of the photo's file  {photo}
  its salt                     {salt}
  its line in the list         {line}

HOW TO CHECK IT (any computer with sha256sum, grep and openssl; on a Mac "shasum -a 256" for sha256sum)

1. The photo: you need the file itself. This must print the SHA-256 above:
     sha256sum PHOTO
2. Its line: this must print the line above:
     printf %s {salt}{photo} | sha256sum
3. The list has that line; this must print it:
     grep -x {line} possession.txt
{timestamp}
What it shows: the file existed, unaltered, when the list was made, and whoever has its salt made the list or was
given it by who did. It does not show who took the photo. The other lines are other photos, and tell nothing of them.


证明要点

出示者声明：在清单 possession.txt 制作之时，本人已持有这一照片文件。照片文件的 SHA-256、盐值和清单中的对应行见上。

核验方法（任何装有 sha256sum、grep 和 openssl 的电脑；苹果电脑用 "shasum -a 256" 代替 sha256sum）：
1. 取得照片文件本身，运行上面第 1 条命令，结果应与上面的 SHA-256 一致。
2. 运行上面第 2 条命令，结果应与上面的行一致。
3. 运行上面第 3 条命令，应显示该行。
{timestamp_zh}
本证明说明：清单制作之时该文件已经存在且未被改动；持有其盐值者即清单制作者，或自其处取得盐值者。它并不说明照片由谁拍摄。
清单中的其他行是其他照片，不透露其任何信息。
"""
_STAMPED = """\
4. When: an authority signed the list at the time that this prints, in the file as "Time stamp":
     openssl ts -reply -in possession.txt.tsr -text
   and the signature holds if this prints "Verification: OK":
     openssl ts -verify -in possession.txt.tsr -data possession.txt -CAfile root.pem
   root.pem is the root certificate of the authority; get it from the authority's own site to rely on nobody else.
"""
_STAMPED_ZH = """\
4. 时间：时间戳机构已对清单签名。上面第 4 条的两条命令分别显示签名时间（"Time stamp"），并核验签名（应显示
   "Verification: OK"）。root.pem 是该机构的根证书；如不愿依赖任何他人，请从该机构的网站自行获取。
"""
_UNSTAMPED = "4. When: the list names the time by its maker's own clock. No authority signed it.\n"
_UNSTAMPED_ZH = "4. 时间：清单上的时间仅来自制作者电脑的时钟，未经任何机构签名。\n"


@click.group(invoke_without_command=True)
@click.option("--timestamp", "is_stamped", is_flag=True, help="Have an authority sign the time. It is told a hash.")
@click.option("--yes", is_flag=True, help="Ask nothing; you agree to what --timestamp sends.")
@click.pass_context
def possession(context: click.Context, *, is_stamped: bool, yes: bool) -> None:
    """Lists all photos of the index by salted hashes, dated: proof that you had them, which tells nothing of them."""
    if context.invoked_subcommand is not None:
        return
    from isthisme.domain import Moment
    from isthisme.evidence.possession import save_list
    from isthisme.wiring import open_home

    with open_home() as home:
        stamp = stamp_with_consent(home.settings, "the list", asks=not yes) if is_stamped else None
        hashes = home.catalog.photos.content_hashes()
        saved = save_list(home.paths.possession, hashes, Moment.now(), stamp, home.vault)
        if saved.timestamp is not None:
            home.catalog.journal.note("timestamped", {"possession": saved.sha256.hex(), "photos": saved.photos})
    console.print(f"{counted(saved.photos, 'photo')} listed in {saved.folder}")
    if saved.timestamp is not None:
        console.print(f"Signed by {saved.timestamp.authority} at {saved.timestamp.at:%Y-%m-%d %H:%M:%S} UTC.")
    console.print("Keep the folder: its salts.key stays with you, and 'evidence possession prove PHOTO' needs it.")


@possession.command()
@click.argument("photo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "target", type=click.Path(path_type=Path), help="The zip file to write.")
def prove(*, photo: Path, target: Path | None) -> None:
    """Gives what a third person needs to check that you had PHOTO when a list was made. Hand the photo over with it."""
    from isthisme.evidence.possession import TIMESTAMP, find_proof, save_proof
    from isthisme.wiring import open_home

    with photo.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").digest()
    target = target or Path(f"proof-{digest.hex()[:12]}.zip")
    with open_home() as home:
        proof = find_proof(home.paths.possession, digest, home.vault)
        is_stamped = (proof.folder / TIMESTAMP).exists()
        home.catalog.journal.note("exported", {"possession_proof": digest.hex()})  # first, as every export is
        save_proof(proof, target, instructions_for(proof, is_stamped=is_stamped), home.vault)
    console.print(f"The proof is in {target}; hand it over together with the photo's file.")


def instructions_for(proof: "Proof", *, is_stamped: bool) -> str:
    return _PROOF.format(
        photo=proof.photo_sha256,
        salt=proof.salt,
        line=proof.line,
        timestamp=_STAMPED if is_stamped else _UNSTAMPED,
        timestamp_zh=_STAMPED_ZH if is_stamped else _UNSTAMPED_ZH,
    )


def stamp_with_consent(settings: "Settings", what: str, *, asks: bool) -> "Stamp":
    """Asks the user, where wished, then gives what asks the authority."""
    from isthisme.server.evidence_saving import stamp_by

    address = settings.timestamp_authority
    if asks:
        console.print(
            f"{urlsplit(address).hostname or address} ({address}) will be sent one hash (SHA-256) over {what}, and "
            "sees this computer's network address. No photo and no name leaves this computer."
        )
        click.confirm("Ask for the timestamp?", abort=True)
    return stamp_by(address, settings.own_timestamp_roots)
