/** What happened, oldest first, with the time on the clock of where the user was. */

import { element } from "../shared/element.js";
import { momentThere, number, say } from "../shared/localize.js";
import { plain } from "../shared/plain_text.js";
import { sightingHash } from "./route.js";
import { eventWords } from "./words.js";

const LONGEST_NOTE = 20_000; // the companion keeps no longer one
const SHOWN_AT_ONCE = 100;

/**
 * @typedef {object} OfCase what only a case's timeline has
 * @property {(event: TimelineEvent) => unknown} removeNote
 * @property {(sighting_id: number) => string} nameOf one of its sightings
 */

/**
 * The latest of a long time, and the rest when it is wanted.
 * @param {TimelineEvent[]} events @param {OfCase} [ofCase] @returns {HTMLElement[]}
 */
export function timelineOf(events, ofCase) {
  const list = element("ol", "timeline");
  const wereGone = returnsIn(events);
  const entries = (/** @type {number} */ from, /** @type {number} */ to) =>
    events.slice(from, to).map((event, index) => entryOf(event, wereGone[from + index] ?? false, ofCase));
  const hidden = Math.max(0, events.length - SHOWN_AT_ONCE);
  list.append(...entries(hidden, events.length));
  if (hidden === 0) return [list];
  const more = element("button", "quiet", say("timeline_earlier", number(hidden)));
  more.type = "button";
  more.addEventListener("click", () => {
    const earlier = entries(0, hidden);
    list.prepend(...earlier);
    more.remove();
    const [first] = earlier;
    if (!first) return;
    first.tabIndex = -1;
    first.focus();
  });
  return [more, list];
}

/** For each event, whether its picture was gone until then. @param {TimelineEvent[]} events */
function returnsIn(events) {
  /** @type {Map<number, boolean>} */
  const areGone = new Map();
  return events.map(({ sighting_id, presence }) => {
    const wasGone = areGone.get(sighting_id ?? 0) ?? false;
    if (sighting_id && presence) areGone.set(sighting_id, presence === "gone");
    return wasGone;
  });
}

/** @param {TimelineEvent} event @param {boolean} wasGone @param {OfCase} [ofCase] */
function entryOf(event, wasGone, ofCase) {
  const { at, utc_offset, kind, text, sighting_id, event_id, presence } = event;
  const item = element("li", `${kind === "note" ? "note" : ""} ${presence ?? ""}`.trim());
  const time = element("time", "small", momentThere(at, utc_offset));
  time.dateTime = new Date(at * 1000).toISOString();
  const line = element("p", "what", eventWords(event, wasGone));
  line.dir = "auto";
  item.append(time, line);
  if (kind === "note") {
    const note = element("p", "note-text", text.slice(0, LONGEST_NOTE)); // the user's own words, line by line
    note.dir = "auto";
    item.append(note);
    if (ofCase && typeof event_id === "number") {
      const remove = element("button", "quiet", say("note_remove"));
      remove.type = "button";
      remove.ariaLabel = say("note_remove_this", plain(text, 60));
      remove.addEventListener("click", () => ofCase.removeNote(event));
      item.append(remove);
    }
  } else if (typeof sighting_id === "number") {
    if (text && presence !== "there") item.append(element("p", "small", plain(text))); // why, in the companion's words
    if (ofCase) {
      const which = element("a", "small", ofCase.nameOf(sighting_id));
      which.href = sightingHash(sighting_id);
      which.dir = "auto";
      item.append(which);
    }
  }
  return item;
}
