/** Shapes shared by the parts of the extension. The messages of the companion are those of native_host/PROTOCOL.md. */

// ---- the companion's messages -------------------------------------------------------------------------------------

type Verdict = "copy" | "possible_copy" | "no_copy" | "undecided";
type EditKind =
  | "exact"
  | "mirrored"
  | "rotated"
  | "cropped"
  | "composed"
  | "recoloured"
  | "overlaid"
  | "shrunk"
  | "stretched"
  | "tilted"
  | "blurred";
type Polygon = [number, number][];

interface Edit {
  kind: EditKind;
  amount?: number | null;
}

interface Match {
  photo_id: number;
  photo: string;
  verdict: Verdict;
  score: number;
  explanation: string;
  edits: Edit[];
  query_region: Polygon;
  photo_region: Polygon;
  photo_is_present?: boolean;
}

interface Reason {
  code: string;
  words: string;
}

interface VerdictMessage {
  type: "verdict";
  id: number;
  key: string;
  verdict: Verdict;
  score: number;
  reason?: Reason | null;
  matches: Match[];
  width: number;
  height: number;
  index_generation: number;
  sighting_id?: number | null;
  elapsed_ms: number;
}

/** A picture has gone, or come back. */
interface NewsMessage {
  type: "news";
  sighting_id: number;
  case_id: number | null;
  presence: "gone" | "there";
  page_address: string;
  page_title: string | null;
}

interface WantBytes {
  type: "want_bytes";
  id: number;
  key: string;
  from_document_only?: boolean;
}

interface Progress {
  task: "indexing" | "rebuilding";
  step?: "looking" | "describing" | "switching";
  done: number;
  total: number;
  photos_per_second: number;
  seconds_left?: number | null;
  unreadable: number;
  waits_because?: "on_battery" | "busy" | null;
  cpu_percent?: number | null;
}

interface Pauses {
  everywhere: boolean;
  until?: number | null;
  sites: { site: string; until?: number | null }[];
}

interface CompanionStatus {
  state: "ready" | "indexing" | "no_folders" | "paused";
  photos: number;
  folders: number;
  generation: number;
  model?: string | null;
  progress?: Progress | null;
  paused: Pauses;
  system_proxy?: boolean; // whether the companion's system uses a proxy
  decisions?: string; // another after each change of the decisions
  problems: { code: string; message: string }[];
}

interface Preview {
  media_type: string;
  bytes: string;
  width: number;
  height: number;
  name?: string | null;
  path?: string | null;
  is_present: boolean;
}

interface Sighting {
  sighting_id: number;
  page_address: string;
  page_title?: string | null;
  picture_address: string;
  first_seen: number;
  last_seen: number;
  times_seen: number;
  verdict: Verdict;
  score: number;
  matches: Match[];
  width: number;
  height: number;
  // An older companion does not tell these.
  utc_offset?: number | null; // seconds east of UTC where the user was
  presence?: Presence;
  checked_at?: number | null;
  is_kept?: boolean;
  case_id?: number | null;
  picture_sha256?: string;
  original_bytes?: number | null; // of the picture as the page had it
}

/** Whether a picture is still where it was seen. */
type Presence = "there" | "gone" | "unknown";

type CaseStatus = "found" | "reported" | "answered" | "removed" | "came_back";

/** Sightings that one offender is behind. */
interface Case {
  case_id: number;
  name: string;
  offender: string; // empty where the user grouped them
  status: CaseStatus;
  created_at: number;
  utc_offset: number;
  changed_at: number;
  sightings: number;
  first_seen?: number | null;
  last_seen?: number | null;
}

interface TimelineEvent {
  at: number;
  utc_offset: number;
  kind: string; // of a case: made, note, status, merged, split, evidence, notice; of a picture: seen, recheck
  text: string;
  event_id?: number | null;
  sighting_id?: number | null;
  presence?: Presence | null;
}

/** Sightings that seem to belong together. */
interface CaseSuggestion {
  reason: "account" | "site" | "same_picture";
  offender: string;
  name: string;
  sighting_ids: number[];
  case_id?: number | null; // of the case that they seem to belong to
}

type DecisionKind = "mine" | "fine" | "own_place" | "not_me";

interface Decision {
  decision_id: number;
  kind: DecisionKind;
  decided_at: number; // seconds since 1970
  pattern?: string | null; // of fine and own_place: shared/places.js
  reach?: "page" | "below" | null;
  photo_id?: number | null; // of not_me
  photo?: string | null;
  sighting_ids: number[];
  page_address?: string | null;
  page_title?: string | null;
}

