/**
 * The first run: three screens, one shown at a time, by the part of the address behind the #. While the companion cannot
 * be reached, what to do about that stands in their place.
 */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { localize, say } from "../shared/localize.js";
import { part } from "../shared/parts.js";
import { screenOf } from "../shared/screen.js";
import { offerSiteAccess } from "../shared/site_access.js";
import { stopNodes } from "../shared/ways.js";
import { showFolders } from "./folders.js";
import { showGrowth } from "./growth.js";
import { showRehearsal } from "./rehearsal.js";

const STEPS = ["folders", "growth", "rehearsal"];

let step = "";
let stopped = "";

/** The screen that the address names. */
function stepOfAddress() {
  const named = location.hash.slice(1);
  return STEPS.includes(named) ? named : "folders";
}

/** Shows the screen of the address. Its heading gets the focus, so that a screen reader begins there. */
function changeStep() {
  const isFirst = step === "";
  step = stepOfAddress();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#${step}`) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
  render().then(() => {
    document.title = `${part(`${step}-title`).textContent} – ${say("name")}`;
    if (isFirst || stopped !== "") return;
    part(`${step}-title`).focus();
    scrollTo(0, 0);
  });
}

async function render() {
  const kept = await browser.storage.session.get("companion");
  const companion = /** @type {CompanionState | undefined} */ (kept.companion);
  showStop(screenOf({ companion, page: undefined, nowSeconds: Date.now() / 1000 }));
  document.body.dataset.screen = stopped || step;
  for (const name of STEPS) part(name).hidden = stopped !== "" || name !== step;
  const status = companion?.status;
  if (stopped !== "" || !status) return;
  if (step === "folders") showFolders(status);
  if (step === "growth") showGrowth(status);
  if (step === "rehearsal") showRehearsal(status);
}

/** @param {import("../shared/screen.js").Screen} screen */
function showStop(screen) {
  const { trouble, kind, isConnected, message } = screen;
  const now = isConnected ? "" : trouble || kind;
  const place = part("stop");
  place.hidden = now === "";
  const written = `${now} ${message}`;
  if (place.dataset.written === written) return; // a screen reader speaks of every change here
  place.dataset.written = written;
  stopped = now;
  if (trouble) place.replaceChildren(...stopNodes(screen, lookAgain, "h1"));
  else if (now === "starting") place.replaceChildren(...waiting("starting_title", "starting_text"));
  else if (now !== "") place.replaceChildren(...waiting("connecting_title", "connecting_text"));
  else place.replaceChildren();
}

/** @param {string} title @param {string} text keys of texts */
const waiting = (title, text) => [element("h1", "", say(title)), element("p", "", say(text))];

function lookAgain() {
  return ask({ type: "refresh" }).catch(() => {}); // what is wrong shows in the state
}

localize();
offerSiteAccess(part("site-access"));
part("done").addEventListener("click", async () => {
  const tab = await browser.tabs.getCurrent();
  if (tab?.id !== undefined) await browser.tabs.remove(tab.id);
});
addEventListener("hashchange", changeStep);
browser.storage.session.onChanged.addListener(render);
changeStep();
await lookAgain();
