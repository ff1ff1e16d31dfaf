/** One sighting: both pictures, all that is known of it, what the user can say and do, and what happened. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { comparison, photoName } from "../shared/comparison.js";
import { element } from "../shared/element.js";
import { actionsFor } from "../shared/finding_actions.js";
import { language, momentThere, number, say } from "../shared/localize.js";
import { elsewherePage, openOwn } from "../shared/own_pages.js";
import { refresh, tell } from "../shared/parts.js";
import { plain } from "../shared/plain_text.js";
import { changeSettings, readSettings } from "../shared/settings.js";
import { wordsForEdits, wordsForScore } from "../shared/words.js";
import { chipsOf } from "./card.js";
import { deedButton, deedRow } from "./deed_buttons.js";
import { deleteSightings, draftNotice, lookAgain, putInCase, saveEvidence } from "./deeds.js";
import { canBeLaid, overlay } from "./overlay.js";
import { oneSighting } from "./portions.js";
import { question } from "./question.js";
import { caseHash, goTo } from "./route.js";
import { timelineOf } from "./timeline.js";
import { caseName, nameOf, presenceWords, statusWords } from "./words.js";

const LONGEST_SHOWN = 1_500; // of an address

export class SightingScreen {
  #desk;
  /** @type {Sighting} */
  #sighting;
  #facts = element("div", "facts");
  #said = element("div", "said");
  #history = element("div");
  /** @type {(change: import("./desk.js").Change) => void} */
  #hear = (change) => this.#follow(change);

  /**
   * @param {HTMLElement} root @param {import("./desk.js").Desk} desk @param {Sighting} sighting
   */
  constructor(root, desk, sighting) {
    this.#desk = desk;
    this.#sighting = sighting;
    const title = element("h2", "", nameOf(sighting));
    title.tabIndex = -1;
    title.dir = "auto";
    const pictures = element("section", "card pictures");
    pictures.ariaLabel = say("pictures_label");
    showPictures(pictures, sighting);
    const deeds = element("section", "card");
    deeds.append(this.#said, this.#deedRow());
    const facts = element("section", "card");
    facts.append(element("h3", "", say("facts_title")), this.#facts);
    const history = element("section", "card");
    history.append(element("h3", "", say("timeline_title")), this.#history);
    const side = element("div", "side-column");
    side.append(deeds, facts, history);
    const columns = element("div", "columns");
    columns.append(pictures, side);
    root.replaceChildren(title, columns);
    this.#showSaid();
    this.#showFacts();
    desk.listen(this.#hear);
  }

  /** Reads what happened. */
  async read() {
    const { events } = await ask({ type: "timeline", sighting_id: this.#sighting.sighting_id });
    this.#history.replaceChildren(...timelineOf(events));
  }

  close() {
    this.#desk.ignore(this.#hear);
  }

  /** @param {import("./desk.js").Change} change */
  #follow(change) {
    if (change === "decided") this.#showSaid();
    if (change === "cases") this.#showFacts();
    if (typeof change === "string" || "removed" in change || !change.isMeant(this.#sighting)) return;
    this.#sighting = { ...this.#sighting, ...change.fields };
    this.#showSaid();
    this.#showFacts();
    refresh(() => this.read());
  }

  /** What is known in short, what the user said, and what they may say. */
  #showSaid() {
    const hadFocus = this.#said.contains(document.activeElement);
    const standing = this.#desk.standingOf(this.#sighting);
    this.#said.replaceChildren(
      chipsOf(this.#sighting, this.#desk),
      actionsFor(standing, { address: this.#sighting.page_address }),
    );
    if (hadFocus) this.#said.querySelector("button")?.focus();
  }

  #deedRow() {
    const subject = { sighting_ids: [this.#sighting.sighting_id] };
    return deedRow([
      { text: say("evidence_title"), act: () => saveEvidence(subject), look: "main" },
      { text: say("draft_notice"), act: () => draftNotice(subject) },
      { text: say("look_again"), act: () => lookAgain(this.#desk, subject) },
      { text: say("put_in_case"), act: () => putInCase(this.#desk, [this.#sighting]) },
      { text: say("elsewhere_title"), act: () => openOwn(elsewherePage(this.#sighting.sighting_id)) },
      { text: say("sighting_delete"), act: () => this.#delete(), look: "grave" },
    ]);
  }

  async #delete() {
    if (!(await deleteSightings(this.#desk, [this.#sighting]))) return;
    await goTo("#list");
    tell(say("sighting_deleted"));
  }

  #showFacts() {
    const { sighting_id, page_address, picture_address, first_seen, last_seen, times_seen, utc_offset } =
      this.#sighting;
    const { matches, score, presence, checked_at, case_id, width, height, original_bytes, picture_sha256 } =
      this.#sighting;
    const [match] = matches;
    const list = element("dl");
    const add = (/** @type {string} */ name, /** @type {(string | HTMLElement)[]} */ ...values) => {
      const pair = element("div");
      const value = element("dd");
      value.append(...values);
      pair.append(element("dt", "", name), value);
      list.append(pair);
    };
    add(say("sighting_page"), ...addressNodes(page_address, say("sighting_page")), openPage(page_address));
    add(say("sighting_picture"), ...addressNodes(picture_address, say("sighting_picture")));
    const times = times_seen > 1 ? ` · ${say("sighting_times", number(times_seen))}` : "";
    add(say("fact_first"), momentThere(first_seen, utc_offset));
    add(say("fact_last"), `${momentThere(last_seen, utc_offset)}${times}`);
    const checked = checked_at ? say("checked_at", momentThere(checked_at)) : say("checked_never");
    add(say("fact_presence"), presenceWords(presence), element("p", "small", checked));
    if (match) {
      const speech = { say, language: language() };
      const name = element("span", "", plain(photoName(match)));
      name.dir = "auto";
      const path = element("p", "small", plain(match.photo, 1_000));
      path.dir = "ltr";
      add(say("fact_photo"), name, path, element("p", "small", wordsForEdits(match, speech)));
      add(say("fact_sure"), wordsForScore(score, speech));
    }
    const found = this.#desk.caseOf(case_id);
    if (found) {
      const link = element("a", "", caseName(found));
      link.href = caseHash(found.case_id);
      link.dir = "auto";
      add(say("fact_case"), link, element("p", "small", statusWords(found.status)));
    }
    const kept = original_bytes ? ` · ${say("fact_kept", number(original_bytes))}` : "";
    add(say("fact_size"), `${number(width)} × ${number(height)}${kept}`);
    if (picture_sha256) add("SHA-256", ...addressNodes(picture_sha256, "SHA-256"));
    add(say("fact_number"), String(sighting_id));
    this.#facts.replaceChildren(list);
  }
}

/**
 * The sighting of this number, shown; or that there is none.
 * @param {HTMLElement} root @param {import("./desk.js").Desk} desk @param {number} id
 */
export async function sightingScreen(root, desk, id) {
  const sighting = await oneSighting(ask, id);
  if (!sighting) {
    const title = element("h2", "", say("sighting_gone"));
    title.tabIndex = -1;
    root.replaceChildren(title, element("p", "", say("sighting_gone_text")));
    return null;
  }
  return new SightingScreen(root, desk, sighting);
}

/** One over the other, or side by side, as the user likes. @param {HTMLElement} root @param {Sighting} sighting */
function showPictures(root, sighting) {
  const place = element("div");
  if (!canBeLaid(sighting)) {
    place.append(comparison(sighting));
    root.append(place);
    return;
  }
  const choices = element("div", "toggles");
  choices.role = "group";
  choices.ariaLabel = say("pictures_label");
  /** @type {{button: HTMLButtonElement, make: () => HTMLElement}[]} */
  const ways = [
    { button: element("button", "", say("pictures_over")), make: () => overlay(sighting) },
    { button: element("button", "", say("pictures_beside")), make: () => comparison(sighting) },
  ];
  const choose = (/** @type {number} */ chosen) => {
    for (const [index, { button }] of ways.entries()) button.ariaPressed = String(index === chosen);
    const way = ways[chosen];
    if (way) place.replaceChildren(way.make());
  };
  for (const [index, { button }] of ways.entries()) {
    button.type = "button";
    button.addEventListener("click", () => choose(index));
    choices.append(button);
  }
  choose(0);
  root.append(choices, place);
}

/** An address as text, not a link: one click on it would tell that site. @param {string} text @param {string} name */
function addressNodes(text, name) {
  const shown = element("span", "address", plain(text, LONGEST_SHOWN));
  shown.dir = "ltr";
  const act = async () => {
    await navigator.clipboard.writeText(text);
    tell(say("copied"));
  };
  const copy = deedButton({ text: say("copy"), act, look: "quiet" });
  copy.ariaLabel = say("copy_this", name);
  return [shown, copy];
}

/** @param {string} address */
function openPage(address) {
  const act = async () => {
    if (!(await readSettings()).knows_what_opening_tells) {
      const body = [say("open_warning")];
      if (!(await question({ title: say("open_title"), body, yes: say("open_yes") }))) return;
      await changeSettings({ knows_what_opening_tells: true });
    }
    await browser.tabs.create({ url: address });
  };
  const open = deedButton({ text: say("open_page"), act, look: "quiet" });
  open.hidden = !/^https?:/i.test(address);
  return open;
}
