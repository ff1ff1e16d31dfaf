/** Everything found so far, and the cases that it belongs to: which screen is shown, and the list with its filters. */

import { browser } from "../browser.js";
import { localize, say } from "../shared/localize.js";
import { attempt, part, refresh } from "../shared/parts.js";
import { caseScreen } from "./case_screen.js";
import { casesScreen } from "./cases_screen.js";
import { Collection } from "./collection.js";
import { deleteSightings, draftNotice, lookAgain, makeCase, putInCase, saveEvidence } from "./deeds.js";
import { Desk } from "./desk.js";
import { saveEverything } from "./exporting.js";
import { EVERYTHING, isEverything, queryOf } from "./query.js";
import { routeOf } from "./route.js";
import { sightingScreen } from "./sighting_screen.js";

const GALLERY = "sightings_gallery"; // in storage.local
const TYPING_MS = 300;
const FIELDS = /** @type {const} */ (["search", "site", "verdict", "presence", "decision", "filing"]);

const desk = new Desk();
const ids = (/** @type {Sighting[]} */ sightings) => ({
  sighting_ids: sightings.map(({ sighting_id }) => sighting_id),
});
const list = new Collection(
  part("collection"),
  desk,
  [
    { text: say("make_case"), act: (sightings) => makeCase(desk, sightings) },
    { text: say("put_in_case"), act: (sightings) => putInCase(desk, sightings) },
    { text: say("evidence_title"), act: (sightings) => saveEvidence(ids(sightings)) },
    { text: say("draft_notice"), act: (sightings) => draftNotice(ids(sightings)) },
    { text: say("look_again"), act: (sightings) => lookAgain(desk, ids(sightings)) },
    { text: say("sighting_delete"), act: (sightings) => deleteSightings(desk, sightings), look: "grave" },
  ],
  () => say(isEverything(choice()) ? "sightings_none" : "sightings_none_so"),
);

/** What is open beside the list. @type {{read: () => Promise<void>, close: () => void} | null} */
let open = null;
/** Where the list was left. */
let left = { id: /** @type {number | undefined} */ (undefined), top: 0 };
let isListRead = false;
let visits = 0;

/** @returns {import("./query.js").Choice} */
const choice = () => ({ ...EVERYTHING, ...Object.fromEntries(FIELDS.map((name) => [name, part(name).value])) });

async function readList() {
  const chosen = Object.keys(queryOf({ ...choice(), search: "" })).length;
  part("filters-count").textContent = chosen === 0 ? say("filters") : say("filters_chosen", chosen);
  part("clear").hidden = isEverything(choice());
  await list.show(queryOf(choice()));
}

/** Shows the screen that the address names. @param {boolean} isFirst */
async function show(isFirst) {
  const route = routeOf(location.hash);
  const visit = ++visits;
  if (!part("list-screen").hidden) left = { ...left, top: scrollY };
  open?.close();
  open = null;
  part("news").textContent = "";
  for (const name of ["list", "sighting", "cases", "case"]) part(`${name}-screen`).hidden = name !== route.screen;
  part("to-list").ariaCurrent = route.screen === "list" ? "page" : null;
  part("to-cases").ariaCurrent = route.screen === "cases" ? "page" : null;
  const root = part(`${route.screen}-screen`);
  if (route.screen === "list") {
    if (!isListRead) await readList();
    isListRead = true;
    if (visit !== visits) return; // another screen is shown by now
    scrollTo(0, left.top);
    if (!isFirst) list.focus(left.id);
    return;
  }
  root.replaceChildren();
  scrollTo(0, 0);
  if ("id" in route) {
    if (route.screen === "sighting") left = { ...left, id: route.id };
    const screen = await (route.screen === "case" ? caseScreen : sightingScreen)(root, desk, route.id);
    if (visit !== visits) {
      screen?.close();
      return;
    }
    open = screen;
  } else {
    await casesScreen(root, desk);
  }
  if (visit === visits && !isFirst) root.querySelector("h2")?.focus();
  await open?.read();
}

/** @param {boolean} isGallery */
function showAs(isGallery) {
  part("as-list").ariaPressed = String(!isGallery);
  part("as-gallery").ariaPressed = String(isGallery);
  list.isGallery = isGallery;
}

function prepare() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  for (const name of FIELDS) {
    part(name).addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => attempt(readList), part(name).localName === "input" ? TYPING_MS : 0);
    });
  }
  part("filter").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    clearTimeout(typing);
    attempt(readList);
  });
  part("clear").addEventListener("click", () => {
    part("filter").reset();
    part("search").focus();
    attempt(readList);
  });
  for (const isGallery of [false, true]) {
    part(isGallery ? "as-gallery" : "as-list").addEventListener("click", () => {
      showAs(isGallery);
      browser.storage.local.set({ [GALLERY]: isGallery });
    });
  }
  for (const format of /** @type {const} */ (["json", "csv"])) {
    part(`export-${format}`).addEventListener("click", () => attempt(() => saveEverything(format)));
  }
  list.whenCounted((words) => {
    part("count").textContent = words;
  });
  addEventListener("hashchange", () => refresh(() => show(false)));
  addEventListener("resize", () => list.measure());
}

localize();
prepare();
showAs((await browser.storage.local.get(GALLERY))[GALLERY] === true);
// Cases and decisions are marks on what is listed; without them the list is worth showing all the same.
await Promise.all([
  refresh(() => desk.open()),
  routeOf(location.hash).screen === "list" ? refresh(() => show(true)) : null,
]);
if (routeOf(location.hash).screen !== "list") await refresh(() => show(true));
document.body.dataset.isReady = "true";
