/** One sighting in the list: its picture, where it was, and what is known of it. */

import { photoName } from "../shared/comparison.js";
import { element } from "../shared/element.js";
import { decidedChip } from "../shared/findings.js";
import { moment, say } from "../shared/localize.js";
import { plain } from "../shared/plain_text.js";
import { photoAddress } from "../shared/preview_address.js";
import { preview } from "../shared/previews.js";
import { whenSeen } from "../shared/when_seen.js";
import { VERDICT_WORDS } from "../shared/words.js";
import { sightingHash } from "./route.js";
import { caseName, hostOf, nameOf, presenceWords } from "./words.js";

/**
 * @param {Sighting} sighting @param {import("./desk.js").Desk} desk
 * @returns {HTMLElement}
 */
export function cardOf(sighting, desk) {
  const { sighting_id, page_address, last_seen } = sighting;
  const card = element("div", "card sighting");
  card.role = "listitem";
  card.dataset.id = String(sighting_id);
  const name = nameOf(sighting);

  const pick = element("label", "pick");
  const box = element("input");
  box.type = "checkbox";
  box.ariaLabel = say("select_this", name);
  pick.append(box);

  const frame = element("div", "frame");
  const link = element("a", "name", name);
  link.href = sightingHash(sighting_id);
  link.dir = "auto";
  const photo = plain(photoName(sighting.matches[0]), 80);
  const host = element("p", "small host", [hostOf(page_address), photo].filter((each) => each !== "").join(" · "));
  host.dir = "ltr";
  const words = element("div", "words");
  words.append(link, host, chipsOf(sighting, desk), element("p", "small", moment(last_seen)));
  card.append(pick, frame, words);
  whenSeen(card, () => showPicture(frame, sighting_id));
  return card;
}

/** What is known of a sighting, in few words each. @param {Sighting} sighting @param {import("./desk.js").Desk} desk */
export function chipsOf(sighting, desk) {
  const { presence } = sighting;
  const standing = desk.standingOf(sighting);
  const { verdict } = standing.finding;
  const chips = element("p", "chips");
  chips.append(element("span", `chip ${verdict}`, say(VERDICT_WORDS[verdict]?.chip ?? "chip_undecided")));
  if (standing.kind !== "open") {
    const decided = decidedChip(standing);
    decided.classList.add("decided");
    chips.append(decided);
  }
  if (presence === "gone") chips.append(element("span", "chip gone", presenceWords(presence)));
  const found = desk.caseOf(sighting.case_id);
  if (found) {
    const chip = element("span", "chip case", caseName(found));
    chip.dir = "auto";
    chips.append(chip);
  }
  return chips;
}

/** @param {HTMLElement} frame @param {number} sighting_id */
async function showPicture(frame, sighting_id) {
  try {
    const image = element("img");
    image.src = photoAddress(await preview({ type: "sighting_preview", sighting_id }));
    image.alt = ""; // the name beside it says what it is
    frame.replaceChildren(image);
  } catch {
    frame.replaceChildren(element("span", "absent", say("picture_unavailable")));
  }
}
