/** Where checking is paused now, and pausing it everywhere. */

import { browser } from "../browser.js";
import { ask } from "../shared/ask.js";
import { moment, say } from "../shared/localize.js";
import { attempt, part } from "../shared/parts.js";
import { inAnHour, untilTomorrow } from "../shared/pauses.js";
import { fill, row } from "./rows.js";

export async function managePauses() {
  const pause = (/** @type {string} */ id, /** @type {() => number | undefined} */ until) =>
    part(id).addEventListener("click", () => attempt(() => ask({ type: "pause", until: until() })));
  pause("pause-hour", () => inAnHour(Date.now() / 1000));
  pause("pause-tomorrow", () => untilTomorrow(new Date()));
  pause("pause-always", () => undefined);
  browser.storage.session.onChanged.addListener((changes) => {
    if ("companion" in changes) show();
  });
  await show();
}

async function show() {
  const { companion } = await browser.storage.session.get("companion");
  const paused = /** @type {CompanionState | undefined} */ (companion)?.status?.paused;
  const everywhere = paused?.everywhere ? [{ site: null, until: paused.until }] : [];
  const rows = [...everywhere, ...(paused?.sites ?? [])].map(({ site, until }) => {
    const where = site ?? say("pause_everywhere");
    const text = until ? say("pause_line", where, moment(until)) : say("pause_line_always", where);
    return row({ text, button: say("resume"), label: say("resume_this", where) }, () =>
      ask(site === null ? { type: "resume" } : { type: "resume", site }),
    );
  });
  fill("pauses", rows);
  part("pause-choices").hidden = everywhere.length > 0;
}
