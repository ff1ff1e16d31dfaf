/** From what the worker keeps to what the popup shows: one pure function. */

import { standingsOf } from "./decisions.js";
import { pauseAt } from "./pauses.js";
import { stoppedBy } from "./troubles.js";

/**
 * @typedef {"connecting" | "starting" | "missing" | "refused" | "unreachable" | "update_extension" |
 *   "update_companion" | "no_folders" | "paused_everywhere" | "paused_site" | "found" | "decided" | "looking" | "quiet" |
 *   "no_page"} ScreenKind
 *
 * @typedef {object} Screen
 * @property {ScreenKind} kind
 * @property {boolean} isConnected
 * @property {number} looked pictures with an answer
 * @property {number} waiting
 * @property {number} undecided
 * @property {number} photos of the user's that are known
 * @property {Finding[]} findings that nothing was decided about, surest first
 * @property {import("./decisions.js").Standing[]} decided the others, surest first
 * @property {Progress | null} progress
 * @property {{scope: "everywhere" | "site", until: number | null} | null} pause
 * @property {string} site empty when the tab holds no page that we look at
 * @property {string} trouble the code of what stops everything; empty when nothing does
 * @property {string} message the companion's own words about that
 * @property {{code: string, message: string}[]} problems
 */

const STOPPED = new Set(["missing", "refused", "unreachable", "update_extension", "update_companion"]);

/**
 * @param {object} known
 * @param {CompanionState | undefined} known.companion
 * @param {PageRecord | undefined} known.page
 * @param {Decision[]} [known.decisions]
 * @param {number} known.nowSeconds
 * @returns {Screen}
 */
export function screenOf({ companion, page, decisions = [], nowSeconds }) {
  const phase = companion?.phase ?? "idle";
  const isConnected = phase === "ready";
  const status = isConnected ? (companion?.status ?? null) : null;
  const counts = Object.values(page?.counts ?? {});
  const pause = pauseAt(status?.paused, page?.site ?? "", nowSeconds);
  const standings = page ? standingsOf(page, decisions) : [];
  const findings = standings.filter(({ kind }) => kind === "open").map(({ finding }) => finding);
  const decided = standings.filter(({ kind }) => kind !== "open");
  const waiting = page?.waiting ?? 0;
  const rest = {
    isConnected,
    looked: counts.reduce((sum, count) => sum + count.looked, 0),
    undecided: counts.reduce((sum, count) => sum + count.undecided, 0),
    waiting,
    photos: status?.photos ?? 0,
    findings,
    decided,
    progress: status?.progress ?? null,
    pause,
    site: page?.site ?? "",
    trouble: STOPPED.has(phase) ? stoppedBy(phase, companion?.cause) : "",
    message: companion?.message ?? "",
    problems: status?.problems ?? [],
  };
  return { kind: kindOf({ phase, status, pause, page, findings, decided, waiting }), ...rest };
}

/**
 * @param {object} known
 * @param {Phase} known.phase
 * @param {CompanionStatus | null} known.status
 * @param {Screen["pause"]} known.pause
 * @param {PageRecord | undefined} known.page
 * @param {Finding[]} known.findings
 * @param {Screen["decided"]} known.decided
 * @param {number} known.waiting
 * @returns {ScreenKind}
 */
function kindOf({ phase, status, pause, page, findings, decided, waiting }) {
  if (phase === "idle") return "connecting";
  if (phase !== "ready") return phase;
  if (findings.length > 0) return "found"; // pausing does not hide what was found before
  if (status?.state === "no_folders") return "no_folders";
  if (pause) return pause.scope === "everywhere" ? "paused_everywhere" : "paused_site";
  if (!page) return "no_page";
  if (waiting > 0) return "looking";
  return decided.length > 0 ? "decided" : "quiet";
}
