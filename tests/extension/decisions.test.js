/** What is made of what the user decided: in the badge, in the lists, and in the copy that the worker keeps. */

import assert from "node:assert/strict";
import { test } from "node:test";
import "./fake_browser.js";
import { mayAlert, openFindings, standingsOf } from "../../extension/shared/decisions.js";
import { screenOf } from "../../extension/shared/screen.js";

const { buttonFor } = await import("../../extension/background/alerts.js");
const { Decisions } = await import("../../extension/background/decisions.js");
const { Marks } = await import("../../extension/background/marks.js");
const { Session } = await import("../../extension/background/session.js");

const match = (photo_id, score = 0.9) => ({ photo_id, verdict: score > 0.65 ? "copy" : "possible_copy", score });
const finding = (sighting_id, ...matches) => ({
  id: `sighting ${sighting_id}`,
  sighting_id,
  matches,
  verdict: matches[0]?.verdict ?? "copy",
  score: matches[0]?.score ?? 0.9,
  shown_at: [{ token: "top", key: `key ${sighting_id}` }],
});
const page = (...findings) => ({
  tab_id: 1,
  token: "top",
  address: "https://www.instagram.com/anna/",
  site: "www.instagram.com",
  counts: { top: { looked: 3, undecided: 0 } },
  waiting: 0,
  findings,
});
const decision = (kind, more) => ({ decision_id: 1, kind, decided_at: 1, sighting_ids: [], ...more });
const kinds = (...all) => standingsOf(...all).map(({ kind }) => kind);
const READY = {
  phase: "ready",
  message: "",
  status: { state: "ready", paused: { everywhere: false, sites: [] }, problems: [] },
};

test("what nothing was decided about is open", () => {
  assert.deepEqual(kinds(page(finding(1, match(7))), []), ["open"]);
});

test("a kept sighting alerts no more, and no other one is meant", () => {
  const decisions = [decision("mine", { sighting_ids: [1] })];
  assert.deepEqual(kinds(page(finding(1, match(7, 0.9)), finding(2, match(7, 0.8))), decisions), ["mine", "open"]);
});

test("a place holds for all that is found there", () => {
  for (const kind of ["fine", "own_place"]) {
    const decisions = [decision(kind, { pattern: "instagram.com/anna", reach: "below" })];
    assert.deepEqual(kinds(page(finding(1, match(7)), finding(null, match(7))), decisions), [kind, kind]);
    const elsewhere = { ...page(finding(1, match(7))), address: "https://www.instagram.com/bert/" };
    assert.deepEqual(kinds(elsewhere, decisions), ["open"]);
  }
});

test("a photo that is not in a picture is left out, and the rest stands", () => {
  const both = page(finding(1, match(7, 0.9), match(8, 0.5)));
  const [standing] = standingsOf(both, [decision("not_me", { photo_id: 7, sighting_ids: [1, 5] })]);
  assert.equal(standing.kind, "open");
  assert.deepEqual([standing.finding.verdict, standing.finding.score], ["possible_copy", 0.5]);
  assert.deepEqual(
    standing.finding.matches.map(({ photo_id }) => photo_id),
    [8],
  );
  const [all] = standingsOf(both, [
    decision("not_me", { photo_id: 7, sighting_ids: [1] }),
    decision("not_me", { photo_id: 8, sighting_ids: [1] }),
  ]);
  assert.equal(all.kind, "not_me");
  assert.equal(all.finding.matches.length, 2, "it can be shown, and undone");
});

test("not me is said of the pair: another picture with the same photo still alerts", () => {
  const decisions = [decision("not_me", { photo_id: 7, sighting_ids: [1] })];
  assert.deepEqual(kinds(page(finding(2, match(7))), decisions), ["open"]);
  assert.deepEqual(kinds(page(finding(null, match(7))), decisions), ["open"]);
});

