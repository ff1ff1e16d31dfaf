/** A question to the user in a window of its own over the page. */

import { element } from "../shared/element.js";
import { say } from "../shared/localize.js";

/**
 * @param {object} asked
 * @param {string} asked.title
 * @param {(string | HTMLElement)[]} [asked.body] paragraphs, and fields that the caller reads afterwards
 * @param {string} asked.yes what the button does
 * @param {() => boolean} [asked.isComplete] whether the fields may be sent off so
 * @returns {Promise<boolean>} false where the user would rather not
 */
export function question({ title, body = [], yes, isComplete = () => true }) {
  const dialog = element("dialog", "question");
  const heading = element("h2", "", title);
  heading.id = "question-title";
  heading.dir = "auto";
  dialog.setAttribute("aria-labelledby", heading.id);
  const form = element("form");
  const agrees = element("button", "main", yes);
  const declines = element("button", "", say("cancel"));
  declines.type = "button";
  const row = element("div", "row-of-actions");
  row.append(agrees, declines);
  form.append(heading, ...body.map((each) => (typeof each === "string" ? element("p", "", each) : each)), row);
  dialog.append(form);
  document.body.append(dialog);
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (isComplete()) dialog.close("yes");
    });
    declines.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
    const first = form.querySelector("input, select, textarea");
    (first instanceof HTMLElement ? first : agrees).focus();
  });
}

/**
 * A field with its label.
 * @template {HTMLElement} Field
 * @param {string} label @param {Field} field
 */
export function labelled(label, field) {
  const root = element("label", "field");
  root.append(element("span", "", label), field);
  return root;
}

/**
 * One of several, each with words of its own.
 * @param {string} name @param {{value: string, text: string, detail?: string}[]} choices the first one is chosen
 */
export function choice(name, choices) {
  const root = element("fieldset", "choices-of-one");
  for (const [index, { value, text, detail }] of choices.entries()) {
    const label = element("label", "one");
    const radio = element("input");
    radio.type = "radio";
    radio.name = name;
    radio.value = value;
    radio.checked = index === 0;
    const words = element("span");
    const shown = element("span", "", text);
    shown.dir = "auto";
    words.append(shown);
    if (detail) words.append(element("span", "small", detail));
    label.append(radio, words);
    root.append(label);
  }
  return {
    root,
    value: () => /** @type {HTMLInputElement | null} */ (root.querySelector("input:checked"))?.value ?? "",
  };
}
