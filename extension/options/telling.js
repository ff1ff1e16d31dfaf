/** Quiet hours, the digest, and marks on pages: saved as they are changed. */

import { say } from "../shared/localize.js";
import { attempt, part, tell } from "../shared/parts.js";
import { changeSettings, readSettings, whenSettingsChange } from "../shared/settings.js";

export async function manageTelling() {
  for (const id of ["quiet", "quiet-from", "quiet-until", "digest", "digest-at", "marks"]) {
    part(id).addEventListener("change", () => attempt(save));
  }
  whenSettingsChange(show); // another page of ours may change them, too
  show(await readSettings());
}

async function save() {
  const before = await readSettings();
  await changeSettings({
    quiet_hours: {
      is_on: part("quiet").checked,
      // A field that is being emptied has no time yet.
      from: part("quiet-from").value || before.quiet_hours.from,
      until: part("quiet-until").value || before.quiet_hours.until,
    },
    digest: { is_on: part("digest").checked, at: part("digest-at").value || before.digest.at },
    marks: part("marks").checked,
  });
  tell(say("saved"));
}

/** @param {AlertSettings} settings */
function show({ quiet_hours, digest, marks }) {
  part("quiet").checked = quiet_hours.is_on;
  put("quiet-from", quiet_hours.from);
  put("quiet-until", quiet_hours.until);
  part("quiet-from").disabled = part("quiet-until").disabled = !quiet_hours.is_on;
  part("digest").checked = digest.is_on;
  put("digest-at", digest.at);
  part("digest-at").disabled = !digest.is_on;
  part("marks").checked = marks;
}

/** Not while it is being typed in. @param {string} id @param {string} value */
function put(id, value) {
  if (part(id) !== document.activeElement) part(id).value = value;
}
