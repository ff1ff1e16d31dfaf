/**
 * The background worker. It registers its listeners at once, since the browser wakes it for an event and drops those
 * that nobody listens to; each waits until the session of an earlier worker is read.
 */

import { browser } from "../browser.js";
import { mayAlert } from "../shared/decisions.js";
import { nextPauseEnd, pauseAt } from "../shared/pauses.js";
import { readSettings, whenSettingsChange } from "../shared/settings.js";
import { Alerts } from "./alerts.js";
import { Announcements, followNotification } from "./announcements.js";
import { Checks } from "./checks.js";
import { Companion } from "./companion.js";
import { Decisions } from "./decisions.js";
import { DocumentAnswers } from "./document_answers.js";
import { Documents } from "./documents.js";
import { handlerOf, whoAsks } from "./door.js";
import { Fetching } from "./fetching.js";
import { Growth } from "./growth.js";
import { Marks } from "./marks.js";
import { askAboutPicture, offerQuestion } from "./menu.js";
import { News } from "./news.js";
import { ownRequests, replyWith } from "./own_requests.js";
import { PageCapture } from "./page_capture.js";
import { pageRequests } from "./page_requests.js";
import { Pages } from "./pages.js";
import { PictureTerms } from "./picture_terms.js";
import { CompanionPort } from "./port.js";
import { Questions } from "./questions.js";
import { Queue } from "./queue.js";
import { Redirects } from "./redirects.js";
import { ReferrerPolicies } from "./referrer_policies.js";
import { Session } from "./session.js";
import { bytesFromSession } from "./session_bytes.js";
import { Supplier } from "./supplier.js";
import { Turns } from "./turns.js";

const HOST_NAME = "isthisme.host";
const RETURN_MS = 5_000; // the document in front connects again to a new worker within this time, or is gone
const LONGEST_TIMER_MS = 2 ** 31 - 1; // longer ones fire at once
const REST_PHASES = new Set(["missing", "refused", "update_extension", "update_companion"]);

const ourselves = { id: browser.runtime.id, origin: browser.runtime.getURL("") };
const session = new Session();
const policies = new ReferrerPolicies();
const redirects = new Redirects();
const started = start();

async function start() {
  await session.open();
  const companion = new Companion({ connectNative, save, describeBrowser }, session.read("companion"));
  const documents = new Documents();
  const answers = new DocumentAnswers(documents);
  const fetching = new Fetching(session, () => companion.state.status?.system_proxy === true);
  await fetching.open();
  const terms = new PictureTerms({ documents, policies, fetching });
  const askDocument = (/** @type {string} */ token, /** @type {string} */ key) => answers.bytes(token, key);
  const supplier = new Supplier({ companion, askDocument, fetch: bytesFromSession });
  const queue = new Queue();
  let settings = await readSettings();
  const decisions = new Decisions(session, companion, () => showAll());
  const announcements = new Announcements(
    companion,
    () => settings,
    (sighting) => mayAlert(sighting, decisions.all),
  );
  const news = new News(() => settings);
  companion.onNews((said) => news.hear(said).catch(console.error));
  const alerts = new Alerts(
    session,
    () => companion.state,
    () => decisions.all,
    announcements,
  );
  const marks = new Marks(
    documents,
    () => settings,
    () => decisions.all,
  );
  const showAll = () => {
    alerts.showAll(pages.all());
    for (const page of pages.all()) marks.draw(page);
  };
  whenSettingsChange((changed) => {
    settings = changed;
    showAll();
    announcements.advance().catch(console.error);
    news.advance().catch(console.error);
  });
  const pages = new Pages(session, (page, tabId) => {
    alerts.show(page, tabId);
    if (page) marks.draw(page);
  });
  const activeTabs = new Set((await browser.tabs.query({ active: true })).map((tab) => tab.id ?? -1));
  const mayAsk = (/** @type {number} */ tabId) => {
    const page = pages.of(tabId);
    const { status } = companion.state;
    if (!page || !status || status.state === "no_folders") return false;
    return pauseAt(status.paused, page.site, Date.now() / 1000) === null;
  };
  const tellSettled = (/** @type {string} */ token, /** @type {string[]} */ keys) =>
    documents.tell(token, { type: "settled", keys });
  const checks = new Checks({ queue, pages, companion, mayAsk, activeTabs, tellSettled, terms, supplier });
  const questions = new Questions({ session, companion, terms, supplier });
  const pageCapture = new PageCapture({ pages, documents, answers, companion, session });
  const growth = new Growth();

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pauseEnd;
  const wakeUp = () => {
    alerts.showAll(pages.all());
    checks.advance();
  };

  companion.onChange((state) => {
    fetching.tell();
    alerts.showAll(pages.all());
    if (companion.isReady) announcements.advance().catch(console.error);
    if (REST_PHASES.has(state.phase)) documents.tellAll({ type: "rest" });
    if (growth.isNews(state.status)) {
      const dropped = queue.clear();
      checks.cancel(dropped);
      documents.tellAll({ type: "again" });
    }
    checks.advance();
    clearTimeout(pauseEnd);
    const end = nextPauseEnd(state.status?.paused, Date.now() / 1000);
    if (end !== null) pauseEnd = setTimeout(wakeUp, Math.min(end * 1000 - Date.now() + 500, LONGEST_TIMER_MS));
  });

  setTimeout(async () => {
    const tabs = new Map((await browser.tabs.query({})).map((tab) => [tab.id ?? -1, tab]));
    for (const { tab_id, token } of pages.all()) {
      // The document of a tab in the background connects again when it is looked at.
      const isGone = tabs.get(tab_id)?.active !== false && !documents.has(token);
      if (isGone) pages.forget(tab_id);
    }
    questions.sweep();
  }, RETURN_MS);
  alerts.showAll(pages.all());
  news.advance().catch(console.error);
  companion.connect();

  return {
    documents,
    answers,
    fetching,
    queue,
    pages,
    alerts,
    checks,
    questions,
    marks,
    activeTabs,
    forPages: { ...pageRequests({ documents, queue, pages, checks, redirects }), ...answers.requests },
    forOurselves: ownRequests({ companion, questions, pages, decisions, documents, pageCapture, fetching }),
  };
}

