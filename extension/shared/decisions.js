/** What the user decided, and what it makes of what was found: pure functions, the same for badge, popup and panel. */

import { holdsAt } from "./places.js";

/**
 * @typedef {"open" | DecisionKind} StandingKind open: nothing was decided about it, and it alerts
 *
 * @typedef {object} Standing
 * @property {StandingKind} kind
 * @property {Finding} finding without the matches that the user dismissed, unless none is left
 * @property {Decision | null} decision which may be undone
 */

/**
 * @param {Pick<PageRecord, "address" | "findings">} page @param {Decision[]} decisions
 * @returns {Standing[]} surest first
 */
export function standingsOf(page, decisions) {
  const place = decisions.find((decision) => isPlace(decision) && holdsAt(decision, page.address)) ?? null;
  return page.findings
    .map((finding) => standingOf(finding, place, decisions))
    .sort((one, other) => other.finding.score - one.finding.score);
}

/**
 * What alerts on a page.
 * @param {Pick<PageRecord, "address" | "findings"> | null | undefined} page @param {Decision[]} decisions
 * @returns {Finding[]}
 */
export function openFindings(page, decisions) {
  if (!page || page.findings.length === 0) return [];
  return standingsOf(page, decisions)
    .filter(({ kind }) => kind === "open")
    .map(({ finding }) => finding);
}

/** Whether a sighting still alerts. @param {Sighting} sighting @param {Decision[]} decisions */
export function mayAlert(sighting, decisions) {
  const finding = { ...sighting, id: "", shown_at: [] };
  return openFindings({ address: sighting.page_address, findings: [finding] }, decisions).length > 0;
}

/** @param {Finding} finding @param {Decision | null} place @param {Decision[]} decisions @returns {Standing} */
function standingOf(finding, place, decisions) {
  const about = decisions.filter(({ sighting_ids }) => sighting_ids.includes(finding.sighting_id ?? -1));
  const dismissed = about.filter(({ kind }) => kind === "not_me");
  const matches = finding.matches.filter(
    ({ photo_id }) => !dismissed.some((decision) => decision.photo_id === photo_id),
  );
  const [best] = matches;
  const [last] = dismissed;
  if (!best && last) return { kind: "not_me", finding, decision: last };
  const left = best && best !== finding.matches[0] ? { verdict: best.verdict, score: best.score } : {};
  const standing = { ...finding, matches, ...left };
  const decision = about.find(({ kind }) => kind === "mine") ?? place;
  return { kind: decision?.kind ?? "open", finding: standing, decision };
}

/** @param {Decision} decision */
const isPlace = ({ kind }) => kind === "own_place" || kind === "fine";
