/** What can be done with sightings: cases, evidence, notices, looking again, deleting. Each says how it went. */

import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { number, say } from "../shared/localize.js";
import { evidencePage, noticePage, openOwn } from "../shared/own_pages.js";
import { tell } from "../shared/parts.js";
import { accountAt, siteAt } from "../shared/places.js";
import { plain } from "../shared/plain_text.js";
import { choice, labelled, question } from "./question.js";
import { caseHash, goTo } from "./route.js";
import { caseName, countWords, nameOf, presenceWords, statusWords } from "./words.js";

/** @typedef {import("./desk.js").Desk} Desk */
/** @typedef {import("../shared/own_pages.js").Subject} Subject */
/** @typedef {{sighting_id: number, presence: Presence, words: string}} Looked */

const NEW_CASE = "new";
const SHOWN_NAMES = 5;

/** @param {Subject} subject */
export const saveEvidence = (subject) => openOwn(evidencePage(subject));

/** @param {Subject} subject */
export const draftNotice = (subject) => openOwn(noticePage(subject));

/** Whoever is behind most of them, as far as their addresses tell. @param {Sighting[]} sightings */
function whoIsBehind(sightings) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { page_address } of sightings) {
    const offender = accountAt(page_address)?.pattern ?? siteAt(page_address) ?? "";
    counts.set(offender, (counts.get(offender) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  return most?.[0] ?? "";
}

/**
 * Makes a case of sightings; they leave the cases that they are in.
 * @param {Desk} desk @param {Sighting[]} sightings
 */
export async function makeCase(desk, sightings) {
  const name = element("input");
  name.value = whoIsBehind(sightings);
  name.maxLength = 200;
  name.dir = "auto";
  const isAgreed = await question({
    title: say("make_case_title"),
    body: [say("make_case_text", countWords(sightings.length)), labelled(say("case_name_label"), name)],
    yes: say("make_case"),
    isComplete: () => name.value.trim() !== "",
  });
  if (!isAgreed) return;
  await makeCaseOf(
    desk,
    sightings.map(({ sighting_id }) => sighting_id),
    { name: name.value.trim() },
  );
}

/** @param {Desk} desk @param {number[]} sighting_ids @param {{name: string, offender?: string}} fields */
export async function makeCaseOf(desk, sighting_ids, fields) {
  const { case_id } = await ask({ type: "make_case", ...fields, sighting_ids });
  desk.changed(sighting_ids, { case_id });
  await desk.readCases();
  await goTo(caseHash(case_id));
}

/** Puts sightings into a case that the user chooses, or into a new one. @param {Desk} desk @param {Sighting[]} sightings */
export async function putInCase(desk, sightings) {
  const cases = desk.cases.map((each) => ({
    value: String(each.case_id),
    text: caseName(each),
    detail: `${countWords(each.sightings)} · ${statusWords(each.status)}`,
  }));
  const chosen = choice("case", [...cases, { value: NEW_CASE, text: say("a_new_case") }]);
  const title = say("put_in_case_title", countWords(sightings.length));
  if (!(await question({ title, body: [chosen.root], yes: say("put_in_case_yes") }))) return;
  if (chosen.value() === NEW_CASE) return makeCase(desk, sightings);
  const ids = sightings.map(({ sighting_id }) => sighting_id);
  await move(desk, ids, Number(chosen.value()));
  const found = desk.caseOf(Number(chosen.value()));
  tell(found ? say("put_in_case_done", caseName(found)) : "");
}

/** @param {Desk} desk @param {number[]} sighting_ids @param {number | null} case_id null: into none */
export async function move(desk, sighting_ids, case_id) {
  await ask({ type: "put_in_case", sighting_ids, ...(case_id !== null && { case_id }) });
  desk.changed(sighting_ids, { case_id });
  await desk.readCases();
}

/** @param {Desk} desk @param {Subject} subject */
export async function lookAgain(desk, subject) {
  tell(say("recheck_looking"));
  /** @type {Looked[]} */
  const all = [];
  /** @type {Subject | null} */
  let asked = subject;
  while (asked) {
    // Of many the companion tells what it knows after a while, and which ones are left.
    /** @type {{results: Looked[], left?: number[]}} */
    const { results, left = [] } = await ask({ type: "recheck", ...asked });
    const checked_at = Date.now() / 1000;
    for (const presence of /** @type {Presence[]} */ (["there", "gone", "unknown"])) {
      const ids = results.filter((result) => result.presence === presence).map(({ sighting_id }) => sighting_id);
      if (ids.length > 0) desk.changed(ids, { presence, checked_at });
    }
    all.push(...results);
    asked = left.length > 0 ? { sighting_ids: left } : null;
  }
  tell(recheckWords(all));
}

/** @param {Looked[]} results */
function recheckWords(results) {
  const [only] = results;
  if (results.length === 1 && only) {
    const why = only.presence === "unknown" ? plain(only.words) : "";
    return [say("recheck_one", presenceWords(only.presence)), why].join(" ").trim();
  }
  const count = (/** @type {Presence} */ presence) =>
    number(results.filter((result) => result.presence === presence).length);
  return say("recheck_many", count("there"), count("gone"), count("unknown"));
}

/** @param {Sighting[]} sightings */
function namesList(sightings) {
  const list = element("ul", "names");
  for (const sighting of sightings.slice(0, SHOWN_NAMES)) {
    const item = element("li", "", nameOf(sighting));
    item.dir = "auto";
    list.append(item);
  }
  if (sightings.length > SHOWN_NAMES) {
    list.append(element("li", "small", say("and_more", number(sightings.length - SHOWN_NAMES))));
  }
  return list;
}

/**
 * Deletes sightings for good, once the user agreed.
 * @param {Desk} desk @param {Sighting[]} sightings
 * @returns {Promise<boolean>} whether they are gone
 */
export async function deleteSightings(desk, sightings) {
  const isAgreed = await question({
    title: say("delete_title", countWords(sightings.length)),
    body: [namesList(sightings), say("delete_erases"), say("delete_leaves")],
    yes: say("delete_yes"),
  });
  if (!isAgreed) return false;
  /** @type {number[]} */
  const deleted = [];
  try {
    for (const { sighting_id } of sightings) {
      await deleteOne(sighting_id);
      deleted.push(sighting_id);
      if (sightings.length > 1) tell(say("delete_progress", number(deleted.length), number(sightings.length)));
    }
  } finally {
    desk.removed(deleted);
    if (sightings.some(({ case_id }) => case_id)) await desk.readCases();
  }
  tell(sightings.length === 1 ? say("sighting_deleted") : say("delete_done", countWords(deleted.length)));
  return true;
}

/** @param {number} sighting_id */
async function deleteOne(sighting_id) {
  try {
    await ask({ type: "delete_sighting", sighting_id });
  } catch (error) {
    // Another program was faster: it is gone, as the user wants.
    if (/** @type {import("../shared/ask.js").AskError} */ (error).code !== "not_found") throw error;
  }
}

/** Deletes a case, with or without what is in it, once the user agreed. @param {Desk} desk @param {Case} found */
export async function deleteCase(desk, found) {
  const count = countWords(found.sightings);
  const chosen = choice("with", [
    { value: "", text: say("delete_case_alone"), detail: say("delete_case_alone_text") },
    ...(found.sightings > 0
      ? [{ value: "all", text: say("delete_case_all", count), detail: say("delete_erases") }]
      : []),
  ]);
  const isAgreed = await question({
    title: say("delete_case_title", caseName(found)),
    body: [chosen.root, say("delete_leaves")],
    yes: say("delete_yes"),
  });
  if (!isAgreed) return;
  const { case_id } = found;
  const { sighting_ids } = await ask({ type: "delete_case", case_id, with_sightings: chosen.value() === "all" });
  await goTo("#cases");
  desk.removed(sighting_ids);
  desk.moved(case_id, null);
  await desk.readCases();
  tell(say("delete_case_done"));
}
