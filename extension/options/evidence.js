/** How evidence is saved: how much of a page, and who may put a time under its hash. */

import { AUTHORITIES, hostOfAuthority, isAuthority } from "../evidence/timestamp.js";
import { element } from "../shared/element.js";
import { say } from "../shared/localize.js";
import { attempt, part, tell } from "../shared/parts.js";
import { changeSettings, readSettings } from "../shared/settings.js";

const OWN = "own";

export async function manageEvidence() {
  const { captures, timestamp_authority } = await readSettings();
  part("captures").value = captures;
  part("captures").addEventListener("change", () => keep({ captures: part("captures").value }));
  for (const [value, words] of [
    ...AUTHORITIES.map((each) => [each, hostOfAuthority(each)]),
    [OWN, say("authority_own")],
  ]) {
    const option = element("option", "", words);
    option.value = value ?? "";
    part("authority-choice").append(option);
  }
  const isOwn = timestamp_authority !== "" && !AUTHORITIES.includes(timestamp_authority);
  part("authority-choice").value = isOwn ? OWN : timestamp_authority;
  part("authority-address").value = isOwn ? timestamp_authority : "";
  part("authority-own").hidden = !isOwn;
  part("authority-choice").addEventListener("change", choose);
  part("authority").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    keepOwn();
  });
}

async function choose() {
  const chosen = part("authority-choice").value;
  part("authority-own").hidden = chosen !== OWN;
  part("authority-trouble").textContent = "";
  if (chosen === OWN) part("authority-address").focus();
  else await keep({ timestamp_authority: chosen });
}

async function keepOwn() {
  const address = part("authority-address").value.trim();
  part("authority-trouble").textContent = isAuthority(address) ? "" : say("authority_no_address");
  if (isAuthority(address)) await keep({ timestamp_authority: address });
}

/** @param {Partial<AlertSettings>} change */
const keep = (change) =>
  attempt(async () => {
    await changeSettings(change);
    tell(say("saved"));
  });
