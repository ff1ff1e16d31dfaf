/**
 * Everything that can go wrong and reach the user, in one table: the words, what the button in the toolbar shows, and the
 * way out. Codes are those of native_host/PROTOCOL.md, of the phases in types.d.ts, and our own.
 */

/**
 * @typedef {"again" | "folders"} Action again: look or ask once more; folders: open the page where folders are chosen
 * @typedef {{command: string} | {say: string} | {action: Action, label: string}} Way
 *
 * @typedef {object} Entry the values are keys of texts; each text may use $1, the companion's own words
 * @property {string} why one sentence that stands by itself
 * @property {Way[]} ways in order; empty where there is nothing that anybody could do
 * @property {boolean} [isGrave] the button in the toolbar shows it
 * @property {string} [title] where it can stop everything: the heading
 * @property {string} [text] and what is said below it, before the ways
 */

/** Commands are the same in every language. */
const SET_UP = { command: "scripts/run" };
const GET_NEW = [
  { command: "git pull && scripts/run" },
  { say: "way_from_wheel" },
  { command: "uv tool install --force isthisme-*.whl && isthisme setup" },
];
const REGISTER = { command: "isthisme browsers install" };
const DOCTOR = { command: "isthisme doctor" };
const REPAIR = { command: "isthisme doctor --repair" };
const AGAIN = /** @type {const} */ ({ action: "again", label: "try_again" });
const FOLDERS = /** @type {const} */ ({ action: "folders", label: "way_folders" });
const BACK_HERE = { say: "missing_after" };

/** @type {Entry} */
const UNREACHABLE = {
  title: "unreachable_title",
  text: "unreachable_text",
  why: "why_unreachable",
  ways: [DOCTOR, AGAIN],
  isGrave: true,
};
/** @type {Entry} */
const REFUSED = {
  title: "refused_title",
  text: "refused_text",
  why: "why_missing",
  ways: [REGISTER, BACK_HERE, AGAIN],
  isGrave: true,
};
/** @type {Entry} */
const INTERNAL = { why: "why_internal", ways: [DOCTOR, AGAIN] };
/** @type {Entry} */
const MISUNDERSTOOD = { why: "why_misunderstood", ways: [...GET_NEW, AGAIN] };
/** @type {Entry} */
const UNREADABLE = { why: "why_unreadable", ways: [] };

