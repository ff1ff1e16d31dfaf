/** A shelf of sightings with all that belongs to it: reading more when it is needed, selecting, and a bar for what is selected. */

import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { number, say } from "../shared/localize.js";
import { attempt } from "../shared/parts.js";
import { cardOf } from "./card.js";
import { deedButton } from "./deed_buttons.js";
import { Portions } from "./portions.js";
import { Selection } from "./selection.js";
import { idAt, Shelf } from "./shelf.js";
import { nameOf } from "./words.js";

const PORTION = 48; // fills rows of 1, 2, 3, 4 and 6

/**
 * @typedef {{text: string, act: (sightings: Sighting[]) => unknown, look?: "grave"}} Deed what can be done with several
 */

export class Collection {
  #desk;
  #shelf;
  #deeds;
  #none;
  /** @type {Portions} */
  #portions = new Portions(ask, {}, PORTION);
  /** @type {(words: string) => void} */
  #tellCount = () => {};
  #isReading = false;
  #isFirst = true; // what is shown is of an earlier reading
  /** Which reading the answers belong to: what was looked for before does not count. */
  #reading = 0;
  #selection = new Selection(() => this.#showSelection());
  #list = element("div", "shelf");
  #bar = element("div", "selection");
  #count = element("strong");
  #heard = element("p", "unseen"); // always there, or screen readers would not notice its words
  #empty = element("p", "empty");
  #more = element("button", "more", say("sightings_more"));
  /** @type {import("./desk.js").Desk["listen"] extends (listener: infer Listener) => void ? Listener : never} */
  #hear = (change) => this.#follow(change);
  #nearEnd = new IntersectionObserver(
    (entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) this.#readMore();
    },
    { rootMargin: "100% 0px" },
  );
  /** @type {Record<string, unknown>} */
  #fields = {};

  /**
   * @param {HTMLElement} root
   * @param {import("./desk.js").Desk} desk
   * @param {Deed[]} deeds
   * @param {() => string} none what to say where there are none
   */
  constructor(root, desk, deeds, none) {
    this.#desk = desk;
    this.#deeds = deeds;
    this.#none = none;
    this.#shelf = new Shelf(this.#list, (sighting) => cardOf(sighting, desk));
    this.#list.ariaLabel = say("sightings_list");
    this.#more.type = "button";
    this.#more.hidden = true;
    this.#more.addEventListener("click", () => this.#readMore());
    this.#makeBar();
    this.#list.addEventListener("click", (event) => this.#pick(event));
    this.#list.addEventListener("keydown", (event) => this.#pickByKey(event));
    root.append(this.#heard, this.#bar, this.#empty, this.#list, this.#more);
    desk.listen(this.#hear);
  }

  /** Nobody looks at it any more. */
  close() {
    this.#reading += 1;
    this.#nearEnd.disconnect();
    this.#shelf.clear();
    this.#desk.ignore(this.#hear);
  }

  /** Shows these, from the newest on. @param {Record<string, unknown>} fields of the request */
  async show(fields) {
    this.#fields = fields;
    this.#reading += 1;
    this.#isReading = false;
    this.#isFirst = true;
    this.#portions = new Portions(ask, fields, PORTION);
    this.#selection.clear();
    this.#empty.textContent = "";
    this.#more.hidden = true;
    await this.#readMore();
  }

  /** What one of those that are read is called. @param {number} id */
  nameOf(id) {
    const found = this.#shelf.sightings.find(({ sighting_id }) => sighting_id === id);
    return found && nameOf(found);
  }

  /** Who is told how many are shown. @param {(words: string) => void} tellCount */
  whenCounted(tellCount) {
    this.#tellCount = tellCount;
  }

  /** @param {number} [id] */
  focus(id) {
    this.#shelf.focus(id);
  }

  /** The look changed. */
  measure() {
    this.#shelf.measure();
  }

  /** @param {boolean} isGallery */
  set isGallery(isGallery) {
    this.#list.classList.toggle("gallery", isGallery);
    this.#shelf.measure();
  }

  async #readMore() {
    if (this.#isReading || this.#portions.isOver) return;
    const reading = this.#reading;
    const portions = this.#portions;
    this.#isReading = true;
    this.#list.ariaBusy = "true";
    this.#nearEnd.unobserve(this.#more);
    await attempt(async () => {
      try {
        const sightings = await portions.next();
        if (reading === this.#reading) this.#take(sightings);
      } catch (error) {
        if (reading !== this.#reading) return; // of what nobody looks for any more
        if (this.#isFirst) this.#shelf.clear(); // of another reading
        this.#showCount();
        // Not by itself: what was refused once would be asked for again and again.
        this.#more.textContent = say("try_again");
        this.#more.hidden = false;
        throw error;
      } finally {
        if (reading === this.#reading) {
          this.#isReading = false;
          this.#list.ariaBusy = null;
        }
      }
    });
  }

  /** @param {Sighting[]} sightings the next ones */
  #take(sightings) {
    if (this.#isFirst) this.#shelf.clear();
    this.#isFirst = false;
    this.#shelf.add(sightings, this.#portions.isOver);
    this.#more.textContent = say("sightings_more");
    this.#more.hidden = this.#portions.isOver;
    this.#showCount();
    this.#nearEnd.observe(this.#more); // anew: what was near the end before is told of only once
  }

  #showCount() {
    const count = this.#shelf.sightings.length;
    const isEmpty = this.#portions.isOver && count === 0;
    const words = say(this.#portions.isOver ? "count_all" : "count_so_far", number(count));
    this.#tellCount(count === 0 ? "" : words);
    this.#empty.textContent = isEmpty ? this.#none() : "";
  }

  /** @param {import("./desk.js").Change} change */
  #follow(change) {
    if (change === "decided" || change === "cases") {
      this.#shelf.refresh();
      return;
    }
    if ("removed" in change) {
      this.#leave(change.removed);
      return;
    }
    const { isMeant, fields } = change;
    const { case_id } = this.#fields;
    if ("case_id" in fields && case_id !== undefined && fields.case_id !== case_id) {
      this.#leave(this.#shelf.sightings.filter(isMeant).map(({ sighting_id }) => sighting_id));
      return;
    }
    this.#shelf.change((sighting) => (isMeant(sighting) ? { ...sighting, ...fields } : sighting));
  }

  /** @param {number[]} ids of those that are here no more */
  #leave(ids) {
    this.#shelf.remove(ids);
    this.#selection.drop(ids);
    this.#showCount();
  }

  /** @param {MouseEvent} event */
  #pick(event) {
    const id = idAt(event.target);
    if (id === null || !(event.target instanceof HTMLInputElement)) return;
    if (event.shiftKey) this.#selection.extend(id, this.#order());
    else this.#selection.set(id, event.target.checked);
    this.#shelf.mark(this.#selection.ids);
  }

  /** @param {KeyboardEvent} event */
  #pickByKey(event) {
    const id = idAt(event.target);
    if (id === null) return;
    const isBox = event.target instanceof HTMLInputElement;
    if (event.key === " " && (event.shiftKey || !isBox)) {
      if (event.shiftKey) this.#selection.extend(id, this.#order());
      else this.#selection.set(id, !this.#selection.has(id));
    } else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) {
      this.#selection.add(this.#order());
    } else if (event.key === "Escape" && this.#selection.size > 0) {
      this.#selection.clear();
    } else {
      return;
    }
    event.preventDefault();
  }

  #order() {
    return this.#shelf.sightings.map(({ sighting_id }) => sighting_id);
  }

  #makeBar() {
    this.#bar.role = "group";
    this.#bar.ariaLabel = say("selection_label");
    this.#bar.hidden = true;
    this.#heard.role = "status";
    this.#bar.append(this.#count);
    for (const { text, act, look } of this.#deeds) {
      this.#bar.append(deedButton({ text, act: () => act(this.#selected()), look }));
    }
    this.#bar.append(
      deedButton({ text: say("select_all"), act: () => this.#selection.add(this.#order()), look: "quiet" }),
      deedButton({ text: say("select_none"), act: () => this.#selection.clear(), look: "quiet" }),
    );
  }

  /** In the order in which they are shown. */
  #selected() {
    return this.#shelf.sightings.filter(({ sighting_id }) => this.#selection.has(sighting_id));
  }

  #showSelection() {
    const { size } = this.#selection;
    const isLeft = size === 0 && this.#bar.contains(document.activeElement);
    this.#bar.hidden = size === 0;
    this.#count.textContent = size === 0 ? "" : say("selected_count", number(size));
    this.#heard.textContent = this.#count.textContent;
    this.#shelf.mark(this.#selection.ids);
    if (isLeft) this.#shelf.focus(); // not to nowhere
  }
}