/** Evidence in one file. */
interface EvidenceBundle {
  bundle_id: number;
  path: string;
  name?: string | null;
  bytes?: number | null;
  files?: string[] | null;
  is_encrypted?: boolean; // no other program opens it
  at?: number | null; // seconds since 1970
  timestamp_problem?: string | null; // why there is no timestamp though one was asked for
}

interface NoticeField {
  field: string;
  type: "text" | "lines" | "email" | "choice" | "check";
  label: string;
  help?: string | null;
  is_required: boolean;
  is_about_user: boolean;
  options: { value: string; label: string; stops?: string | null }[]; // stops: why whoever chooses it cannot send it
  only_if?: { field: string; is: string[] } | null;
}

interface NoticeKind {
  kind: string;
  name: string;
  law: string;
  about: string;
  fields: NoticeField[];
  elements: { what: string; clause: string; needs: string[] }[];
}

interface NoticeRecipient {
  name: string;
  page?: string | null; // where it takes reports
  address?: string | null; // an e-mail address
  checked?: string | null;
  takes_kind: boolean;
  words: string;
}

interface NoticeDraft {
  kind: string;
  language: string;
  subject: string;
  text: string;
  missing: { field: string; words: string; clause?: string | null }[];
  recipient?: NoticeRecipient | null;
  recipients: NoticeRecipient[];
  addresses: number;
  shortened: number;
  mailto?: string | null;
  disclaimer: string;
}

interface Frame {
  type: string;
  id?: number | null;
  [field: string]: any;
}

// ---- what the background worker keeps in storage.session ----------------------------------------------------------

type Phase =
  | "idle" // not asked for yet
  | "connecting"
  | "starting" // the host is starting the daemon
  | "ready"
  | "missing" // no native host is registered with this browser
  | "unreachable" // the host or the daemon came and went
  | "refused" // the host does not know this extension
  | "update_extension"
  | "update_companion";

interface CompanionState {
  phase: Phase;
  message: string; // the companion's own words on what is wrong, if it had any
  cause?: string; // the code of what lies behind it, where that is known
  status: CompanionStatus | null;
  version?: string; // of the companion that answered last
}

/** A picture on a page that is, or may be, one of the user's. */
interface Finding {
  id: string; // one for each picture of a page
  verdict: Verdict;
  score: number;
  sighting_id: number | null;
  matches: Match[];
  width: number;
  height: number;
  shown_at: { token: string; key: string }[]; // documents of the page, and the picture's name there
}

/** What is known of the page in a tab. It lives as long as the tab's top document. */
interface PageRecord {
  tab_id: number;
  token: string; // of the top document
  address: string;
  asked_address?: string; // where the browser was asked to go, where redirects led from there
  title: string;
  site: string; // its host name
  counts: Record<string, { looked: number; undecided: number }>; // for each document, by its token
  waiting: number;
  findings: Finding[];
}

/** What the user set about alerts and evidence. */
interface AlertSettings {
  quiet_hours: { is_on: boolean; from: string; until: string }; // times of day: 22:00
  digest: { is_on: boolean; at: string };
  marks: boolean; // drawn on the page around what was found
  knows_what_showing_tells: boolean; // the page could notice that it is scrolled and marked
  knows_what_opening_tells: boolean; // the site hears of each visit
  captures: "ask" | "whole" | "visible"; // how much of a page goes into evidence; ask: where the page could notice
  timestamp_authority: string; // its address; empty where evidence gets no timestamp
}

interface Trouble {
  code: string;
  message: string;
}

/** Who fetches pictures, and why only the browser does. */
interface FetchingState {
  who: "companion" | "browser";
  because: "setting" | "proxy" | "extension" | "system_proxy" | null;
}

/** Where the picture of a question is. */
interface QuestionSource {
  token: string; // of the document; empty where there is none
  key: string; // in its document; empty where the document does not know it
  tab_id: number;
  window_id: number;
  is_private: boolean;
  place: Place | null;
  pixels_per_unit: number;
  referrer_policy?: string | undefined;
}

/** The tab and the document of which pictures are taken. */
interface CaptureSource {
  tab_id: number;
  window_id: number;
  token: string;
}

interface UnderPointer {
  picture: PagePicture | null;
  place: Place | null;
  pixels_per_unit: number;
}

