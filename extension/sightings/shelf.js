/**
 * A long list of cards in portions. Only portions near what is seen hold their cards; the others keep their place. Arrow
 * keys walk over the cards, and one card at a time is on the way of the Tab key.
 */

import { element } from "../shared/element.js";

const NEAR = "150% 0px"; // of the window, above and below

/**
 * @typedef {object} Portion
 * @property {HTMLElement} place
 * @property {Sighting[]} sightings
 * @property {boolean} isShown
 */

export class Shelf {
  #root;
  #cardOf;
  /** @type {Portion[]} */
  #portions = [];
  /** @type {number | null} whom the Tab key leads to */
  #current = null;
  #observer = new IntersectionObserver((entries) => this.#follow(entries), { rootMargin: NEAR });
  /** @type {Set<number>} */
  #selected = new Set();
  #isWhole = false;

  /** @param {HTMLElement} root @param {(sighting: Sighting) => HTMLElement} cardOf */
  constructor(root, cardOf) {
    this.#root = root;
    this.#cardOf = cardOf;
    root.role = "list";
    root.addEventListener("keydown", (event) => this.#walk(event));
    root.addEventListener("focusin", (event) => {
      const id = idAt(event.target);
      if (id !== null) this.#lead(id);
    });
  }

  /** In the order in which they are shown. */
  get sightings() {
    return this.#portions.flatMap(({ sightings }) => sightings);
  }

  /** @param {Sighting[]} sightings @param {boolean} isLast */
  add(sightings, isLast) {
    this.#isWhole = isLast;
    if (sightings.length > 0) {
      const place = element("div", "portion");
      place.role = "presentation";
      const portion = { place, sightings, isShown: false };
      this.#portions.push(portion);
      this.#root.append(place);
      this.#show(portion);
      this.#observer.observe(place);
    }
    this.#number();
  }

  clear() {
    this.#observer.disconnect();
    this.#portions = [];
    this.#current = null;
    this.#root.replaceChildren();
  }

  /** @param {number[]} ids that are no longer there */
  remove(ids) {
    const gone = new Set(ids);
    const hadFocus = this.#root.contains(document.activeElement);
    if (this.#current !== null && gone.has(this.#current)) {
      // Whoever works with the keyboard stays where they were.
      const order = this.sightings.map(({ sighting_id }) => sighting_id);
      const place = order.indexOf(this.#current);
      const nearest = [...order.slice(place), ...order.slice(0, place).reverse()];
      this.#current = nearest.find((id) => !gone.has(id)) ?? null;
    }
    for (const portion of this.#portions) {
      portion.sightings = portion.sightings.filter(({ sighting_id }) => !gone.has(sighting_id));
      for (const card of [...portion.place.children]) if (gone.has(Number(idAt(card)))) card.remove();
    }
    this.#number();
    if (hadFocus && !this.#root.contains(document.activeElement)) this.focus();
  }

  /** Shows those anew that changed. @param {(sighting: Sighting) => Sighting} change gives back the same where it did not */
  change(change) {
    for (const portion of this.#portions) {
      for (const [index, sighting] of portion.sightings.entries()) {
        const changed = change(sighting);
        if (changed === sighting) continue;
        portion.sightings[index] = changed;
        const card = portion.place.children[index];
        if (card) this.#replace(card, changed);
      }
    }
    this.#number();
  }

  /** Shows all cards anew. */
  refresh() {
    for (const { place, sightings, isShown } of this.#portions) {
      if (!isShown) continue;
      for (const [index, sighting] of sightings.entries()) {
        const card = place.children[index];
        if (card) this.#replace(card, sighting);
      }
    }
    this.#number();
  }

  /** The cards are of another size now: places that were kept are measured anew, by what is shown. */
  measure() {
    const heights = this.#portions
      .filter(({ isShown }) => isShown)
      .map(({ place, sightings }) => place.offsetHeight / Math.max(1, sightings.length));
    const each = Math.max(0, ...heights);
    for (const { place, sightings, isShown } of this.#portions) {
      if (!isShown) place.style.blockSize = `${Math.round(each * sightings.length)}px`;
    }
  }

  /** @param {number[]} ids which ones are selected */
  mark(ids) {
    this.#selected = new Set(ids);
    for (const card of this.#root.querySelectorAll(".sighting")) this.#markCard(card);
  }

  /** Goes to a card, or to the first one where it is not there. @param {number | null} [id] the last one that was gone to */
  focus(id = this.#current) {
    const wanted = this.sightings.find(({ sighting_id }) => sighting_id === id) ?? this.sightings[0];
    if (!wanted) return;
    const portion = this.#portions.find(({ sightings }) => sightings.includes(wanted));
    if (portion && !portion.isShown) this.#show(portion);
    const link = this.#cardWith(wanted.sighting_id)?.querySelector("a");
    link?.focus({ preventScroll: true });
    link?.closest(".sighting")?.scrollIntoView({ block: "nearest" });
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #follow(entries) {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      const portion = this.#portions.find(({ place }) => place === target);
      if (!portion) continue;
      if (isIntersecting && !portion.isShown) this.#show(portion);
      // Of a screen that is not shown nothing is seen; that is no reason to forget where it was.
      if (!isIntersecting && portion.isShown && boundingClientRect.height > 0) this.#hide(portion);
    }
    this.#number();
  }

  /** @param {Portion} portion */
  #show(portion) {
    portion.isShown = true;
    portion.place.style.blockSize = "";
    portion.place.replaceChildren(...portion.sightings.map((sighting) => this.#cardOf(sighting)));
    for (const card of portion.place.children) this.#markCard(card);
    this.#number();
  }

  /** @param {Portion} portion */
  #hide(portion) {
    if (portion.place.contains(document.activeElement)) return;
    portion.place.style.blockSize = `${portion.place.offsetHeight}px`;
    portion.isShown = false;
    portion.place.replaceChildren();
  }

  /** Each card says which one of how many it is; and one of them is on the way of the Tab key. */
  #number() {
    let before = 0;
    const total = this.#isWhole ? this.sightings.length : -1;
    for (const { place, sightings, isShown } of this.#portions) {
      if (isShown) {
        for (const [index, card] of [...place.children].entries()) {
          card.ariaPosInSet = String(before + index + 1);
          card.ariaSetSize = String(total);
        }
      }
      before += sightings.length;
    }
    this.#lead(this.#current);
  }

  /** @param {Element} card @param {Sighting} sighting */
  #replace(card, sighting) {
    const focused = card.contains(document.activeElement) ? document.activeElement?.localName : null;
    const made = this.#cardOf(sighting);
    const frame = card.querySelector(".frame:has(img)"); // without it the picture would be away for a moment
    if (frame) made.querySelector(".frame")?.replaceWith(frame);
    card.replaceWith(made);
    this.#markCard(made);
    if (focused) /** @type {HTMLElement | null} */ (made.querySelector(focused))?.focus({ preventScroll: true });
  }

  /** @param {Element} card */
  #markCard(card) {
    const isSelected = this.#selected.has(Number(idAt(card)));
    card.classList.toggle("selected", isSelected);
    const box = card.querySelector("input");
    if (box) box.checked = isSelected;
  }