/** @type {Record<string, Entry>} */
const TROUBLES = {
  // Nothing goes without these.
  missing: {
    title: "missing_title",
    text: "missing_text",
    why: "why_missing",
    ways: [SET_UP, { say: "missing_or" }, REGISTER, BACK_HERE, AGAIN],
    isGrave: true,
  },
  refused: REFUSED,
  caller_refused: REFUSED,
  unreachable: UNREACHABLE,
  daemon_unreachable: UNREACHABLE,
  daemon_gone: UNREACHABLE,
  gone: UNREACHABLE,
  update_extension: {
    title: "update_extension_title",
    text: "update_extension_text",
    why: "why_update_extension",
    ways: [{ command: "isthisme setup" }, { say: "way_reload_extension" }, AGAIN],
    isGrave: true,
  },
  update_companion: {
    title: "update_companion_title",
    text: "update_companion_text",
    why: "why_update_companion",
    ways: [...GET_NEW, AGAIN],
    isGrave: true,
  },
  home_refused: {
    title: "home_refused_title",
    text: "home_refused_text",
    why: "why_home_refused",
    ways: [DOCTOR, AGAIN],
    isGrave: true,
  },
  usage: { title: "usage_title", text: "usage_text", why: "why_usage", ways: [DOCTOR, AGAIN], isGrave: true },

  // These may stop everything, or only a part.
  catalog_damaged: {
    title: "damaged_title",
    text: "damaged_text",
    why: "why_damaged",
    ways: [REPAIR, AGAIN],
    isGrave: true,
  },
  catalog_unusable: {
    title: "unusable_title",
    text: "unusable_text",
    why: "why_unusable",
    ways: [DOCTOR, AGAIN],
    isGrave: true,
  },
  key_out_of_reach: {
    title: "key_out_of_reach_title",
    text: "key_out_of_reach_text",
    why: "why_key_out_of_reach",
    ways: [{ command: "isthisme encryption status" }, AGAIN],
    isGrave: true,
  },
  key_missing: {
    title: "key_missing_title",
    text: "key_missing_text",
    why: "why_key_missing",
    ways: [{ command: "isthisme encryption unlock" }, AGAIN],
    isGrave: true,
  },
  encryption_missing: {
    title: "encryption_missing_title",
    text: "encryption_missing_text",
    why: "why_encryption_missing",
    ways: [DOCTOR, AGAIN],
    isGrave: true,
  },
  disk_full: { title: "disk_full_title", text: "disk_full_text", why: "why_disk_full", ways: [AGAIN], isGrave: true },
  busy: { title: "busy_title", text: "busy_text", why: "why_busy", ways: [AGAIN], isGrave: true },
  model_unusable: { why: "why_model_unusable", ways: [DOCTOR], isGrave: true },

  // The rest goes on meanwhile.
  indexing_failed: { why: "problem_indexing_failed", ways: [DOCTOR], isGrave: true },
  disk_nearly_full: { why: "problem_disk_nearly_full", ways: [AGAIN], isGrave: true },
  index_locked: { why: "problem_index_locked", ways: [{ command: "isthisme status" }] },
  no_model: { why: "problem_no_model", ways: [DOCTOR] },
  folder_absent: { why: "problem_folder_absent", ways: [FOLDERS] },
  folder_unreadable: { why: "problem_folder_unreadable", ways: [FOLDERS] },
  folder_unwatched: {
    why: "problem_folder_unwatched",
    ways: [{ command: "sudo sysctl fs.inotify.max_user_watches=1048576" }],
  },
  photos_unreadable: { why: "problem_photos_unreadable", ways: [{ command: "isthisme index" }] },

  // One picture, or one wish.
  too_plain: { why: "why_too_plain", ways: [{ say: "way_larger" }] },
  no_photos: { why: "why_no_photos", ways: [FOLDERS] },
  unreadable_image: UNREADABLE,
  worker_crashed: UNREADABLE,
  image_too_large: { why: "why_too_large", ways: [] },
  address_refused: { why: "why_address_refused", ways: [] },
  timestamp_refused: { why: "why_timestamp_refused", ways: [AGAIN] },
  fetch_failed: { why: "why_fetch_failed", ways: [AGAIN] },
  site_refused: { why: "why_site_refused", ways: [AGAIN] },
  offline: { why: "why_offline", ways: [AGAIN] },
  not_supplied: { why: "why_not_supplied", ways: [AGAIN] },
  deadline_exceeded: { why: "why_too_slow", ways: [AGAIN] },
  index_unavailable: { why: "why_index_unavailable", ways: [AGAIN] },
  index_server_unusable: { why: "why_index_server", ways: [DOCTOR, AGAIN] },
  overloaded: { why: "why_overloaded", ways: [AGAIN] },
  cancelled: { why: "why_cancelled", ways: [AGAIN] },
  paused: { why: "why_paused", ways: [AGAIN] },
  not_found: { why: "why_not_found", ways: [AGAIN] },
  dismissed: { why: "why_dismissed", ways: [{ say: "way_undo" }] },
  not_a_folder: { why: "why_not_a_folder", ways: [] },
  folder_forbidden: { why: "why_folder_forbidden", ways: [] },
  path_not_absolute: { why: "why_path_not_absolute", ways: [] },
  nothing_to_save: { why: "why_nothing_to_save", ways: [] },
  too_many_at_once: { why: "why_too_many_at_once", ways: [] },
  no_picture_here: { why: "why_no_picture_here", ways: [] },
  picture_out_of_reach: { why: "why_out_of_reach", ways: [] },

  // A page of which evidence is saved.
  private_window: { why: "why_private_window", ways: [] },
  page_left: { why: "why_page_left", ways: [] },
  tab_left: { why: "why_tab_left", ways: [AGAIN] },
  nothing_shown: { why: "why_nothing_shown", ways: [] },
  not_pictured: { why: "why_not_pictured", ways: [AGAIN] },
  too_large: { why: "why_page_too_large", ways: [] },

  // Faults of ours.
  invalid_message: MISUNDERSTOOD,
  unknown_type: MISUNDERSTOOD,
  hello_first: MISUNDERSTOOD,
  frame_too_large: MISUNDERSTOOD,
  answer_too_large: MISUNDERSTOOD,
  sealed_file_damaged: { why: "why_sealed_file", ways: [DOCTOR] },
  index_file_unusable: { why: "why_index_file", ways: [REPAIR, AGAIN] },
  bad_input: INTERNAL,
  internal: INTERNAL,
};

/** @param {string} code @returns {Entry | null} null for one of a newer companion */
export const troubleOf = (code) => (Object.hasOwn(TROUBLES, code) && TROUBLES[code]) || null;

/** Every code that has words. */
export const troubleCodes = () => Object.keys(TROUBLES);

/**
 * What stops everything while there is no connection: what lies behind it, where that is known.
 * @param {string} phase @param {string | undefined} cause
 */
export const stoppedBy = (phase, cause) => (cause && troubleOf(cause)?.title ? cause : phase);

/** Whether the button in the toolbar shows trouble. @param {CompanionState} companion */
export function isInTrouble({ phase, status }) {
  if (phase !== "ready") return troubleOf(phase)?.isGrave ?? false;
  return status?.problems.some(({ code }) => troubleOf(code)?.isGrave) ?? false;
}
