/** Drafts a notice about sightings or a case: which kind, in which language, and what only the user knows. */

import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { language, localize } from "../shared/localize.js";
import { subjectIn } from "../shared/own_pages.js";
import { attempt, part } from "../shared/parts.js";
import { isEdited, listenToDraft, showDraft } from "./draft.js";
import { Fields } from "./fields.js";

const LANGUAGES = ["en", "zh"]; // that notices are drafted in

const subject = subjectIn(location.search);
const fields = new Fields(part("fields"), showStop);
/** @type {NoticeKind[]} */
let kinds = [];

/** @returns {NoticeKind | undefined} */
const chosen = () => kinds.find(({ kind }) => kind === part("kinds").querySelector("input:checked")?.value);

async function begin() {
  if (!subject) throw Object.assign(new Error(), { code: "not_found" });
  const own = LANGUAGES.find((code) => language().startsWith(code)) ?? "en";
  /** @type {{kinds: NoticeKind[], longest_mailto: number}} */
  const offered = await ask({ type: "notice_kinds", language: own });
  kinds = offered.kinds;
  listenToDraft({ longestMail: offered.longest_mailto, markSent });
  part("kinds").replaceChildren(...kinds.map(kindLine));
  const names = new Intl.DisplayNames(language(), { type: "language" });
  for (const code of LANGUAGES) {
    const option = element("option", "", names.of(code) ?? code);
    option.value = code;
    part("language").append(option);
  }
  part("language").value = own;
  part("questions").hidden = false;
}

/** @param {NoticeKind} kind */
function kindLine({ kind, name, law }) {
  const line = element("div", "choice");
  const input = element("input");
  Object.assign(input, { type: "radio", name: "kind", value: kind, id: `kind-${kind}` });
  input.addEventListener("change", showKind);
  const label = element("label", "", name);
  label.htmlFor = input.id;
  line.append(input, label, element("span", "small", law));
  return line;
}

function showKind() {
  const kind = chosen();
  part("about").textContent = kind?.about ?? "";
  part("asked").hidden = !kind;
  fields.ask(kind?.fields ?? []);
  showStop();
}

/** Who may not send this kind hears it at once, and not after all the questions. */
function showStop() {
  part("stopped").textContent = fields.stop;
  part("stopped").hidden = fields.stop === "";
  part("draft").disabled = !chosen() || fields.stop !== "";
}

async function draft() {
  const kind = chosen();
  if (!kind) return;
  const wish = { kind: kind.kind, language: part("language").value, ...subject, answers: fields.answers };
  part("overwrite").hidden = true;
  await attempt(async () => {
    showDraft(await ask({ type: "draft_notice", ...wish }), wish, (name) => fields.focus(name));
  }, "draft-trouble");
}

/** The case counts as reported; sightings that are in no case become one. */
async function markSent() {
  const case_id = subject && "case_id" in subject ? subject.case_id : await caseOfSightings();
  await ask({ type: "change_case", case_id, status: "reported" });
}

async function caseOfSightings() {
  const sighting_ids = subject && "sighting_ids" in subject ? subject.sighting_ids : [];
  const [first = 0] = sighting_ids;
  /** @type {{sightings: Sighting[]}} */
  const { sightings } = await ask({ type: "sightings", before: first + 1, limit: 1 });
  const known = sightings.find(({ sighting_id }) => sighting_id === first)?.case_id;
  return known ?? (await ask({ type: "make_case", sighting_ids })).case_id;
}

localize();
part("questions").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  if (!isEdited()) return draft();
  part("overwrite").hidden = false; // what was written by hand is not lost unasked
  part("overwrite-yes").focus();
});
part("overwrite-yes").addEventListener("click", draft);
part("overwrite-no").addEventListener("click", () => {
  part("overwrite").hidden = true;
  part("draft").focus();
});
part("draft").disabled = true;
await attempt(begin);
document.body.dataset.isReady = "true";
