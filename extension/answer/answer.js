/** The window that answers **Is this me?**. It opens at once, and whatever happens it ends with an answer. */

import { ask } from "../shared/ask.js";
import { comparison, photoName } from "../shared/comparison.js";
import { element } from "../shared/element.js";
import { language, localize, say } from "../shared/localize.js";
import { part } from "../shared/parts.js";
import { wayOutOf } from "../shared/ways.js";
import { VERDICT_WORDS, wordsForEdits, wordsForReason } from "../shared/words.js";
import { forgetActions, offerActions } from "./actions.js";

const PATIENCE_MS = 75_000; // longer than the worker takes to give up by itself

/** @type {Record<Verdict | "asking", string>} */
const SIGNS = { asking: "", copy: "!", possible_copy: "?", no_copy: "✓", undecided: "…" };

const speech = { say, language: language() };
const question_id = new URLSearchParams(location.search).get("question");

async function answer() {
  show("asking", say("answer_asking"), say("answer_asking_text"), "");
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error(), { code: "deadline_exceeded" })), PATIENCE_MS);
  });
  try {
    showVerdict(await Promise.race([ask({ type: "question", question_id }), late]));
  } catch (error) {
    const { code, message } = /** @type {import("../shared/ask.js").AskError} */ (error);
    showUndecided(code, message);
  } finally {
    clearTimeout(timer);
  }
}

/** @param {VerdictMessage} verdict */
function showVerdict(verdict) {
  if (verdict.verdict === "undecided" || !Object.hasOwn(VERDICT_WORDS, verdict.verdict)) {
    showUndecided(verdict.reason?.code ?? "internal", verdict.reason?.words ?? "");
    return;
  }
  const { title, text } = VERDICT_WORDS[verdict.verdict];
  // Words for a "no" that needs some, such as a picture that only resembles.
  const why = verdict.verdict === "no_copy" && verdict.reason ? wordsForReason(verdict.reason.code, "", speech) : "";
  show(verdict.verdict, say(title), say(text), why);
  const [match, ...others] = verdict.matches;
  if (!match || verdict.verdict === "no_copy") return;
  const card = element("li", "card");
  const edits = element("p", "", wordsForEdits(match, speech));
  const name = element("p", "small", say("photo_name", photoName(match)));
  name.title = match.photo;
  card.append(comparison(verdict), edits, name);
  const cards = [card];
  if (others.length > 0) {
    const more = element("li", "small", say("answer_more"));
    more.append(...others.map((other) => element("p", "", photoName(other))));
    cards.push(more);
  }
  part("matches").replaceChildren(...cards);
  offerActions(verdict, question_id);
}

/** @param {string} code @param {string} words the companion's own */
function showUndecided(code, words) {
  const { title, text } = VERDICT_WORDS.undecided;
  show("undecided", say(title), say(text), wordsForReason(code, words, speech));
  part("ways").replaceChildren(...wayOutOf(code));
  part("again").hidden = false; // whatever it was, it may be asked once more
}

/** @param {Verdict | "asking"} kind @param {string} title @param {string} text @param {string} why */
function show(kind, title, text, why) {
  document.body.dataset.answer = kind;
  part("sign").textContent = SIGNS[kind];
  part("title").textContent = title;
  part("text").textContent = text;
  part("why").textContent = why;
  part("ways").replaceChildren();
  part("matches").replaceChildren();
  forgetActions();
  part("again").hidden = true;
}

localize();
part("again").addEventListener("click", answer);
part("close").addEventListener("click", () => window.close());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") window.close();
});
await answer();
