/** What our own pages (popup, panel, answer, sightings, options) may ask. Most is the companion's to answer. */

import { caseRequests } from "./case_requests.js";
import { CompanionError } from "./port.js";
import { wholeList } from "./whole_lists.js";

const READY_MS = 20_000;
const REHEARSAL = "about:blank"; // the picture is on no page

/**
 * @param {object} parts
 * @param {import("./companion.js").Companion} parts.companion
 * @param {import("./questions.js").Questions} parts.questions
 * @param {import("./pages.js").Pages} parts.pages
 * @param {import("./decisions.js").Decisions} parts.decisions
 * @param {import("./documents.js").Documents} parts.documents
 * @param {import("./page_capture.js").PageCapture} parts.pageCapture
 * @param {import("./fetching.js").Fetching} parts.fetching
 * @returns {Record<string, (message: any) => Promise<any>>}
 */
export function ownRequests({ companion, questions, pages, decisions, documents, pageCapture, fetching }) {
  /**
   * @param {string} type
   * @param {(message: any) => Record<string, unknown>} [fields] takes over only what the protocol has
   */
  const passOn =
    (type, fields = () => ({})) =>
    async (/** @type {any} */ message) => {
      await companion.whenReady(READY_MS);
      return companion.request({ type, ...fields(message) }).answered;
    };

  /** The same, and what the user decided then holds everywhere at once.
   * @param {string} type @param {(message: any) => Record<string, unknown>} fields
   */
  const decide = (type, fields) => async (/** @type {any} */ message) => {
    const made = await passOn(type, fields)(message);
    await decisions.read();
    return made;
  };

  const deleteSighting = passOn("delete_sighting", ({ sighting_id }) => ({ sighting_id }));

  return {
    // The popup opened: look again at once for a companion that was missing, and bring the state up to date.
    refresh: async () => {
      companion.connectNow();
      if (companion.isReady) await companion.request({ type: "status" }).answered;
    },
    question: async ({ question_id }) => questions.answer(String(question_id)),
    question_page: async ({ question_id }) => questions.pageOf(String(question_id)),
    photo_preview: passOn("photo_preview", ({ photo_id }) => ({ photo_id })),
    sighting_preview: passOn("sighting_preview", ({ sighting_id }) => ({ sighting_id })),
    sightings: wholeList(passOn("sightings", sightingsWanted), "sightings", "sighting_id"),
    delete_sighting: async (message) => {
      await deleteSighting(message);
      await pages.dropSighting(message.sighting_id);
    },
    note_export: passOn("note_export", ({ format, sightings }) => ({ format, sightings })),
    ...caseRequests(passOn, pages),
    keep_sighting: decide("keep_sighting", ({ sighting_id }) => ({ sighting_id })),
    not_me: decide("not_me", ({ sighting_id, photo_id }) => ({ sighting_id, photo_id })),
    fine_here: decide("fine_here", ({ pattern, reach, is_own_place }) => ({ pattern, reach, is_own_place })),
    undo_decision: decide("undo_decision", ({ decision_id }) => ({ decision_id })),
    decisions: wholeList(
      passOn("decisions", ({ before, limit }) => ({ before, limit })),
      "decisions",
      "decision_id",
    ),
    show_on_page: async ({ tab_id, finding_id }) => {
      const finding = pages.of(Number(tab_id))?.findings.find(({ id }) => id === finding_id);
      const place = finding?.shown_at.find(({ token }) => documents.has(token));
      if (!place) throw new CompanionError("not_found", "");
      documents.tell(place.token, { type: "show", key: place.key });
    },
    page_shown: async ({ address, tab_id }) => pageCapture.find(String(address), tab_id),
    capture_page: async ({ capture, address, tab_id, is_whole }) => {
      await companion.whenReady(READY_MS);
      return pageCapture.save({ capture: String(capture), address, tab_id, is_whole: is_whole === true });
    },
    save_evidence: passOn("save_evidence", ({ sighting_ids, case_id, language, timestamp }) => ({
      ...{ sighting_ids, case_id, language, timestamp },
    })),
    bundles: wholeList(
      passOn("bundles", ({ case_id, sighting_id, before }) => ({ case_id, sighting_id, before })),
      "bundles",
      "bundle_id",
    ),
    verify_evidence: passOn("verify_evidence", ({ bundle_id }) => ({ bundle_id })),
    show_bundle: passOn("show_bundle", ({ bundle_id }) => ({ bundle_id })),
    notice_kinds: passOn("notice_kinds", ({ language }) => ({ language })),
    draft_notice: passOn("draft_notice", ({ kind, language, sighting_ids, case_id, answers }) => ({
      ...{ kind, language, sighting_ids, case_id, answers },
    })),
    save_notice: passOn("save_notice", ({ kind, language, sighting_ids, case_id, subject, text, format }) => ({
      ...{ kind, language, sighting_ids, case_id, subject, text, format },
    })),
    note_notice: passOn("note_notice", ({ kind, sighting_ids, case_id, how }) => ({
      ...{ kind, sighting_ids, case_id, how },
    })),
    // Where only the browser fetches, the companion must not look by itself.
    recheck: passOn("recheck", ({ sighting_ids, case_id }) => ({
      ...{ sighting_ids, case_id, who_fetches: fetching.state.who },
    })),
    recheck_schedule: passOn("recheck_schedule", ({ hours }) => ({ hours, who_fetches: fetching.state.who })),
    pause: passOn("pause", ({ site, until }) => ({ site, until })),
    resume: passOn("resume", ({ site }) => ({ site })),
    folders: passOn("folders"),
    suggest_folders: passOn("suggest_folders"),
    choose_folder: passOn("choose_folder"),
    add_folder: passOn("add_folder", ({ path }) => ({ path })),
    remove_folder: passOn("remove_folder", ({ path }) => ({ path })),
    sample_photos: passOn("sample_photos"),
    rehearse: async ({ bytes }) => {
      await companion.whenReady(READY_MS);
      return companion.request({
        type: "check_image",
        page: { address: REHEARSAL },
        image: { key: "rehearsal", bytes },
        is_rehearsal: true,
      }).answered;
    },
    rebuild: passOn("rebuild"),
    index_now: passOn("index_now"),
  };
}

/** Which sightings a page of ours asks for. @param {any} message */
const sightingsWanted = ({ before, limit, case_id, is_without_case, search, verdict, presence, is_kept, site }) => ({
  before,
  limit,
  case_id,
  is_without_case,
  search,
  verdict,
  presence,
  is_kept,
  site,
});

/** Turns a handler's outcome into what a page of ours gets. @param {Promise<any>} outcome @returns {Promise<Reply>} */
export async function replyWith(outcome) {
  try {
    return { answer: (await outcome) ?? null };
  } catch (error) {
    if (error instanceof CompanionError) return { trouble: { code: error.code, message: error.message } };
    return { trouble: { code: "internal", message: String(error) } };
  }
}
