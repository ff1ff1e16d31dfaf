/** One sighting as a card. */

import { comparison, element } from "../shared/comparison.js";
import { language, moment, number, say } from "../shared/localize.js";
import { VERDICT_WORDS, wordsForEdits } from "../shared/words.js";

/**
 * @param {Sighting} sighting
 * @param {(sighting: Sighting, card: HTMLElement) => void} remove
 */
export function sightingCard(sighting, remove) {
  const { verdict, matches, page_address, page_title, picture_address, first_seen, last_seen, times_seen } = sighting;
  const card = element("li", "card sighting");
  const words = element("div", "words");
  const [match] = matches;
  words.append(
    element("span", `chip ${verdict}`, say(VERDICT_WORDS[verdict]?.chip ?? "chip_undecided")),
    element("strong", "", page_title || hostOf(page_address)),
    element("p", "", wordsForEdits(match, { say, language: language() })),
    labelled(say("sighting_page"), page_address),
    labelled(say("sighting_picture"), picture_address),
    element("p", "small", say("sighting_first", moment(first_seen))),
    element("p", "small", say("sighting_last", moment(last_seen))),
  );
  if (times_seen > 1) words.append(element("p", "small", say("sighting_times", number(times_seen))));
  words.append(deletion(hostOf(page_address), () => remove(sighting, card)));
  card.append(comparison(sighting), words);
  return card;
}

/** @param {string} label @param {string} address text, not a link: one click on it would tell that site */
function labelled(label, address) {
  const line = element("p", "small address", `${label}: ${address}`);
  line.title = address.slice(0, 2_000);
  return line;
}

/** A button that asks once more. @param {string} host @param {() => void} confirmed */
function deletion(host, confirmed) {
  const place = element("div", "deletion");
  const first = element("button", "", say("sighting_delete"));
  first.ariaLabel = say("sighting_delete_this", host);
  const question = element("span", "", say("sighting_delete_question"));
  const yes = element("button", "main", say("sighting_delete"));
  const no = element("button", "", say("cancel"));
  first.addEventListener("click", () => {
    place.replaceChildren(question, yes, no);
    yes.focus();
  });
  yes.addEventListener("click", confirmed);
  no.addEventListener("click", () => {
    place.replaceChildren(first);
    first.focus();
  });
  place.append(first);
  return place;
}

/** @param {string} address */
function hostOf(address) {
  try {
    return new URL(address).hostname;
  } catch {
    return address.slice(0, 80);
  }
}
