/** What was found on the page: a card for each picture, with both pictures, what was done to the photo, and what to do. */

import { comparison, photoName } from "./comparison.js";
import { element } from "./element.js";
import { actionsFor } from "./finding_actions.js";
import { language, say } from "./localize.js";
import { sightingPage } from "./own_pages.js";
import { whenSeen } from "./when_seen.js";
import { VERDICT_WORDS, wordsForEdits, wordsForScore } from "./words.js";

/** @typedef {import("./decisions.js").Standing} Standing */

/** @type {Record<DecisionKind, string>} */
const DECIDED = {
  mine: "decided_mine",
  fine: "decided_fine",
  own_place: "decided_own_place",
  not_me: "decided_not_me",
};

/** A list that follows what is known, and leaves cards that did not change as they are. */
export class FindingList {
  #list;
  /** @type {Map<string, {written: string, card: HTMLElement}>} */
  #cards = new Map();

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {Standing[]} standings @param {PageRecord | undefined} page that they are of */
  show(standings, page) {
    const hadFocus = this.#list.contains(document.activeElement);
    for (const standing of standings) {
      const { id } = standing.finding;
      const written = JSON.stringify([standing, page?.address]);
      const known = this.#cards.get(id);
      if (known?.written === written) continue;
      this.#cards.set(id, { written, card: cardFor(standing, page) });
    }
    const wanted = standings.flatMap(({ finding }) => this.#cards.get(finding.id)?.card ?? []);
    for (const id of this.#cards.keys()) {
      if (!standings.some(({ finding }) => finding.id === id)) this.#cards.delete(id);
    }
    const { children } = this.#list;
    if (children.length === wanted.length && wanted.every((card, index) => children[index] === card)) return;
    this.#list.replaceChildren(...wanted);
    // Whoever works with the keyboard goes on with the next picture.
    if (hadFocus && !this.#list.contains(document.activeElement)) {
      const next = this.#list.querySelector("button") ?? document.querySelector("#decided:not([hidden]) summary");
      if (next instanceof HTMLElement) next.focus();
    }
  }
}

/** @param {Standing} standing @param {PageRecord | undefined} page */
function cardFor(standing, page) {
  const { kind, finding } = standing;
  const speech = { say, language: language() };
  const card = element("li", "card");
  const [match] = finding.matches;
  const place = element("div", "pair");
  const line = element("div", "verdict-line");
  if (kind === "open") {
    line.append(element("span", `chip ${finding.verdict}`, say(VERDICT_WORDS[finding.verdict].chip)));
  } else {
    line.append(decidedChip(standing));
  }
  line.append(element("span", "small", say("how_sure", wordsForScore(finding.score, speech))));
  card.append(line, place, element("p", "", wordsForEdits(match, speech)));
  if (match) {
    const name = element("p", "small", say("photo_name", photoName(match)));
    name.title = match.photo;
    card.append(name);
  }
  if (finding.sighting_id !== null) card.append(linkToSighting(finding.sighting_id));
  if (page) card.append(actionsFor(standing, page));
  whenSeen(card, () => place.replaceWith(comparison(finding)));
  return card;
}

/** @param {number} sightingId */
function linkToSighting(sightingId) {
  const link = element("a", "small", say("sighting_link"));
  link.href = `../${sightingPage(sightingId)}`;
  link.target = "_blank";
  return link;
}

/** What was decided, in words. @param {Standing} standing */
export function decidedChip({ kind, decision }) {
  return element("span", "chip", kind === "open" ? "" : say(DECIDED[kind], decision?.pattern ?? ""));
}
