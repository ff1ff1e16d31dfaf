/** The sightings page without a browser: what is asked for, what is selected, what is written, what lies on what. */

import assert from "node:assert/strict";
import { test } from "node:test";
import "./fake_browser.js";

globalThis.chrome = {};
const { isoMoment, offsetText } = await import("../../extension/shared/clock.js");
const { plain } = await import("../../extension/shared/plain_text.js");
const { subjectIn, evidencePage, noticePage, sightingPage } = await import("../../extension/shared/own_pages.js");
const { allSightings, oneSighting, Portions } = await import("../../extension/sightings/portions.js");
const { EVERYTHING, isEverything, queryOf } = await import("../../extension/sightings/query.js");
const { caseHash, routeOf, sightingHash } = await import("../../extension/sightings/route.js");
const { Selection } = await import("../../extension/sightings/selection.js");
const { csvOf, everythingFile, sightingsTable } = await import("../../extension/sightings/table_file.js");

test("text from pages stays on one line and turns nothing round", () => {
  assert.equal(plain("  two\nlines\u0000\tand\u2028more "), "two lines and more");
  assert.equal(plain("abc\u202Ecod.exe\u2066\u200f"), "abccod.exe");
  assert.equal(plain("half \ud83d of one"), "half of one");
  assert.equal(plain("👩‍👧 می‌خواهم"), "👩‍👧 می‌خواهم", "joiners are part of letters");
  assert.equal(plain(null), "");
  assert.equal(plain("\u202e\u0007"), "");
});

test("long text is cut between characters, and says so", () => {
  assert.equal(plain("aaaa", 4), "aaaa");
  assert.equal(plain("aaaaa", 4), "aaaa…");
  assert.equal(plain("😀😀😀", 2), "😀😀…");
  assert.equal(plain("a".repeat(2_000_000), 10).length, 11);
  assert.equal(plain("\u200b".repeat(100), 10), "…", "what is cut before it is looked at is not claimed to be empty");
});

test("moments carry the offset of the clock", () => {
  assert.equal(isoMoment(1_790_000_000, 8 * 3600), "2026-09-21T22:13:20+08:00");
  assert.equal(isoMoment(1_790_000_000, -(3.5 * 3600)), "2026-09-21T10:43:20-03:30");
  assert.equal(offsetText(0), "+00:00");
  assert.equal(offsetText(5.75 * 3600), "+05:45");
});

test("the pages about evidence and notices are told what they are about", () => {
  for (const subject of [{ case_id: 3 }, { sighting_ids: [9, 8] }]) {
    for (const page of [evidencePage(subject), noticePage(subject)]) {
      assert.deepEqual(subjectIn(new URL(page, "https://x.example/").search), subject);
    }
  }
  for (const nonsense of ["", "?case=", "?case=-1", "?sightings=", "?sightings=1,,2", "?sightings=1,x", "?case=1e99"]) {
    assert.equal(subjectIn(nonsense), null, nonsense);
  }
});

test("an address of the page leads to its screen, and anything else to the list", () => {
  assert.deepEqual(routeOf(new URL(sightingPage(7), "https://x.example/").hash), { screen: "sighting", id: 7 });
  assert.deepEqual(routeOf(sightingHash(7)), { screen: "sighting", id: 7 });
  assert.deepEqual(routeOf(caseHash(12)), { screen: "case", id: 12 });
  assert.deepEqual(routeOf("#cases"), { screen: "cases" });
  for (const hash of ["", "#", "#sighting=", "#sighting=x", "#case=1<b>", "#constructor"]) {
    assert.deepEqual(routeOf(hash), { screen: "list" }, hash);
  }
});

test("only what matters is asked for", () => {
  assert.deepEqual(queryOf(EVERYTHING), {});
  assert.ok(isEverything({ ...EVERYTHING, search: "  " }));
  const choice = { search: " anna ", site: "https://Shop.example:8443/x?y", verdict: "copy", presence: "gone" };
  assert.deepEqual(queryOf({ ...EVERYTHING, ...choice, decision: "open", filing: "without" }), {
    search: "anna",
    site: "shop.example:8443",
    verdict: "copy",
    presence: "gone",
    is_kept: false,
    is_without_case: true,
  });
  assert.deepEqual(queryOf({ ...EVERYTHING, site: "not a host", filing: "with" }), {
    site: "not a host",
    is_without_case: false,
  });
});

/** A companion with so many sightings, and what it was asked. */
function companionWith(count) {
  const asked = [];
  const ask = async (message) => {
    asked.push(message);
    const { before = count + 1, limit } = message;
    const newest = Math.min(before - 1, count);
    const ids = Array.from({ length: Math.min(limit, newest) }, (_, index) => newest - index);
    return { sightings: ids.map((sighting_id) => ({ sighting_id })) };
  };
  return { ask, asked };
}

