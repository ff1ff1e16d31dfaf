import assert from "node:assert/strict";
import { test } from "node:test";
import "./fake_browser.js";
import { inAnHour, nextPauseEnd, pauseAt, untilTomorrow } from "../../extension/shared/pauses.js";
import { screenOf } from "../../extension/shared/screen.js";

const { buttonFor } = await import("../../extension/background/alerts.js");
const { announcementOf } = await import("../../extension/background/announcements.js");

const NOW = 1_000_000;
const ON = { everywhere: false, until: null, sites: [] };
const status = (more = {}) => ({ state: "ready", photos: 3, progress: null, paused: ON, problems: [], ...more });
const ready = (more = {}) => ({ phase: "ready", message: "", status: status(more) });
const finding = (verdict, score = 0.9) => ({ id: String(Math.random()), verdict, score, matches: [] });
const page = (more = {}) => ({
  tab_id: 1,
  token: "top",
  address: "https://a.example/page",
  site: "a.example",
  counts: {},
  waiting: 0,
  findings: [],
  ...more,
});
const kind = (companion, shown = page()) => screenOf({ companion, page: shown, nowSeconds: NOW }).kind;

test("before anything is known we are connecting", () => {
  assert.equal(kind(undefined), "connecting");
  assert.equal(kind({ phase: "idle", message: "", status: null }), "connecting");
});

test("trouble with the companion comes before everything else", () => {
  const troubles = ["missing", "refused", "unreachable", "update_extension", "update_companion", "starting"];
  for (const phase of troubles) {
    const found = page({ findings: [finding("copy")] });
    assert.equal(kind({ phase, message: "", status: status() }, found), phase);
  }
});

test("of a companion that cannot be reached we say what lies behind it, where that is known", () => {
  const trouble = (companion) => screenOf({ companion, page: page(), nowSeconds: NOW }).trouble;
  const gone = { phase: "unreachable", message: "", status: null };
  assert.equal(trouble(gone), "unreachable");
  assert.equal(trouble({ ...gone, cause: "disk_full" }), "disk_full");
  assert.equal(trouble({ ...gone, phase: "starting", cause: "disk_full" }), "");
  assert.equal(trouble(ready({ problems: [{ code: "disk_full", message: "" }] })), "");
});

test("without folders we ask for one", () => {
  assert.equal(kind(ready({ state: "no_folders" })), "no_folders");
});

test("what was found stays visible when checking is paused afterwards", () => {
  const found = page({ findings: [finding("copy")] });
  assert.equal(kind(ready({ paused: { ...ON, everywhere: true } }), found), "found");
});

test("a pause of this site is told from one of everything", () => {
  assert.equal(kind(ready({ paused: { ...ON, everywhere: true } })), "paused_everywhere");
  assert.equal(kind(ready({ paused: { ...ON, sites: [{ site: "a.example" }] } })), "paused_site");
  assert.equal(kind(ready({ paused: { ...ON, sites: [{ site: "b.example" }] } })), "quiet");
});

test("a page is looked at until nothing waits, and then it is quiet", () => {
  assert.equal(kind(ready(), page({ waiting: 2 })), "looking");
  assert.equal(kind(ready()), "quiet");
  assert.equal(kind(ready(), null), "no_page");
});

test("the pictures of all frames are counted together, and the surest finding comes first", () => {
  const counts = { top: { looked: 5, undecided: 1 }, frame: { looked: 2, undecided: 0 } };
  const findings = [finding("possible_copy", 0.5), finding("copy", 0.99)];
  const screen = screenOf({ companion: ready(), page: page({ counts, findings }), nowSeconds: NOW });
  assert.deepEqual([screen.looked, screen.undecided], [7, 1]);
  assert.deepEqual(
    screen.findings.map(({ verdict }) => verdict),
    ["copy", "possible_copy"],
  );
});

test("indexing shows beside whatever else there is to say", () => {
  const progress = { task: "indexing", done: 3, total: 9, photos_per_second: 2, seconds_left: 3, unreadable: 0 };
  const screen = screenOf({ companion: ready({ state: "indexing", progress }), page: page(), nowSeconds: NOW });
  assert.deepEqual([screen.kind, screen.progress.done], ["quiet", 3]);
});

test("a pause ends at its time without anybody saying so", () => {
  const pauses = { everywhere: true, until: NOW + 10, sites: [{ site: "a.example", until: NOW + 20 }] };
  assert.deepEqual(pauseAt(pauses, "a.example", NOW), { scope: "everywhere", until: NOW + 10 });
  assert.deepEqual(pauseAt(pauses, "a.example", NOW + 10), { scope: "site", until: NOW + 20 });
  assert.equal(pauseAt(pauses, "a.example", NOW + 20), null);
  assert.equal(nextPauseEnd(pauses, NOW), NOW + 10);
  assert.equal(nextPauseEnd(pauses, NOW + 10), NOW + 20);
  assert.equal(nextPauseEnd({ ...ON, everywhere: true }, NOW), null);
});

test("until tomorrow ends in the morning that comes", () => {
  const evening = new Date(2026, 0, 31, 22, 0);
  assert.equal(untilTomorrow(evening) * 1000, new Date(2026, 1, 1, 6, 0).getTime());
  const night = new Date(2026, 0, 31, 1, 0);
  assert.equal(untilTomorrow(night) * 1000, new Date(2026, 0, 31, 6, 0).getTime());
  assert.equal(inAnHour(1_000.4), 4_600);
});

test("the button counts copies, and says with a question mark that there are only possible ones", () => {
  const button = (...findings) => buttonFor(page({ findings }), ready(), NOW);
  assert.deepEqual([button(finding("copy"), finding("possible_copy")).text, button(finding("copy")).icon], ["1", "on"]);
  assert.equal(button(finding("possible_copy"), finding("possible_copy")).text, "2?");
  assert.deepEqual([button().text, button().icon], ["", "quiet"]);
});

test("the button shows trouble and pauses, but what was found comes first", () => {
  const missing = { phase: "missing", message: "", status: null };
  assert.equal(buttonFor(page(), missing, NOW).icon, "trouble");
  assert.equal(buttonFor(page({ findings: [finding("copy")] }), missing, NOW).icon, "on");
  assert.equal(buttonFor(page(), ready({ paused: { ...ON, sites: [{ site: "a.example" }] } }), NOW).icon, "paused");
});

test("a possible copy is announced as perhaps, and many pictures in one sentence", () => {
  const announce = (...verdicts) => announcementOf(verdicts.map((verdict) => finding(verdict)));
  assert.deepEqual(announce("copy"), { key: "alert_copy_one", numbers: [] });
  assert.deepEqual(announce("copy", "copy"), { key: "alert_copy_many", numbers: ["2"] });
  assert.deepEqual(announce("possible_copy"), { key: "alert_perhaps_one", numbers: [] });
  assert.deepEqual(announce("copy", "possible_copy", "possible_copy"), { key: "alert_both", numbers: ["1", "2"] });
});
