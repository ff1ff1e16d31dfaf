/** Bundles of evidence that were saved: where they lie, and whether they are intact. */

import { ask } from "../shared/ask.js";
import { commandLine } from "../shared/command.js";
import { element } from "../shared/element.js";
import { exportCommand } from "../shared/export_command.js";
import { moment, number, say } from "../shared/localize.js";
import { wordsForError } from "../shared/parts.js";

/** @type {Record<string, {chip: string, words: string}>} */
const STATES = {
  intact: { chip: "chip", words: "state_intact" },
  altered: { chip: "chip copy", words: "state_altered" },
  missing: { chip: "chip copy", words: "state_missing" },
  added: { chip: "chip possible_copy", words: "state_added" },
  note: { chip: "chip paused", words: "state_note" },
};

/** @param {EvidenceBundle} bundle */
export function bundleCard(bundle) {
  const card = element("li", "card");
  const name = element("strong", "", bundle.name ?? bundle.path.split(/[\\/]/).pop());
  name.dir = "auto";
  const path = element("p", "path", bundle.path);
  path.dir = "ltr";
  const facts = [
    bundle.at ? moment(bundle.at) : "",
    bundle.bytes ? wordsForSize(bundle.bytes) : "",
    bundle.files ? say("bundle_files", number(bundle.files.length)) : "",
  ].filter(Boolean);
  const row = element("div", "row-of-actions");
  const verified = element("div", "verified");
  verified.setAttribute("role", "status");
  const attempt = async (/** @type {() => Promise<unknown>} */ action) => {
    try {
      await action();
    } catch (error) {
      verified.replaceChildren(element("p", "", say("action_failed", wordsForError(error))));
    }
  };
  const button = (/** @type {string} */ words, /** @type {() => Promise<unknown>} */ action) => {
    const made = element("button", "", words);
    made.type = "button";
    made.addEventListener("click", () => attempt(action));
    return made;
  };
  const { bundle_id } = bundle;
  row.append(
    button(say("bundle_show"), () => ask({ type: "show_bundle", bundle_id })),
    button(say("bundle_check"), async () => {
      verified.replaceChildren(element("p", "small", say("bundle_checking")));
      verified.replaceChildren(...verifiedNodes(await ask({ type: "verify_evidence", bundle_id })));
    }),
  );
  card.append(name, element("p", "small", facts.join(" · ")), path);
  if (bundle.is_encrypted) {
    card.append(element("p", "small", say("encrypted_here")), commandLine(exportCommand(bundle.path)));
  }
  card.append(row, verified);
  return card;
}

/**
 * The earlier ones of the same sighting or case.
 * @param {import("../shared/own_pages.js").Subject | null} subject @param {number | null} newest
 */
export async function showBundles(subject, newest) {
  if (!subject) return;
  const of = "case_id" in subject ? subject : { sighting_id: subject.sighting_ids[0] };
  try {
    const { bundles } = await ask({ type: "bundles", ...of });
    const earlier = bundles.filter((/** @type {EvidenceBundle} */ { bundle_id }) => bundle_id !== newest);
    document.getElementById("bundles")?.replaceChildren(...earlier.map((/** @type {any} */ each) => bundleCard(each)));
    const place = /** @type {HTMLElement} */ (document.getElementById("before"));
    place.hidden = earlier.length === 0;
  } catch {
    // What is wrong is said where evidence is saved.
  }
}

/** @param {{is_intact: boolean, lines: {file: string, state: string, words: string}[]}} verified */
function verifiedNodes({ is_intact, lines }) {
  const nodes = [element("p", "", say(is_intact ? "bundle_intact" : "bundle_broken"))];
  const list = element("ul");
  for (const { file, state, words } of lines) {
    const { chip, words: known } = STATES[state] ?? { chip: "chip", words: "" };
    const line = element("li");
    const name = element("code", "", file);
    name.dir = "ltr";
    line.append(element("span", chip, known ? say(known) : state), name, element("span", "small", words));
    list.append(line);
  }
  const details = element("details");
  details.open = !is_intact;
  details.append(element("summary", "", say("bundle_details")), list);
  return [...nodes, details];
}

/** @param {number} bytes */
function wordsForSize(bytes) {
  const unit = bytes < 1_000_000 ? "kilobyte" : "megabyte";
  const count = bytes / (unit === "kilobyte" ? 1_000 : 1_000_000);
  return number(count, { style: "unit", unit, maximumFractionDigits: count < 10 ? 1 : 0 });
}
