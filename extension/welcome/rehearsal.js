/**
 * The third screen: a page that reuses a photo of the user's, made here and judged for real. Pages of ours hold no content
 * scripts, no server may run on this computer, and no other one may see a photo: so the page is drawn here, from the
 * preview that the index holds, and its pictures are asked about as any other, except that nothing is kept of them.
 */

import { ask } from "../shared/ask.js";
import { comparison, photoName } from "../shared/comparison.js";
import { element } from "../shared/element.js";
import { language, number, say } from "../shared/localize.js";
import { part, wordsForError } from "../shared/parts.js";
import { VERDICT_WORDS, wordsForEdits, wordsForReason } from "../shared/words.js";
import { filteredAndCaptioned, mirroredAndCropped, nobodysPicture } from "./edits.js";

/** @typedef {{source: string, shows: string, words: string}} Picture source: a `data:` address; words: the page's */

const speech = () => ({ say, language: language() });

/** @type {Picture[]} */
let pictures = [];
/** Which page is shown: answers about an earlier one no longer count. */
let page = 0;
/** @type {number[] | null} ids of photos to take, the next one first */
let photos = null;
let isListening = false;

/** @param {CompanionStatus} status */
export function showRehearsal({ photos: known }) {
  if (!isListening) {
    isListening = true;
    part("look").addEventListener("click", () => attempt(lookAtPage));
    part("another").addEventListener("click", () => attempt(makePage));
  }
  part("rehearsal-none").hidden = known > 0;
  part("stage").hidden = known === 0;
  if (known > 0 && photos === null) {
    photos = [];
    attempt(makePage);
  }
}

/** Draws the page anew, from the next photo. */
async function makePage() {
  const made = ++page;
  part("look").disabled = true;
  part("found").replaceChildren();
  part("rehearsal-news").textContent = "";
  if (!photos?.length) {
    /** @type {{photos: {photo_id: number}[]}} */
    const sample = await ask({ type: "sample_photos" });
    photos = sample.photos.map(({ photo_id }) => photo_id);
  }
  const photo_id = photos.shift();
  if (photo_id === undefined) return;
  /** @type {Preview} */
  const { media_type, bytes } = await ask({ type: "photo_preview", photo_id });
  const photo = new Image();
  photo.src = `data:${media_type};base64,${bytes}`;
  await photo.decode();
  if (made !== page) return;
  pictures = [
    { source: mirroredAndCropped(photo), shows: say("page_alt_one"), words: say("page_picture_one") },
    { source: nobodysPicture(), shows: say("page_alt_two"), words: say("page_picture_two") },
    {
      source: filteredAndCaptioned(photo, say("page_caption")),
      shows: say("page_alt_three"),
      words: say("page_picture_three"),
    },
  ];
  part("pictures").replaceChildren(
    ...pictures.map(({ source, shows, words }) => {
      const place = element("li");
      const image = element("img");
      image.src = source;
      image.alt = shows;
      place.append(image, element("p", "small", words));
      return place;
    }),
  );
  part("look").disabled = false;
}

/** Asks about each picture of the page, as a visit does, and shows what comes of it. */
async function lookAtPage() {
  const looked = page;
  part("look").disabled = true;
  part("found").replaceChildren();
  part("rehearsal-news").textContent = say("answer_asking");
  try {
    let found = 0;
    for (const [index, { source, words }] of pictures.entries()) {
      /** @type {VerdictMessage} */
      const verdict = await ask({ type: "rehearse", bytes: source.slice(source.indexOf(",") + 1) });
      if (looked !== page) return;
      found += verdict.verdict === "copy" || verdict.verdict === "possible_copy" ? 1 : 0;
      part("found").append(card(verdict, source, words));
      part("rehearsal-news").textContent = say("looking_text", number(index + 1), number(pictures.length));
    }
    part("rehearsal-news").textContent = say("rehearsal_found", number(found), number(pictures.length));
  } finally {
    if (looked === page) part("look").disabled = false;
  }
}

/** @param {VerdictMessage} verdict @param {string} source @param {string} words */
function card(verdict, source, words) {
  const place = element("li", "card");
  const [match] = verdict.matches;
  const kind = Object.hasOwn(VERDICT_WORDS, verdict.verdict) ? verdict.verdict : "undecided";
  place.append(element("span", `chip ${kind}`, say(VERDICT_WORDS[kind].chip)), element("h2", "", words));
  if (match) {
    place.append(comparison(verdict, source), element("p", "", wordsForEdits(match, speech())));
    const name = element("p", "small", say("photo_name", photoName(match)));
    name.title = match.photo;
    place.append(name);
  } else if (verdict.reason) {
    place.append(element("p", "", wordsForReason(verdict.reason.code, verdict.reason.words, speech())));
  } else {
    place.append(element("p", "", say("answer_no_text")));
  }
  return place;
}

/** Does something, and says so where it fails. @param {() => Promise<unknown>} action */
async function attempt(action) {
  part("rehearsal-trouble").textContent = "";
  try {
    await action();
  } catch (error) {
    part("rehearsal-trouble").textContent = say("action_failed", wordsForError(error));
    part("rehearsal-news").textContent = "";
  }
}
