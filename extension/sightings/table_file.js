/** Sightings and cases as files to keep or hand on: a table that spreadsheets open safely, and everything as JSON. */

import { isoMoment, offsetHere } from "../shared/clock.js";

/** What a spreadsheet would take for a formula, also after blanks, and in full width as it is typed in Chinese. */
const FORMULA = /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠|%]|^[\t\r\n]/u;

/** @param {unknown} value */
function cell(value) {
  const text = String(value ?? "");
  const isNumber = typeof value === "number";
  return `"${(!isNumber && FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

/** Rows as CSV (RFC 4180) in UTF-8, with the mark by which spreadsheets know that. @param {unknown[][]} rows */
export const csvOf = (rows) => `\ufeff${rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;

/** The columns of the table, which programs read: their names are the same in every language. */
const COLUMNS = /** @type {[string, (sighting: Sighting, found: Case | undefined) => unknown][]} */ ([
  ["sighting", ({ sighting_id }) => sighting_id],
  ["page_address", ({ page_address }) => page_address],
  ["page_title", ({ page_title }) => page_title],
  ["picture_address", ({ picture_address }) => picture_address],
  ["first_seen", ({ first_seen, utc_offset }) => isoMoment(first_seen, utc_offset ?? offsetHere(first_seen))],
  ["last_seen", ({ last_seen, utc_offset }) => isoMoment(last_seen, utc_offset ?? offsetHere(last_seen))],
  ["times_seen", ({ times_seen }) => times_seen],
  ["verdict", ({ verdict }) => verdict],
  ["score", ({ score }) => score],
  ["photo", ({ matches: [match] }) => match?.photo],
  ["edits", ({ matches: [match] }) => match?.edits.map(({ kind }) => kind).join(" ")],
  ["presence", ({ presence }) => presence],
  ["checked_at", ({ checked_at }) => (checked_at ? isoMoment(checked_at, offsetHere(checked_at)) : "")],
  ["is_kept", ({ is_kept }) => (is_kept ? "yes" : "no")],
  ["case", ({ case_id }) => case_id],
  ["case_name", (_, found) => found?.name],
  ["case_status", (_, found) => found?.status],
  ["picture_sha256", ({ picture_sha256 }) => picture_sha256],
  ["picture_bytes", ({ original_bytes }) => original_bytes],
]);

/** @param {Sighting[]} sightings @param {Case[]} cases */
export function sightingsTable(sightings, cases) {
  const known = new Map(cases.map((each) => [each.case_id, each]));
  return csvOf([
    COLUMNS.map(([name]) => name),
    ...sightings.map((sighting) => COLUMNS.map(([, value]) => value(sighting, known.get(sighting.case_id ?? -1)))),
  ]);
}

/**
 * Everything, as the companion's protocol has it.
 * @param {{sightings: Sighting[], cases: (Case & {timeline: TimelineEvent[]})[], decisions: Decision[]}} all
 * @param {number} nowSeconds
 */
export function everythingFile(all, nowSeconds) {
  const exported_at = isoMoment(nowSeconds, offsetHere(nowSeconds));
  return `${JSON.stringify({ format: "isthisme sightings", version: 1, exported_at, ...all }, null, 2)}\n`;
}
