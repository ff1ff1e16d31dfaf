"""The way from a sighting to a closed case, as one script for both browsers: it runs in the page of the sightings."""

from typing import Any

from tests.end_to_end.conftest import TEXTS

# Gives back what somebody sees on the way. Whatever does not come in time makes the test's own time run out.
THROUGH_A_CASE = """
const [texts, address] = args;
const seen = {};
const all = (selector) => [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
const until = async (look) => {
  for (;;) {
    const found = look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const button = (key, place = "main") =>
  until(() => all(`${place} button`).find((each) => each.textContent === texts[key].message));
const press = async (key, place) => (await button(key, place)).click();
const happened = () => all("#case-screen .what").map((each) => each.textContent);

await until(() => document.body.dataset.isReady);
const search = document.getElementById("search");
search.value = address;
search.form.requestSubmit();
const isHere = (card) => card.querySelector(".host").textContent.startsWith(new URL(address).host);
const cards = await until(() => all(".sighting").length === 2 && all(".sighting").every(isHere) && all(".sighting"));
const hash = cards[0].querySelector("a").hash;

location.hash = hash;
const own = await until(() => document.querySelector(".stage canvas.own"));
const there = document.querySelector(".stage canvas:not(.own)");
const { width, height } = own;
const pixels = [there, own].map((canvas) => canvas.getContext("2d").getImageData(0, 0, width, height).data);
let [sum, count] = [0, 0];
for (let place = 0; place < pixels[1].length; place += 4) {
  if (pixels[1][place + 3] < 255) continue;
  for (const channel of [0, 1, 2]) sum += Math.abs(pixels[0][place + channel] - pixels[1][place + channel]);
  count += 3;
}
seen.covered = count / 3 / (width * height);
seen.difference = sum / count;

location.hash = "#list";
for (const box of await until(() => all(".sighting").length === 2 && all(".sighting input"))) box.click();
await press("make_case", ".selection");
const name = await until(() => document.querySelector("dialog input"));
seen.suggested = name.value;
name.value = "A shop <b>";
await press("make_case", "dialog");
await until(() => all("#case-screen .sighting").length === 2);
const note = await until(() => document.querySelector("#case-screen textarea"));
note.value = "Wrote to them.";
await press("note_add");
await until(() => document.querySelector(".note-text")?.textContent === "Wrote to them.");
document.querySelector(".step[data-status=reported]").click();
await until(() => document.querySelector(".step[data-status=reported][aria-pressed=true]"));
seen.happened = await until(() => happened().length === 5 && happened());
seen.name = document.querySelector("#case-screen h2").textContent;

await press("case_delete");
(await until(() => document.querySelector("dialog input[value=all]"))).click();
await press("delete_yes", "dialog");
await until(() => document.getElementById("news").textContent === texts.delete_case_done.message);
location.hash = hash;
await until(() => document.querySelector("#sighting-screen h2")?.textContent === texts.sighting_gone.message);
return seen;
"""


def assert_all_was_seen(seen: dict[str, Any], host: str) -> None:
    words = {key: str(entry["message"]) for key, entry in TEXTS.items()}
    assert seen["suggested"] == f"http://{host}"
    assert seen["name"] == "A shop <b>"
    reported = words["event_status"].replace("$1", words["status_reported"])
    assert sorted(seen["happened"][:3]) == sorted([words["event_seen"], words["event_seen"], words["event_made"]])
    assert seen["happened"][3:] == [words["event_note"], reported]
    assert seen["covered"] > 0.3, "of what is shown"
    assert seen["difference"] < 30, "levels of 255: the photo lies where it shows in the page's picture"