test("the button counts what is open, and the popup tells the rest quietly", () => {
  const decisions = [decision("mine", { sighting_ids: [1] })];
  const shown = page(finding(1, match(7)), finding(2, match(7, 0.5)));
  assert.equal(buttonFor(shown, READY, 0, decisions).text, "1?");
  const quiet = page(finding(1, match(7)));
  assert.deepEqual(
    [buttonFor(quiet, READY, 0, decisions).text, buttonFor(quiet, READY, 0, decisions).icon],
    ["", "quiet"],
  );
  const screen = screenOf({ companion: READY, page: quiet, decisions, nowSeconds: 0 });
  assert.deepEqual([screen.kind, screen.findings.length, screen.decided.length], ["decided", 0, 1]);
  assert.equal(screenOf({ companion: READY, page: shown, decisions, nowSeconds: 0 }).kind, "found");
});

test("a sighting is told of later only while nothing was decided about it", () => {
  const sighting = { ...finding(1, match(7)), page_address: "https://a.example/x" };
  assert.ok(mayAlert(sighting, []));
  assert.ok(!mayAlert(sighting, [decision("mine", { sighting_ids: [1] })]));
  assert.ok(!mayAlert(sighting, [decision("fine", { pattern: "a.example", reach: "below" })]));
  assert.deepEqual(openFindings(null, []), []);
});

/** A companion with decisions that a test may change; listeners are told by `become`. */
function fakeCompanion(all) {
  const listeners = [];
  const asked = [];
  return {
    asked,
    onChange: (listener) => listeners.push(listener),
    become: (state) => {
      for (const listener of listeners) listener(state);
    },
    request: ({ type, limit, before }) => {
      asked.push(before);
      const page = all().filter(({ decision_id }) => before === undefined || decision_id < before);
      return { answered: Promise.resolve({ type, decisions: page.slice(0, limit) }) };
    },
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const ready = (mark) => ({ phase: "ready", status: { decisions: mark } });

test("the worker reads all decisions, page by page, and again only when they changed", async () => {
  let all = Array.from({ length: 450 }, (_, index) => decision("mine", { decision_id: 450 - index, photo: "x" }));
  const companion = fakeCompanion(() => all);
  let changes = 0;
  const decisions = new Decisions(new Session(), companion, () => (changes += 1));
  companion.become(ready("450.450"));
  await settled();
  assert.equal(decisions.all.length, 450);
  assert.equal(decisions.all[0].photo, undefined, "no path fills the session");
  assert.equal(companion.asked.length, 3);
  companion.become(ready("450.450"));
  companion.become({ phase: "unreachable", status: null });
  companion.become(ready("450.450"));
  await settled();
  assert.deepEqual([companion.asked.length, changes], [3, 1]);
  all = [];
  companion.become(ready("0.0"));
  await settled();
  assert.deepEqual([decisions.all, changes], [[], 2]);
});

test("an older companion that knows no mark is asked once", async () => {
  const companion = fakeCompanion(() => []);
  new Decisions(new Session(), companion, () => {});
  for (let times = 0; times < 3; times++) companion.become({ phase: "ready", status: {} });
  await settled();
  assert.equal(companion.asked.length, 1);
});

test("without marks a document hears nothing, whatever is found in it", () => {
  const told = [];
  const documents = { tell: (token, message) => told.push([token, message]) };
  const settings = { marks: false };
  let decisions = [];
  const marks = new Marks(
    documents,
    () => settings,
    () => decisions,
  );
  const shown = page(finding(1, match(7)));
  marks.draw(shown);
  assert.deepEqual(told, []);
  settings.marks = true;
  marks.draw(shown);
  marks.draw(shown);
  assert.deepEqual(told.splice(0), [["top", { type: "marks", keys: ["key 1"] }]]);
  decisions = [decision("mine", { sighting_ids: [1] })];
  marks.draw(shown);
  assert.deepEqual(told.splice(0), [["top", { type: "marks", keys: [] }]]);
  settings.marks = false;
  marks.draw(shown);
  assert.deepEqual(told, []);
});
