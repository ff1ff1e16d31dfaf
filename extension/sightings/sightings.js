/** The list of everything found so far, newest first, read in portions. */

import { ask } from "../shared/ask.js";
import { language, localize, say } from "../shared/localize.js";
import { wordsForReason } from "../shared/words.js";
import { sightingCard } from "./sighting.js";

const PORTION = 20;

/** @param {string} id @returns {any} the element with this id, which the page is known to have */
const part = (id) => document.getElementById(id);

/** @type {number | null} */
let oldest = null;

async function showMore() {
  part("more").hidden = true;
  part("news").textContent = say("sightings_loading");
  try {
    /** @type {{sightings: Sighting[]}} */
    const { sightings } = await ask({ type: "sightings", limit: PORTION, before: oldest });
    part("sightings").append(...sightings.map((sighting) => sightingCard(sighting, remove)));
    oldest = sightings.at(-1)?.sighting_id ?? oldest;
    part("more").hidden = sightings.length < PORTION;
    part("news").textContent = part("sightings").childElementCount === 0 ? say("sightings_none") : "";
  } catch (error) {
    tell(error);
    part("more").hidden = false;
  }
}

/** @param {Sighting} sighting @param {HTMLElement} card */
async function remove(sighting, card) {
  try {
    await ask({ type: "delete_sighting", sighting_id: sighting.sighting_id });
    const next = card.nextElementSibling ?? card.previousElementSibling;
    card.remove();
    // Whoever works with the keyboard stays where they were.
    const button = next?.querySelector("button");
    if (button instanceof HTMLElement) button.focus();
    part("news").textContent = say("sighting_deleted");
  } catch (error) {
    tell(error);
  }
}

/** @param {unknown} error */
function tell(error) {
  const { code, message } = /** @type {import("../shared/ask.js").AskError} */ (error);
  part("news").textContent = wordsForReason(code, message, { say, language: language() });
}

localize();
part("more").addEventListener("click", showMore);
await showMore();