/** @param {(frame: Frame) => void} hear @param {(reason: string) => void} lost */
function connectNative(hear, lost) {
  const port = browser.runtime.connectNative(HOST_NAME);
  // Firefox puts the reason on the port, Chromium into lastError.
  const reason = () => /** @type {any} */ (port).error?.message ?? browser.runtime.lastError?.message ?? "";
  return new CompanionPort(port, hear, lost, reason);
}

/** @param {CompanionState} state */
function save(state) {
  session.write("companion", state);
}

function describeBrowser() {
  return {
    extension_version: browser.runtime.getManifest().version,
    browser: ourselves.origin.startsWith("moz-extension:") ? "firefox" : "chromium",
    user_agent: navigator.userAgent,
    languages: [...navigator.languages],
  };
}

browser.runtime.onConnect.addListener((port) => {
  if (whoAsks(port.sender, ourselves) !== "page") {
    port.disconnect();
    return;
  }
  policies.hearDocument(port);
  // One after the other: a document is known before its pictures come.
  const turns = new Turns();
  port.onMessage.addListener((message) => {
    turns.add(async () => {
      const { forPages } = await started;
      await handlerOf(forPages, message)?.(message, port);
    });
  });
  port.onDisconnect.addListener(() => {
    turns.add(async () => {
      const { documents, answers, queue, pages, checks, marks } = await started;
      const gone = documents.remove(port);
      if (!gone) return;
      answers.forget(gone.token);
      marks.forget(gone.token);
      const dropped = queue.all().filter((picture) => picture.token === gone.token);
      queue.dropDocument(gone.token);
      checks.cancel(dropped);
      if (gone.is_top) await pages.leave(gone.tab_id, gone.token);
      else await pages.setWaiting(gone.tab_id, queue.count(gone.tab_id));
    });
  });
});

browser.runtime.onMessage.addListener((message, sender, sendResponse) => {
  if (whoAsks(sender, ourselves) !== "ourselves") return false;
  const outcome = started.then(({ forOurselves }) => handlerOf(forOurselves, message)?.(message));
  replyWith(outcome).then(sendResponse);
  return true; // the response comes later
});

browser.contextMenus.onClicked.addListener(async (info, tab) => {
  await askAboutPicture(info, tab, await started);
});

browser.webRequest.onHeadersReceived.addListener(
  (details) => {
    policies.hearHeaders(details);
    redirects.hearAnswer(details);
    started.then(({ fetching }) => fetching.hearRequest(details));
    return undefined;
  },
  { urls: ["http://*/*", "https://*/*"], types: ["main_frame", "sub_frame"] },
  ["responseHeaders"],
);

browser.webRequest.onBeforeRedirect.addListener((details) => redirects.hearRedirect(details), {
  urls: ["http://*/*", "https://*/*"],
  types: ["main_frame"],
});

browser.storage.local.onChanged.addListener(async (changes) => (await started).fetching.hearSetting(changes));
browser.proxy?.settings?.onChange?.addListener(async () => (await started).fetching.readProxy());

browser.notifications.onClicked.addListener((id) => followNotification(id).catch(() => {}));

browser.tabs.onActivated.addListener(async () => {
  const { activeTabs, checks } = await started;
  const active = await browser.tabs.query({ active: true });
  activeTabs.clear();
  for (const tab of active) activeTabs.add(tab.id ?? -1);
  checks.advance();
});

browser.tabs.onRemoved.addListener(async (tabId) => {
  const { pages, alerts } = await started;
  await pages.forget(tabId);
  await alerts.forgetTab(tabId);
});

browser.runtime.onInstalled.addListener(async ({ reason }) => {
  await offerQuestion();
  if (reason === "install") await browser.tabs.create({ url: browser.runtime.getURL("welcome/welcome.html") });
});
browser.runtime.onStartup.addListener(offerQuestion);
