/** The draft: shown to be read and changed, with what it lacks, and the ways to take it to whom it is for. Never sent here. */

import { ask } from "../shared/ask.js";
import { element } from "../shared/comparison.js";
import { language, say } from "../shared/localize.js";
import { saveAs } from "../shared/save_as.js";
import { wordsForReason } from "../shared/words.js";

const LONGEST_MAIL = 1_900; // characters of a mailto: address; mail programs cut longer ones

/**
 * @typedef {object} Notice
 * @property {string} subject
 * @property {string} text
 * @property {{field: string, words: string}[]} missing
 * @property {{name: string, address?: string | null, page?: string | null, checked?: string | null} | null} recipient
 * @property {string} disclaimer
 */

/** @param {string} id @returns {any} the element with this id, which the page is known to have */
const part = (id) => document.getElementById(id);

/** What was drafted last, and under which wishes. @type {{notice: Notice, wish: Record<string, unknown>} | null} */
let drafted = null;

/** Whether the user changed the draft by hand. */
export const isEdited = () =>
  drafted !== null && (part("text").value !== drafted.notice.text || part("subject").value !== drafted.notice.subject);

/**
 * @param {Notice} notice @param {Record<string, unknown>} wish what it was drafted from
 * @param {(field: string) => void} lead to a field that it lacks
 */
export function showDraft(notice, wish, lead) {
  drafted = { notice, wish };
  part("result").hidden = false;
  part("subject").value = notice.subject;
  part("text").value = notice.text;
  part("text").lang = String(wish.language ?? "");
  // As the fields have it, so that what was changed by hand can be told from it.
  drafted.notice = { ...notice, subject: part("subject").value, text: part("text").value };
  part("disclaimer").textContent = notice.disclaimer;
  part("missing").hidden = notice.missing.length === 0;
  part("whole").hidden = notice.missing.length > 0;
  part("missing-list").replaceChildren(...notice.missing.map((each) => missingLine(each, lead)));
  part("result-news").textContent = "";
  showRecipient(notice.recipient);
  part("result-title").focus();
}

/** @param {{field: string, words: string}} missing @param {(field: string) => void} lead */
function missingLine({ field, words }, lead) {
  const line = element("li");
  const button = element("button", "plain", words);
  button.type = "button";
  button.addEventListener("click", () => lead(field));
  line.append(button);
  return line;
}

/** @param {Notice["recipient"]} recipient */
function showRecipient(recipient) {
  part("recipient").hidden = !recipient;
  if (!recipient) return;
  part("recipient-name").textContent = recipient.name;
  const page = recipient.page && /^https:/i.test(recipient.page) && URL.canParse(recipient.page) ? recipient.page : "";
  part("recipient-page").textContent = page;
  part("recipient-page").href = page || "https://example.invalid/";
  part("recipient-page").hidden = !page;
  part("recipient-address").textContent = recipient.address ?? "";
  part("recipient-checked").textContent = recipient.checked ? say("notices_checked", recipient.checked) : "";
}

/** Connects the buttons to what they do, once. @param {() => Promise<void>} markSent */
export function listenToDraft(markSent) {
  whenClicked("copy", async () => {
    await navigator.clipboard.writeText(`${part("subject").value}\n\n${part("text").value}`);
    return say("notices_copied");
  });
  whenClicked("mail", mail);
  whenClicked("save-text", async () => {
    const text = `${part("subject").value}\n\n${part("text").value}\n`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    saveAs(`${say("notices_file")}.txt`, address);
    setTimeout(() => URL.revokeObjectURL(address), 60_000); // a download that was not begun by then never will be
    return "";
  });
  whenClicked("save-pdf", async () => {
    const wish = drafted?.wish ?? {};
    const { path } = await ask({
      ...{ type: "save_notice", ...wish, answers: undefined },
      ...{ subject: part("subject").value, text: part("text").value },
    });
    return say("notices_saved", path);
  });
  whenClicked("sent", async () => {
    await markSent();
    part("sent").disabled = true;
    return say("notices_marked");
  });
}

/** The mail program gets as much as its address can hold; the rest waits on the clipboard. */
async function mail() {
  const to = encodeURIComponent(drafted?.notice.recipient?.address ?? "").replace(/%40/g, "@");
  const subject = encodeURIComponent(part("subject").value);
  const body = encodeURIComponent(part("text").value.replace(/\r?\n/g, "\r\n"));
  const whole = `mailto:${to}?subject=${subject}&body=${body}`;
  const isShort = whole.length <= LONGEST_MAIL;
  if (!isShort) await navigator.clipboard.writeText(part("text").value);
  const link = element("a");
  link.href = isShort ? whole : `mailto:${to}?subject=${subject}`;
  link.click();
  return isShort ? "" : say("notices_mail_paste");
}

/** @param {string} id @param {() => Promise<string>} action gives what is to be said then */
function whenClicked(id, action) {
  part(id).addEventListener("click", async () => {
    part("result-news").textContent = "";
    try {
      part("result-news").textContent = await action();
    } catch (error) {
      const { code = "internal", message } = /** @type {import("../shared/ask.js").AskError} */ (error);
      const why = wordsForReason(code, message, { say, language: language() });
      part("result-news").textContent = say("action_failed", why);
    }
  });
}
