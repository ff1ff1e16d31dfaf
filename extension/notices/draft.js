/** The draft: shown to be read and changed, with what it lacks, and the ways to take it to whom it is for. Never sent here. */

import { ask } from "../shared/ask.js";
import { element } from "../shared/element.js";
import { exportCommand } from "../shared/export_command.js";
import { number, say } from "../shared/localize.js";
import { part, wordsForError } from "../shared/parts.js";
import { saveAs } from "../shared/save_as.js";

/** What was drafted last, and under which wishes. @type {{notice: NoticeDraft, wish: Record<string, unknown>} | null} */
let drafted = null;

/** Whether the user changed the draft by hand. */
export const isEdited = () =>
  drafted !== null && (part("text").value !== drafted.notice.text || part("subject").value !== drafted.notice.subject);

/**
 * @param {NoticeDraft} notice @param {Record<string, unknown>} wish what it was drafted from
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
  part("shortened").textContent = notice.shortened ? say("notices_shortened", number(notice.shortened)) : "";
  part("recipients").replaceChildren(...notice.recipients.map(recipientLine));
  part("recipient").hidden = notice.recipients.length === 0;
  part("sent").disabled = false;
  part("result-title").focus();
}

/** @param {NoticeDraft["missing"][number]} missing @param {(field: string) => void} lead */
function missingLine({ field, words, clause }, lead) {
  const line = element("li");
  const button = element("button", "plain", words);
  button.type = "button";
  button.addEventListener("click", () => lead(field));
  line.append(button);
  if (clause) line.append(" ", element("span", "small", clause));
  return line;
}

/** @param {NoticeRecipient} recipient */
function recipientLine({ name, address, page, checked, words }) {
  const line = element("li");
  const title = element("strong", "", name);
  title.dir = "auto";
  line.append(title);
  if (words) line.append(element("p", "", words));
  if (page && /^https:/i.test(page) && URL.canParse(page)) {
    const link = element("a", "", page);
    Object.assign(link, { href: page, target: "_blank", rel: "noreferrer", dir: "ltr" });
    line.append(link);
  }
  if (address) {
    const mailbox = element("p", "address", address);
    mailbox.dir = "ltr";
    line.append(mailbox);
  }
  if (checked) line.append(element("p", "small", say("notices_checked", checked)));
  return line;
}

/**
 * Connects the buttons to what they do, once.
 * @param {{longestMail: number, markSent: () => Promise<void>}} how longestMail: characters of an address for e-mail
 */
export function listenToDraft({ longestMail, markSent }) {
  whenClicked("copy", async () => {
    await navigator.clipboard.writeText(`${part("subject").value}\n\n${part("text").value}`);
    await note("copied");
    return say("notices_copied");
  });
  whenClicked("mail", () => mail(longestMail));
  whenClicked("save-text", async () => {
    const text = `${part("subject").value}\n\n${part("text").value}\n`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    saveAs(`${say("notices_file")}.txt`, address);
    setTimeout(() => URL.revokeObjectURL(address), 60_000); // a download that was not begun by then never will be
    return "";
  });
  whenClicked("save-pdf", async () => {
    const wish = drafted?.wish ?? {};
    const written = { subject: part("subject").value, text: part("text").value };
    const { path, replaced, is_encrypted } = await ask({
      ...wish,
      answers: undefined,
      ...written,
      type: "save_notice",
      format: "pdf",
    });
    if (is_encrypted) return say("notices_saved_encrypted", path, exportCommand(path));
    return replaced ? say("notices_saved_replaced", path, number(replaced)) : say("notices_saved", path);
  });
  whenClicked("sent", async () => {
    await markSent();
    part("sent").disabled = true;
    return say("notices_marked");
  });
}

/** For the log and the case. @param {"copied" | "mailed"} how */
async function note(how) {
  const { kind, sighting_ids, case_id } = drafted?.wish ?? {};
  await ask({ type: "note_notice", kind, sighting_ids, case_id, how });
}

/** The mail program gets as much as an address can hold; the rest waits on the clipboard. @param {number} longest */
async function mail(longest) {
  const to = encodeURIComponent(drafted?.notice.recipients[0]?.address ?? "").replace(/%40/g, "@");
  const subject = encodeURIComponent(part("subject").value);
  const body = encodeURIComponent(part("text").value.replace(/\r?\n/g, "\r\n"));
  const whole = `mailto:${to}?subject=${subject}&body=${body}`;
  const isShort = whole.length <= longest;
  if (!isShort) await navigator.clipboard.writeText(part("text").value);
  const link = element("a");
  link.href = isShort ? whole : `mailto:${to}?subject=${subject}`;
  link.click();
  await note("mailed");
  return isShort ? "" : say("notices_mail_paste");
}

/** @param {string} id @param {() => Promise<string>} action gives what is to be said then */
function whenClicked(id, action) {
  part(id).addEventListener("click", async () => {
    part("result-news").textContent = "";
    try {
      part("result-news").textContent = await action();
    } catch (error) {
      part("result-news").textContent = say("action_failed", wordsForError(error));
    }
  });
}