test("portions are asked for one after the other until there are no more", async () => {
  const { ask, asked } = companionWith(5);
  const portions = new Portions(ask, { search: "x" }, 2);
  const found = [];
  while (!portions.isOver) found.push((await portions.next()).map(({ sighting_id }) => sighting_id));
  assert.deepEqual(found, [[5, 4], [3, 2], [1]]);
  assert.deepEqual(asked.at(-1), { type: "sightings", search: "x", limit: 2, before: 2 });
  assert.deepEqual(await portions.next(), []);
  assert.equal(asked.length, 3);
});

test("a portion that failed is asked for again", async () => {
  const { ask } = companionWith(3);
  let isDown = true;
  const portions = new Portions((message) => (isDown ? Promise.reject(new Error("down")) : ask(message)), {}, 2);
  await assert.rejects(portions.next());
  isDown = false;
  assert.equal((await portions.next()).length, 2);
});

test("all are read with few requests, and one by its number", async () => {
  const { ask, asked } = companionWith(5_000);
  assert.equal((await allSightings(ask, {})).length, 5_000);
  assert.equal(asked.length, 26);
  assert.equal((await oneSighting(ask, 17)).sighting_id, 17);
  assert.equal(await oneSighting(ask, 5_001), null);
  assert.equal(await oneSighting(companionWith(0).ask, 1), null);
});

test("a range takes over what its first one is", () => {
  let changes = 0;
  const selection = new Selection(() => changes++);
  const order = [9, 8, 7, 6, 5];
  selection.set(8, true);
  selection.extend(6, order);
  assert.deepEqual(selection.ids, [8, 7, 6]);
  selection.set(7, false);
  selection.extend(5, order);
  assert.deepEqual(selection.ids, [8]);
  selection.extend(1, order);
  assert.deepEqual(selection.ids, [8, 1], "one that is not shown is a beginning");
  assert.equal(changes, 5);
  selection.clear();
  selection.clear();
  assert.equal(changes, 6, "nothing changed the second time");
  selection.extend(7, order);
  assert.deepEqual(selection.ids, [7]);
});

const SIGHTING = {
  sighting_id: 4,
  page_address: "https://shop.example/a",
  page_title: '=HYPERLINK("http://evil.example","x")',
  picture_address: "https://cdn.example/1.jpg",
  first_seen: 1_790_000_000,
  last_seen: 1_790_000_060,
  utc_offset: 28_800,
  times_seen: 2,
  verdict: "copy",
  score: 0.98,
  matches: [{ photo: "/home/anna/a\nb.jpg", edits: [{ kind: "mirrored" }, { kind: "cropped", amount: 0.5 }] }],
  case_id: 2,
  presence: "gone",
  is_kept: true,
};
const CASE = { case_id: 2, name: "+1 shop", status: "reported" };

/** A small reader of CSV, to see what comes out at the other end. */
function rowsOf(csv) {
  assert.equal(csv[0], "\ufeff");
  const cells = [...csv.slice(1).matchAll(/"((?:[^"]|"")*)"(,|\r\n)/g)];
  assert.equal(cells.map(([whole]) => whole).join(""), csv.slice(1), "nothing but cells");
  const rows = [[]];
  for (const [, text, end] of cells) {
    rows.at(-1).push(text.replaceAll('""', '"'));
    if (end !== ",") rows.push([]);
  }
  return rows.slice(0, -1);
}

test("no cell of the table is a formula, and every text comes out as it was", () => {
  const dangerous = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "＋1", "\u200b=1", "|calc", "%0"];
  const harmless = ['say "hello", you', "two\nlines", "中文", "a=b", "", "https://x.example/?a=-1"];
  const [row] = rowsOf(csvOf([[...dangerous, ...harmless, -2, 0.5, null]]));
  assert.deepEqual(row, [...dangerous.map((text) => `'${text}`), ...harmless, "-2", "0.5", ""]);
});

test("the table has a row for each sighting under the names of its columns", () => {
  const [head, row] = rowsOf(sightingsTable([SIGHTING], [CASE]));
  const cells = Object.fromEntries(head.map((name, index) => [name, row[index]]));
  assert.equal(row.length, head.length);
  assert.equal(cells.first_seen, "2026-09-21T22:13:20+08:00");
  assert.equal(cells.page_title, `'${SIGHTING.page_title}`);
  assert.equal(cells.photo, "/home/anna/a\nb.jpg");
  assert.equal(cells.edits, "mirrored cropped");
  assert.deepEqual([cells.case_name, cells.case_status, cells.is_kept], ["'+1 shop", "reported", "yes"]);
  assert.equal(rowsOf(sightingsTable([{ ...SIGHTING, case_id: 99, matches: [] }], [CASE]))[1].length, head.length);
});

test("everything can be read back from the JSON", () => {
  const all = { sightings: [SIGHTING], cases: [{ ...CASE, timeline: [] }], decisions: [] };
  const { exported_at, ...rest } = JSON.parse(everythingFile(all, 1_790_000_000));
  assert.deepEqual(rest, { format: "isthisme sightings", version: 1, ...all });
  assert.equal(Date.parse(exported_at), 1_790_000_000_000);
});
