/** When the user is told: quiet hours and the digest, by given clocks; and what a notification shows. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { tellAt } from "../../extension/shared/telling.js";
import { fakeStorage } from "./fake_browser.js";

const at = (day, time) => new Date(`2026-11-${day}T${time}:00`).getTime();
const OFF = { quiet_hours: { is_on: false, from: "22:00", until: "08:00" }, digest: { is_on: false, at: "19:00" } };
const QUIET = { ...OFF, quiet_hours: { ...OFF.quiet_hours, is_on: true } };
const DIGEST = { ...OFF, digest: { ...OFF.digest, is_on: true } };
const told = (settings, day, time) => {
  const date = new Date(tellAt(settings, at(day, time)));
  return `${date.getDate()} ${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
};

test("without quiet hours and digest it is told at once", () => {
  assert.equal(tellAt(OFF, at(10, "23:30") + 123), at(10, "23:30") + 123);
});

test("quiet hours over midnight end in the morning", () => {
  assert.equal(told(QUIET, 10, "21:59"), "10 21:59");
  assert.equal(told(QUIET, 10, "22:00"), "11 08:00");
  assert.equal(told(QUIET, 10, "23:59"), "11 08:00");
  assert.equal(told(QUIET, 11, "00:00"), "11 08:00");
  assert.equal(told(QUIET, 11, "07:59"), "11 08:00");
  assert.equal(told(QUIET, 11, "08:00"), "11 08:00");
});

test("quiet hours within a day end on that day", () => {
  const work = { ...QUIET, quiet_hours: { is_on: true, from: "09:00", until: "17:30" } };
  assert.equal(told(work, 10, "08:59"), "10 08:59");
  assert.equal(told(work, 10, "09:00"), "10 17:30");
  assert.equal(told(work, 10, "17:30"), "10 17:30");
});

test("hours without a length are no quiet hours, and neither is what is no time", () => {
  for (const [from, until] of [
    ["08:00", "08:00"],
    ["", "08:00"],
    ["22:00", "24:00"],
    ["22:00", "8:00"],
    ["25:10", "07:00"],
  ]) {
    assert.equal(told({ ...QUIET, quiet_hours: { is_on: true, from, until } }, 10, "23:00"), "10 23:00");
  }
});

test("a digest comes at its time, today or tomorrow", () => {
  assert.equal(told(DIGEST, 10, "18:59"), "10 19:00");
  assert.equal(told(DIGEST, 10, "19:00"), "10 19:00");
  assert.equal(told(DIGEST, 10, "19:01"), "11 19:00");
});

test("a digest in quiet hours waits for their end", () => {
  const both = { ...QUIET, digest: { is_on: true, at: "23:00" } };
  assert.equal(told(both, 10, "12:00"), "11 08:00");
});

// ---- notifications ------------------------------------------------------------------------------------------------

const made = [];
const local = fakeStorage();
globalThis.chrome.storage.local = local;
globalThis.chrome.runtime.getURL = (path) => `extension:${path}`;
globalThis.chrome.i18n.getMessage = (key, values = []) => [key, ...values].join(" ");
globalThis.chrome.notifications = {
  create: async (id, options) => made.push({ id, ...options }),
  clear: async () => {},
};
const { Announcements } = await import("../../extension/background/announcements.js");

const FINDING = { id: "a", verdict: "copy", score: 0.9, sighting_id: 5, matches: [{ photo_id: 7 }], shown_at: [] };
const PAGE = { tab_id: 3, site: "a.example", address: "https://a.example/x", findings: [FINDING] };
const SIGHTING = { sighting_id: 5, page_address: "https://a.example/x", verdict: "copy", matches: [{ photo_id: 7 }] };

beforeEach(() => {
  made.length = 0;
  for (const key of Object.keys(local.kept)) delete local.kept[key];
});

/** A companion with a photo and sightings. */
function companion({
  photo = { media_type: "image/png", bytes: "AAAA" },
  sightings = [SIGHTING],
  isReady = true,
} = {}) {
  const asked = [];
  const answer = ({ type }) => (type === "photo_preview" ? photo : { sightings });
  const request = (message) => {
    asked.push(message);
    const found = answer(message);
    return { answered: found instanceof Error ? Promise.reject(found) : Promise.resolve(found) };
  };
  return { asked, isReady, request };
}

