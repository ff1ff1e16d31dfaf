/** What this page says of sightings and cases. */

import { moment, number, say } from "../shared/localize.js";
import { plain } from "../shared/plain_text.js";

/** @type {Record<Presence, string>} */
const PRESENCES = { there: "presence_there", gone: "presence_gone", unknown: "presence_unknown" };

/** In the order in which they usually come. @type {Record<CaseStatus, string>} */
export const STATUSES = {
  found: "status_found",
  reported: "status_reported",
  answered: "status_answered",
  removed: "status_removed",
  came_back: "status_came_back",
};

/** @type {Record<CaseSuggestion["reason"], string>} */
export const REASONS = { account: "offer_account", site: "offer_site", same_picture: "offer_same_picture" };

/** @param {Presence | undefined} presence */
export const presenceWords = (presence) => say(PRESENCES[presence ?? "unknown"] ?? "presence_unknown");

/** @param {string} status */
export const statusWords = (status) => say(STATUSES[/** @type {CaseStatus} */ (status)] ?? "") || plain(status);

/** @param {number} count of sightings */
export const countWords = (count) => (count === 1 ? say("pictures_one") : say("pictures_many", number(count)));

/** @param {string} address */
export function hostOf(address) {
  const host = URL.canParse(address) ? new URL(address).host : "";
  return host || plain(address, 80) || "?";
}

/** What a sighting is called: by its page. @param {Sighting} sighting */
export const nameOf = ({ page_title, page_address }) => plain(page_title, 160) || hostOf(page_address);

/** @param {Case} found */
export const caseName = ({ name, case_id }) => plain(name, 160) || say("case_unnamed", case_id);

/** From when to when something was seen. @param {Case} found */
export function spanWords({ first_seen, last_seen }) {
  if (!first_seen || !last_seen) return "";
  const [first, last] = [moment(first_seen), moment(last_seen)];
  return first === last ? say("seen_at", first) : say("seen_between", first, last);
}

/**
 * What happened, in one line; a note's own text comes below it.
 * @param {TimelineEvent} event @param {boolean} wasGone whether the picture was, until then
 */
export function eventWords({ kind, text, presence }, wasGone) {
  const told = plain(text);
  switch (kind) {
    case "made":
      return say("event_made");
    case "note":
      return say("event_note");
    case "status":
      return say("event_status", statusWords(text));
    case "merged":
      return say("event_merged", told);
    case "split":
      return say("event_split", told);
    case "evidence":
      return say("event_evidence");
    case "notice":
      return say("event_notice");
    case "seen":
      return say(wasGone ? "event_back" : "event_seen");
    case "recheck":
      return say("event_recheck", presence ? presenceWords(presence) : told);
    default:
      return plain(kind); // from a newer companion
  }
}
