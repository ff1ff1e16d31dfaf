/** One case: how far it is, what can be done, what belongs to it, and everything that happened. */

import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { moment, say } from "../shared/localize.js";
import { attempt, refresh, tell } from "../shared/parts.js";
import { plain } from "../shared/plain_text.js";
import { Collection } from "./collection.js";
import { deedRow } from "./deed_buttons.js";
import { deleteCase, deleteSightings, draftNotice, lookAgain, makeCase, move, saveEvidence } from "./deeds.js";
import { choice, labelled, question } from "./question.js";
import { caseHash, goTo } from "./route.js";
import { timelineOf } from "./timeline.js";
import { caseName, countWords, STATUSES, spanWords, statusWords } from "./words.js";

const LONGEST_NAME = 200;
const LONGEST_NOTE = 10_000;

export class CaseScreen {
  #desk;
  /** @type {Case} */
  #case;
  #title = element("h2");
  #about = element("div", "about");
  #steps = element("ol", "steps");
  #history = element("div");
  #sightings;
  #readings = 0;
  /** @type {(change: import("./desk.js").Change) => void} */
  #hear = (change) => {
    if (change !== "decided") refresh(() => this.#readCase());
  };

  /** @param {HTMLElement} root @param {import("./desk.js").Desk} desk @param {Case} found */
  constructor(root, desk, found) {
    this.#desk = desk;
    this.#case = found;
    this.#title.tabIndex = -1;
    this.#title.dir = "auto";
    const status = element("section", "card");
    status.append(element("h3", "", say("status_title")), this.#steps);
    const inside = element("section");
    inside.append(element("h3", "", say("case_pictures")));
    const history = element("section", "card");
    history.append(element("h3", "", say("timeline_title")), this.#history, this.#noteForm());
    root.replaceChildren(this.#title, this.#about, this.#deedRow(), status, inside, history);
    this.#sightings = new Collection(
      inside,
      desk,
      [
        { text: say("split_case"), act: (sightings) => makeCase(desk, sightings) },
        { text: say("take_out"), act: (sightings) => this.#takeOut(sightings) },
        { text: say("evidence_title"), act: (sightings) => saveEvidence({ sighting_ids: idsOf(sightings) }) },
        { text: say("draft_notice"), act: (sightings) => draftNotice({ sighting_ids: idsOf(sightings) }) },
        { text: say("look_again"), act: (sightings) => lookAgain(desk, { sighting_ids: idsOf(sightings) }) },
        { text: say("sighting_delete"), act: (sightings) => deleteSightings(desk, sightings), look: "grave" },
      ],
      () => say("case_empty"),
    );
    this.#show([]);
    desk.listen(this.#hear);
  }

  /** Reads all that is shown. */
  async read() {
    await this.#sightings.show({ case_id: this.#case.case_id }); // first: the timeline speaks of them
    await this.#readCase();
  }

  async #readCase() {
    const { case_id } = this.#case;
    const reading = ++this.#readings;
    const [found, { events }] = await Promise.all([ask({ type: "case", case_id }), ask({ type: "timeline", case_id })]);
    if (reading !== this.#readings) return; // one that began later knows better
    this.#case = found;
    this.#show(events);
  }

  close() {
    this.#sightings.close();
    this.#desk.ignore(this.#hear);
  }

  /** @param {TimelineEvent[]} events */
  #show(events) {
    const { offender, sightings } = this.#case;
    this.#title.textContent = caseName(this.#case);
    const lines = [`${countWords(sightings)}${spanWords(this.#case) && ` · ${spanWords(this.#case)}`}`];
    this.#about.replaceChildren(...lines.map((line) => element("p", "small", line)));
    if (offender) {
      const behind = element("p", "small", say("case_offender", plain(offender)));
      behind.dir = "auto";
      this.#about.prepend(behind);
    }
    this.#showSteps(events);
    this.#history.replaceChildren(
      ...timelineOf(events, {
        removeNote: (event) => this.#removeNote(event),
        nameOf: (id) => this.#sightings.nameOf(id) ?? say("picture_number", id),
      }),
    );
  }

  /** How far it is, and since when. @param {TimelineEvent[]} events */
  #showSteps(events) {
    const focused = this.#steps.contains(document.activeElement)
      ? /** @type {HTMLElement} */ (document.activeElement).dataset.status
      : undefined;
    const steps = Object.keys(STATUSES).map((status) => {
      const since =
        status === "found"
          ? { at: this.#case.created_at }
          : events.findLast(({ kind, text }) => kind === "status" && text === status);
      const button = element("button", "step");
      button.type = "button";
      button.dataset.status = status;
      button.ariaPressed = String(status === this.#case.status);
      button.append(element("span", "", statusWords(status)), element("span", "small", since ? moment(since.at) : ""));
      button.addEventListener("click", () => attempt(() => this.#setStatus(status)));
      const item = element("li");
      item.append(button);
      return item;
    });
    this.#steps.replaceChildren(...steps);
    if (focused) /** @type {HTMLElement | null} */ (this.#steps.querySelector(`[data-status="${focused}"]`))?.focus();
  }

  /** @param {string} status */
  async #setStatus(status) {
    await ask({ type: "change_case", case_id: this.#case.case_id, status });
    await this.#desk.readCases();
    tell(say("status_changed", statusWords(status)));
  }

  #deedRow() {
    const subject = { case_id: this.#case.case_id };
    return deedRow([
      { text: say("evidence_title"), act: () => saveEvidence(subject), look: "main" },
      { text: say("draft_notice"), act: () => draftNotice(subject) },
      { text: say("look_again_all"), act: () => lookAgain(this.#desk, subject) },
      { text: say("case_rename"), act: () => this.#rename() },
      { text: say("case_merge"), act: () => this.#merge() },
      { text: say("case_delete"), act: () => deleteCase(this.#desk, this.#case), look: "grave" },
    ]);
  }

  async #rename() {
    const name = element("input");
    name.value = this.#case.name;
    name.maxLength = LONGEST_NAME;
    name.dir = "auto";
    const isAgreed = await question({
      title: say("case_rename"),
      body: [labelled(say("case_name_label"), name)],
      yes: say("case_rename_yes"),
      isComplete: () => name.value.trim() !== "",
    });
    if (!isAgreed) return;
    await ask({ type: "change_case", case_id: this.#case.case_id, name: name.value.trim() });
    await this.#desk.readCases();
  }

  async #merge() {
    const { case_id } = this.#case;
    const others = this.#desk.cases.filter((each) => each.case_id !== case_id);
    if (others.length === 0) {
      tell(say("case_merge_none"));
      return;
    }
    const chosen = choice(
      "into",
      others.map((each) => ({
        value: String(each.case_id),
        text: caseName(each),
        detail: `${countWords(each.sightings)} · ${statusWords(each.status)}`,
      })),
    );
    const body = [say("case_merge_text"), chosen.root];
    if (!(await question({ title: say("case_merge_title", caseName(this.#case)), body, yes: say("case_merge_yes") }))) {
      return;
    }
    const into = Number(chosen.value());
    await ask({ type: "merge_cases", case_id, into });
    this.#desk.ignore(this.#hear); // this case is no more
    this.#desk.moved(case_id, into);
    await this.#desk.readCases();
    await goTo(caseHash(into));
  }

  /** @param {Sighting[]} sightings */
  async #takeOut(sightings) {
    await move(this.#desk, idsOf(sightings), null);
    tell(say("take_out_done", countWords(sightings.length)));
  }

  #noteForm() {
    const form = element("form", "note-form");
    const text = element("textarea");
    text.rows = 3;
    text.maxLength = LONGEST_NOTE;
    text.dir = "auto";
    const add = element("button", "", say("note_add"));
    form.append(labelled(say("note_label"), text), add);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (text.value.trim() === "") {
        text.focus();
        return;
      }
      attempt(async () => {
        await ask({ type: "add_note", case_id: this.#case.case_id, text: text.value.trim() });
        text.value = "";
        await this.#readCase();
        tell(say("note_added"));
      });
    });
    return form;
  }

  /** @param {TimelineEvent} event */
  async #removeNote({ event_id, text }) {
    const body = [plain(text, 200), say("note_remove_text")];
    if (!(await question({ title: say("note_remove_title"), body, yes: say("delete_yes") }))) return;
    await attempt(async () => {
      await ask({ type: "delete_note", event_id });
      await this.#readCase();
      this.#title.focus();
      tell(say("sighting_deleted"));
    });
  }
}

/**
 * The case of this number, shown; or that there is none.
 * @param {HTMLElement} root @param {import("./desk.js").Desk} desk @param {number} id
 */
export async function caseScreen(root, desk, id) {
  const found = desk.caseOf(id);
  if (!found) {
    const title = element("h2", "", say("case_gone"));
    title.tabIndex = -1;
    root.replaceChildren(title, element("p", "", say("case_gone_text")));
    return null;
  }
  return new CaseScreen(root, desk, found);
}

/** @param {Sighting[]} sightings */
const idsOf = (sightings) => sightings.map(({ sighting_id }) => sighting_id);
