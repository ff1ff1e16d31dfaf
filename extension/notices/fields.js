/** The questions of a kind of notice as fields of a form, and what was answered. Answers outlive a change of the kind. */

import { element } from "../shared/element.js";
import { say } from "../shared/localize.js";

const YES = "yes";
const LONGEST = 4_000; // characters of an answer, as the companion takes them

export class Fields {
  #place;
  #changed;
  /** @type {NoticeField[]} */
  #questions = [];
  /** @type {Map<string, string>} */
  #answers = new Map();
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map();

  /** @param {HTMLElement} place @param {() => void} changed called after each answer */
  constructor(place, changed) {
    this.#place = place;
    this.#changed = changed;
  }

  /** @param {NoticeField[]} questions */
  ask(questions) {
    this.#questions = questions;
    this.#shown = new Map(questions.map((question) => [question.field, this.#field(question)]));
    this.#place.replaceChildren(...this.#shown.values());
    this.#showAsked();
  }

  /** What was answered to the questions that are asked now. @returns {Record<string, string>} */
  get answers() {
    const answered = this.#questions.filter((question) => this.#isAsked(question) && this.#answers.get(question.field));
    return Object.fromEntries(answered.map(({ field }) => [field, this.#answers.get(field) ?? ""]));
  }

  /** Why this kind is none for the user; "" where nothing stops it. */
  get stop() {
    const stopping = this.#questions.filter((each) => this.#isAsked(each)).map((each) => this.#stopOf(each));
    return stopping.find(Boolean) ?? "";
  }

  /** Leads to a field that is missing. @param {string} name */
  focus(name) {
    const field = this.#shown.get(name)?.querySelector("input, textarea");
    if (field instanceof HTMLElement) field.focus();
  }

  /** @param {NoticeField} question */
  #isAsked({ only_if }) {
    return !only_if || only_if.is.includes(this.#answers.get(only_if.field) ?? "");
  }

  /** @param {NoticeField} question */
  #stopOf({ field, options }) {
    return options.find(({ value }) => value === this.#answers.get(field))?.stops ?? "";
  }

  /** After an answer that stops everything nothing more is asked. */
  #showAsked() {
    let isStopped = false;
    for (const question of this.#questions) {
      const field = this.#shown.get(question.field);
      const isAsked = this.#isAsked(question);
      if (field) field.hidden = isStopped || !isAsked;
      isStopped ||= isAsked && this.#stopOf(question) !== "";
    }
  }

  /** @param {string} field @param {string} value */
  #answer(field, value) {
    this.#answers.set(field, value);
    this.#showAsked();
    this.#changed();
  }

  /** @param {NoticeField} question */
  #field(question) {
    if (question.type === "choice") return this.#choice(question);
    if (question.type === "check") return this.#check(question);
    const place = element("div", "field");
    const input = element(question.type === "lines" ? "textarea" : "input");
    input.id = `field-${question.field}`;
    input.value = this.#answers.get(question.field) ?? "";
    input.dir = "auto";
    input.maxLength = LONGEST;
    input.autocomplete = "off";
    if (input instanceof HTMLTextAreaElement) input.rows = 3;
    else if (question.type === "email") input.inputMode = "email";
    input.addEventListener("input", () => this.#answer(question.field, input.value));
    const label = element("label", "", labelOf(question));
    label.htmlFor = input.id;
    place.append(label, ...helpFor(question, input), input);
    return place;
  }

  /** @param {NoticeField} question */
  #choice(question) {
    const place = element("fieldset", "field");
    place.append(element("legend", "", labelOf(question)), ...helpFor(question, place));
    for (const { value, label } of question.options) {
      const input = element("input");
      Object.assign(input, { type: "radio", name: question.field, value, id: `field-${question.field}-${value}` });
      input.checked = this.#answers.get(question.field) === value;
      input.addEventListener("change", () => this.#answer(question.field, value));
      place.append(line(input, label));
    }
    return place;
  }

  /** @param {NoticeField} question */
  #check(question) {
    const place = element("div", "field");
    const input = element("input");
    Object.assign(input, { type: "checkbox", id: `field-${question.field}` });
    input.checked = this.#answers.get(question.field) === YES;
    input.addEventListener("change", () => this.#answer(question.field, input.checked ? YES : ""));
    place.append(line(input, question.label), ...helpFor(question, input));
    return place;
  }
}

/** @param {NoticeField} question */
const labelOf = ({ label, is_required }) => (is_required ? label : say("notices_optional", label));

/** @param {NoticeField} question @param {HTMLElement} described */
function helpFor({ field, help }, described) {
  if (!help) return [];
  const words = element("p", "small", help);
  words.id = `help-${field}`;
  described.setAttribute("aria-describedby", words.id);
  return [words];
}

/** @param {HTMLInputElement} input @param {string} words */
function line(input, words) {
  const made = element("div", "choice");
  const label = element("label", "", words);
  label.htmlFor = input.id;
  made.append(input, label);
  return made;
}
