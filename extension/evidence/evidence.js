/**
 * Saves evidence of what was found: the page as it is shown where it is still open, then the bundle. The click that opened
 * this page was the wish to save, so that it begins at once, and asks only what nobody may decide for the user.
 */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { language, localize, number, say } from "../shared/localize.js";
import { elsewherePage, noticePage, subjectIn } from "../shared/own_pages.js";
import { part, wordsForError } from "../shared/parts.js";
import { changeSettings, readSettings } from "../shared/settings.js";
import { wayOutOf } from "../shared/ways.js";
import { bundleCard, showBundles } from "./bundles.js";
import { showNotes } from "./notes.js";
import { pageMeant } from "./page_meant.js";
import { hostOfAuthority } from "./timestamp.js";

const subject = subjectIn(location.search);
const capture = crypto.randomUUID();

/** @param {string} state @param {string} [lead] */
function become(state, lead = "") {
  document.body.dataset.state = state;
  part("lead").textContent = lead;
  part("question").hidden = state !== "question";
  part("work").hidden = state !== "working";
  part("consent").hidden = state !== "consent";
  part("trouble").hidden = state !== "trouble";
  part("next").hidden = state !== "saved";
}

/** @param {string} words @param {number | null} share */
function showWork(words, share) {
  part("work-words").textContent = words;
  if (share === null) part("work-bar").removeAttribute("value");
  else part("work-bar").value = share;
}

/** @param {unknown} error @param {() => unknown} again */
function showTrouble(error, again) {
  const { code = "internal" } = /** @type {import("../shared/ask.js").AskError} */ (error);
  become("trouble");
  part("trouble-words").textContent = wordsForError(error);
  part("ways").replaceChildren(...wayOutOf(code));
  part("again").onclick = again;
}

/** The page first, while it is there; what cannot be had of it is told and stops nothing. */
async function begin() {
  if (!subject) {
    showTrouble({ code: "not_found" }, begin);
    return;
  }
  become("working");
  showWork(say("evidence_looking"), null);
  const notes = [];
  const page = await pageMeant(subject, location.search);
  if (page) {
    const shown = await ask({ type: "page_shown", ...page }).catch(() => null);
    if (shown?.is_private) {
      become("private", say("why_private_window"));
      return;
    }
    if (shown) notes.push(...(await capturePage(page, shown.page_sees_it)));
    else notes.push({ kind: "page", code: "page_left" });
  }
  showNotes(notes);
  await offerTimestamp();
}

/**
 * @param {{address: string, tab_id: number | undefined}} page
 * @param {boolean} pageSeesIt whether the page can notice that all of it is captured
 */
async function capturePage(page, pageSeesIt) {
  const settings = await readSettings();
  const isWhole = settings.captures === "ask" && pageSeesIt ? await askHow() : settings.captures !== "visible";
  become("working");
  showWork(say("capture_begins"), 0);
  try {
    return (await ask({ type: "capture_page", capture, ...page, is_whole: isWhole })).notes;
  } catch (error) {
    return [{ kind: "page", code: /** @type {any} */ (error).code ?? "internal" }];
  }
}

/** @returns {Promise<boolean>} whether the whole page is captured */
function askHow() {
  become("question");
  part("whole").focus();
  return new Promise((resolve) => {
    for (const captures of /** @type {const} */ (["whole", "visible"])) {
      part(captures).onclick = async () => {
        await changeSettings({ captures });
        resolve(captures === "whole");
      };
    }
  });
}

async function offerTimestamp() {
  const { timestamp_authority } = await readSettings();
  if (!timestamp_authority) {
    await save(null);
    return;
  }
  become("consent");
  part("timestamp").checked = false; // each time anew
  part("timestamp-label").textContent = say("timestamp_send", hostOfAuthority(timestamp_authority));
  part("save").onclick = () => save(part("timestamp").checked ? timestamp_authority : null);
  part("title").focus();
}

/** @param {string | null} timestamp the authority that the user agreed to */
async function save(timestamp) {
  become("working");
  showWork(say("evidence_saving"), null);
  try {
    const saved = await ask({ type: "save_evidence", ...subject, language: language(), timestamp });
    become("saved", wordsForSending(timestamp, saved.timestamp_problem));
    part("title").textContent = say("evidence_saved");
    document.title = say("evidence_saved");
    part("saved").replaceChildren(bundleCard(saved));
    part("title").focus();
    await showBundles(subject, saved.bundle_id);
  } catch (error) {
    showTrouble(error, () => save(timestamp));
  }
}

/** What left this computer. @param {string | null} timestamp @param {string | null | undefined} problem */
function wordsForSending(timestamp, problem) {
  if (!timestamp) return say("evidence_saved_text");
  const authority = hostOfAuthority(timestamp);
  return problem ? say("evidence_not_stamped", authority, problem) : say("evidence_saved_stamped", authority);
}

browser.storage.session.onChanged.addListener((changes) => {
  const now = /** @type {any} */ (changes[`capture:${capture}`]?.newValue);
  if (!now) return;
  const share = now.of > 0 ? now.done / now.of : 0;
  showWork(say(now.step === "sending" ? "capture_sending" : "capture_takes", number(Math.round(100 * share))), share);
});

localize();
if (subject) part("to-notice").href = `../${noticePage(subject)}`;
const [only, ...others] = subject && "sighting_ids" in subject ? subject.sighting_ids : [];
if (only && others.length === 0) {
  part("to-elsewhere").href = `../${elsewherePage(only)}`;
  part("elsewhere").hidden = false;
}
await showBundles(subject, null);
await begin();
