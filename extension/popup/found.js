/** What was found on the page: a card for each picture, with both pictures and what was done to the photo. */

import { comparison, element, photoName } from "../shared/comparison.js";
import { language, say } from "../shared/localize.js";
import { VERDICT_WORDS, wordsForEdits } from "../shared/words.js";

/** @type {Map<string, {written: string, card: HTMLElement}>} */
const cards = new Map();

/** Pictures are asked for when their card is scrolled into view. */
const whenSeen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    whenSeen.unobserve(target);
    target.dispatchEvent(new Event("seen"));
  }
});

/** @param {Finding[]} findings */
export function showFound(findings) {
  const list = document.getElementById("found");
  if (!list) return;
  for (const finding of findings) {
    const written = JSON.stringify(finding);
    const known = cards.get(finding.id);
    if (known?.written === written) continue;
    const card = cardFor(finding);
    known?.card.remove();
    cards.set(finding.id, { written, card });
  }
  const wanted = findings.map((finding) => cards.get(finding.id)?.card).filter((card) => card !== undefined);
  const isSame = list.children.length === wanted.length && wanted.every((card, index) => list.children[index] === card);
  if (!isSame) list.replaceChildren(...wanted);
}

/** @param {Finding} finding */
function cardFor(finding) {
  const card = element("li", "card");
  const [match] = finding.matches;
  const words = wordsForEdits(match, { say, language: language() });
  const place = element("div", "pair");
  card.append(
    element("span", `chip ${finding.verdict}`, say(VERDICT_WORDS[finding.verdict].chip)),
    place,
    element("p", "", words),
  );
  if (match) {
    const name = element("p", "small", say("photo_name", photoName(match)));
    name.title = match.photo;
    card.append(name);
  }
  card.addEventListener("seen", () => place.replaceWith(comparison(finding)), { once: true });
  whenSeen.observe(card);
  return card;
}