/** Announcements at a time that the test sets. */
function announcing(context, settings, parts = companion(), mayAlert = () => true) {
  context.mock.timers.enable({ apis: ["Date", "setTimeout"], now: at(10, "23:00") });
  return new Announcements(parts, () => settings, mayAlert);
}

test("a page has one notification, with the user's photo", async (context) => {
  const parts = companion();
  await announcing(context, OFF, parts).tell(PAGE, [FINDING], [FINDING]);
  assert.deepEqual(made, [
    {
      id: "page 3",
      type: "basic",
      iconUrl: "data:image/png;base64,AAAA",
      title: "alert_copy_one",
      message: "alert_where a.example",
    },
  ]);
  assert.deepEqual(parts.asked, [{ type: "photo_preview", photo_id: 7 }]);
});

for (const [what, photo] of [
  ["is gone", new Error("not_found")],
  ["is no picture", { media_type: "image/svg+xml", bytes: "AAAA" }],
]) {
  test(`where the photo ${what} the notification comes without it`, async (context) => {
    await announcing(context, OFF, companion({ photo })).tell(PAGE, [FINDING], [FINDING]);
    assert.equal(made[0].iconUrl, "extension:icons/on-128.png");
  });
}

test("in quiet hours nothing pops up, and one notification afterwards tells it all", async (context) => {
  const announcements = announcing(context, QUIET);
  await announcements.tell(PAGE, [FINDING], [FINDING]);
  await announcements.tell(PAGE, [FINDING], [FINDING]);
  assert.deepEqual(made, []);
  assert.deepEqual(local.kept.put_off, [{ sighting_id: 5, found_at: at(10, "23:00") }], "no address is kept");
  context.mock.timers.setTime(at(11, "08:00"));
  await announcements.advance();
  assert.deepEqual(
    made.map(({ id, title, message }) => [id, title, message]),
    [["digest", "digest_one 1", "digest_on_one a.example"]],
  );
  assert.equal(local.kept.put_off, undefined);
  await announcements.advance();
  assert.equal(made.length, 1, "and never twice");
});

test("the end of the quiet hours is not slept through", async (context) => {
  const announcements = announcing(context, QUIET);
  await announcements.tell(PAGE, [FINDING], [FINDING]);
  context.mock.timers.tick(9 * 3_600_000);
  for (let turns = 0; turns < 20 && made.length === 0; turns++) await Promise.resolve();
  await announcements.advance();
  assert.equal(made.length, 1);
});

test("what was deleted or decided since is not told", async (context) => {
  for (const [parts, mayAlert] of [
    [companion({ sightings: [] }), () => true],
    [companion(), () => false],
  ]) {
    const announcements = announcing(context, QUIET, parts, mayAlert);
    await announcements.tell(PAGE, [FINDING], [FINDING]);
    context.mock.timers.setTime(at(11, "09:00"));
    await announcements.advance();
    assert.deepEqual(made, []);
    assert.equal(local.kept.put_off, undefined);
    context.mock.timers.reset();
  }
});

test("without the companion what was put off waits", async (context) => {
  const parts = companion({ isReady: false });
  const announcements = announcing(context, QUIET, parts);
  await announcements.tell(PAGE, [FINDING], [FINDING]);
  context.mock.timers.setTime(at(11, "09:00"));
  await announcements.advance();
  assert.equal(local.kept.put_off.length, 1);
  parts.isReady = true;
  await announcements.advance();
  assert.equal(made.length, 1);
});

test("quiet hours that are switched off let out what waited", async (context) => {
  const settings = structuredClone(QUIET);
  const announcements = announcing(context, settings);
  await announcements.tell(PAGE, [FINDING], [FINDING]);
  settings.quiet_hours.is_on = false;
  await announcements.advance();
  assert.equal(made.length, 1);
});

test("what has no sighting cannot be told of later", async (context) => {
  await announcing(context, QUIET).tell(PAGE, [{ ...FINDING, sighting_id: null }], [FINDING]);
  assert.equal(local.kept.put_off, undefined);
});
