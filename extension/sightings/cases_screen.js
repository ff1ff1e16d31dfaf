/** All cases, and before them what seems to belong together. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { say } from "../shared/localize.js";
import { plain } from "../shared/plain_text.js";
import { photoAddress } from "../shared/preview_address.js";
import { preview } from "../shared/previews.js";
import { deedRow } from "./deed_buttons.js";
import { makeCaseOf, move } from "./deeds.js";
import { caseHash, goTo } from "./route.js";
import { caseName, countWords, REASONS, spanWords, statusWords } from "./words.js";

const DECLINED = "declined_offers"; // in storage.local: numbers only
const MOST_DECLINED = 200;
const SHOWN_PICTURES = 4;

/** @param {HTMLElement} root @param {import("./desk.js").Desk} desk */
export async function casesScreen(root, desk) {
  const title = element("h2", "", say("cases_title"));
  title.tabIndex = -1;
  const offers = element("section", "offers");
  offers.ariaLabel = say("offers_title");
  const list = element("ul", "cases");
  const none = element("p", "empty", desk.cases.length === 0 ? say("cases_none") : "");
  list.append(...desk.cases.map(caseCard));
  root.replaceChildren(title, element("p", "", say("cases_text")), offers, none, list);
  await showOffers(offers, desk);
}

/** @param {Case} found */
function caseCard(found) {
  const card = element("li", "card case");
  const link = element("a", "name", caseName(found));
  link.href = caseHash(found.case_id);
  link.dir = "auto";
  const heading = element("h3");
  heading.append(link);
  const chips = element("p", "chips");
  chips.append(statusChip(found.status), element("span", "small", countWords(found.sightings)));
  card.append(heading, chips, element("p", "small", spanWords(found)));
  return card;
}

/** @param {CaseStatus} status */
export const statusChip = (status) => element("span", `chip status ${status}`, statusWords(status));

/** @param {HTMLElement} place @param {import("./desk.js").Desk} desk */
async function showOffers(place, desk) {
  /** @type {{suggestions: CaseSuggestion[]}} */
  const { suggestions } = await ask({ type: "suggest_cases" });
  const declined = await readDeclined();
  const open = suggestions.filter((offer) => !declined.includes(markOf(offer)));
  if (open.length === 0) {
    place.replaceChildren();
    return;
  }
  const list = element("ul");
  list.append(...open.map((offer) => offerCard(offer, desk, () => showOffers(place, desk))));
  place.replaceChildren(element("h3", "", say("offers_title")), list);
}

/** @param {CaseSuggestion} offer @param {import("./desk.js").Desk} desk @param {() => Promise<void>} showAnew */
function offerCard(offer, desk, showAnew) {
  const { reason, offender, name, sighting_ids, case_id } = offer;
  const card = element("li", "card offer");
  const known = desk.caseOf(case_id);
  const shown = plain(name, 160) || plain(offender, 160);
  const title = element("h4", "", known ? say("offer_into", caseName(known)) : shown);
  title.dir = "auto";
  const why = element("p", "small", say(REASONS[reason] ?? "offer_site", plain(offender, 160)));
  const words = element("div", "words");
  words.append(title, element("p", "", countWords(sighting_ids.length)), why);
  const take = async () => {
    if (!known) return makeCaseOf(desk, sighting_ids, { name, offender });
    await move(desk, sighting_ids, known.case_id);
    await goTo(caseHash(known.case_id));
  };
  const decline = async () => {
    const kept = [...(await readDeclined()), markOf(offer)].slice(-MOST_DECLINED);
    await browser.storage.local.set({ [DECLINED]: kept });
    const section = card.closest(".offers");
    const place = [...(section?.querySelectorAll("li") ?? [])].indexOf(card);
    await showAnew();
    // Whoever works with the keyboard goes on with the next offer.
    const left = [...(section?.querySelectorAll("li") ?? [])];
    const next = left[Math.min(place, left.length - 1)]?.querySelector("button");
    (next ?? section?.parentElement?.querySelector("h2"))?.focus();
  };
  const row = deedRow([
    { text: say(known ? "offer_add" : "offer_make"), act: take, look: "main" },
    { text: say("offer_decline"), act: decline },
  ]);
  for (const button of row.children) button.ariaLabel = `${button.textContent}: ${title.textContent}`;
  card.append(pictures(sighting_ids), words, row);
  return card;
}

/** A few of them, small. @param {number[]} sighting_ids */
function pictures(sighting_ids) {
  const strip = element("div", "strip");
  for (const sighting_id of sighting_ids.slice(0, SHOWN_PICTURES)) {
    const frame = element("div", "frame");
    strip.append(frame);
    preview({ type: "sighting_preview", sighting_id }).then(
      (coming) => {
        const image = element("img");
        image.alt = "";
        image.src = photoAddress(coming);
        frame.append(image);
      },
      () => frame.remove(), // the words say how many there are
    );
  }
  return strip;
}

/** An offer that was declined is not made again until there is more to it. @param {CaseSuggestion} offer */
const markOf = ({ reason, sighting_ids, case_id }) =>
  [reason, case_id ?? 0, sighting_ids.length, Math.max(...sighting_ids)].join(" ");

/** @returns {Promise<string[]>} */
async function readDeclined() {
  const kept = await browser.storage.local.get(DECLINED);
  return /** @type {any} */ (kept[DECLINED]) ?? [];
}