  /** @param {number | null} id of the card that the Tab key leads to, or the first one that is shown */
  #lead(id) {
    const card = (id === null ? null : this.#cardWith(id)) ?? this.#root.querySelector(".sighting");
    this.#current = idAt(card);
    for (const each of this.#root.querySelectorAll(".sighting")) {
      for (const stop of each.querySelectorAll("a, input")) {
        /** @type {HTMLElement} */ (stop).tabIndex = each === card ? 0 : -1;
      }
    }
  }

  /** @param {number} id @returns {HTMLElement | null} */
  #cardWith(id) {
    return this.#root.querySelector(`.sighting[data-id="${id}"]`);
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const id = idAt(event.target);
    if (id === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const order = this.sightings.map(({ sighting_id }) => sighting_id);
    const step = this.#stepOf(event.key, order.length);
    if (step === null) return;
    event.preventDefault();
    const place = Math.min(Math.max(order.indexOf(id) + step, 0), order.length - 1);
    const next = order[place];
    if (next !== undefined && next !== id) this.focus(next);
  }

  /** How many cards farther a key leads. @param {string} key @param {number} count @returns {number | null} */
  #stepOf(key, count) {
    const isRightToLeft = getComputedStyle(this.#root).direction === "rtl";
    switch (key) {
      case "ArrowDown":
        return this.#columns();
      case "ArrowUp":
        return -this.#columns();
      case "ArrowRight":
        return isRightToLeft ? -1 : 1;
      case "ArrowLeft":
        return isRightToLeft ? 1 : -1;
      case "Home":
        return -count;
      case "End":
        return count;
      default:
        return null;
    }
  }

  #columns() {
    const cards =
      this.#portions.find(({ isShown, sightings }) => isShown && sightings.length > 0)?.place.children ?? [];
    const tops = [...cards].map((card) => card.getBoundingClientRect().top);
    return Math.max(1, tops.filter((top) => top === tops[0]).length);
  }
}

/** The number of the sighting whose card something lies in. @param {EventTarget | null} target @returns {number | null} */
export function idAt(target) {
  const card = target instanceof Element ? target.closest(".sighting") : null;
  return card instanceof HTMLElement && card.dataset.id ? Number(card.dataset.id) : null;
}