/** The user's question about one picture. */
interface Question {
  id: string;
  page: { address: string; title: string };
  address: string; // of the picture; empty where it has none, and once it is answered
  source: QuestionSource;
  asked_at: number; // milliseconds since 1970
  answer: VerdictMessage | null;
}

// ---- between content scripts and the worker -----------------------------------------------------------------------

type Nearness = 0 | 1 | 2; // seen, near the seen part, far away

interface PagePicture {
  key: string; // unique in its document
  address: string; // empty where the picture lives in the page alone
  width: number; // as rendered, CSS pixels
  height: number;
  nearness: Nearness;
  lives_in_page?: boolean; // no address leads to it (blob:, canvas, a video's frame): only the document can give its bytes
  referrer_policy?: ReferrerPolicy; // of the element or the document's markup; absent when neither says one
}

/** Where something lies in the tab's viewport, in CSS pixels. */
interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How large a page is, in CSS pixels. */
interface PageSize {
  width: number; // of the viewport with its bars for scrolling
  height: number;
  seen_width: number; // of the viewport without them
  seen_height: number;
  page_width: number;
  page_height: number;
  pixels_per_unit: number; // device pixels for one CSS pixel
}

/**
 * Why a document does not give a picture:
 * - `unknown`: this document has reported no picture with this key that still waits for an answer, or it changed since
 * - `gone`: the element left the page, or the blob: address was revoked
 * - `not_loaded`: there are no pixels yet, or the browser could not decode them
 * - `tainted`: the browser shows the pixels to nobody, since they came from another origin
 * - `out_of_reach`: the browser shows the pixels of this kind (CSS backgrounds and the like) to no script
 * - `too_large`: more than `LARGEST_GIVEN_BYTES` in content/supply.js
 */
type NotGiven = "unknown" | "gone" | "not_loaded" | "tainted" | "out_of_reach" | "too_large";

type FromPage =
  | { type: "document"; token: string; address: string; title: string; settled: number }
  | { type: "pictures"; pictures: PagePicture[] }
  | { type: "nearer"; keys: string[] }
  | { type: "moved"; address: string; title: string }
  // Answers to `give`: every part (0 to parts - 1, in order; base64, each at most 4,000,000 characters), or one refusal.
  // Each part is base64 by itself.
  | { type: "given"; key: string; media_type: string; part: number; parts: number; bytes: string }
  | { type: "not_given"; key: string; reason: NotGiven }
  // Answer to `under_pointer`. `place` is null where a frame of another origin lies around it; pixels_per_unit: device
  // pixels for one CSS pixel, to cut the place out of a capture of the tab.
  | { type: "under_pointer_is"; picture: PagePicture | null; place: Place | null; pixels_per_unit: number }
  // Answers to `measure`, `scroll`, `restore` and, in order, `give_text`.
  | { type: "size"; size: PageSize }
  | { type: "scrolled"; y: number }
  | { type: "restored" }
  | { type: "text"; part: number; parts: number; text: string; is_cut: boolean };

type ToPage =
  | { type: "settled"; keys: string[] }
  | { type: "again" }
  | { type: "rest" }
  // Asks for the bytes of a picture that was reported and not settled, or that `under_pointer_is` named last: of a
  // video those of the frame that is shown at that moment.
  | { type: "give"; key: string }
  // Scrolls to a picture and marks it for some seconds.
  | { type: "show"; key: string }
  // Marks these pictures until it is said otherwise, and no others.
  | { type: "marks"; keys: string[] }
  // Asks which picture the last context menu was opened on.
  | { type: "under_pointer" }
  // For evidence of the page, on the user's click: how large it is, scrolling it for a picture of the whole and back
  // again, and its HTML as it is shown.
  | { type: "measure" }
  | { type: "scroll"; y: number; is_first: boolean; is_last: boolean }
  | { type: "restore" }
  | { type: "give_text" };

// ---- inside the worker --------------------------------------------------------------------------------------------

/** A picture that has no answer yet. */
interface Waiting extends PagePicture {
  address_bytes: number; // of a frame, at the most
  token: string; // of its document
  tab_id: number;
  tries: number;
  not_before: number; // milliseconds since 1970
  request: number | null; // the request that asks for it now
}

interface Batch {
  tab_id: number;
  pictures: Waiting[];
}

/** The answer to one of our own pages. */
type Reply<T = any> = { answer: T } | { trouble: Trouble };
