import assert from "node:assert/strict";
import { test } from "node:test";
import "./fake_browser.js";

const { handlerOf, whoAsks } = await import("../../extension/background/door.js");
const { askAboutPicture } = await import("../../extension/background/menu.js");
const { ownRequests } = await import("../../extension/background/own_requests.js");
const { pageRequests } = await import("../../extension/background/page_requests.js");
const { Questions } = await import("../../extension/background/questions.js");
const { Redirects } = await import("../../extension/background/redirects.js");
const { Session } = await import("../../extension/background/session.js");
const { Turns } = await import("../../extension/background/turns.js");

const ourselves = { id: "us", origin: "chrome-extension://us/" };
const tab = { id: 3 };

test("a page of ours is told from a page on the web, even when it is open in a tab", () => {
  assert.equal(whoAsks({ id: "us", url: "chrome-extension://us/popup/popup.html", tab }, ourselves), "ourselves");
  assert.equal(whoAsks({ id: "us", url: "https://evil.example/chrome-extension://us/", tab }, ourselves), "page");
  assert.equal(whoAsks({ id: "us", url: "about:srcdoc", tab }, ourselves), "page");
  assert.equal(whoAsks({ id: "us", url: "chrome-extension://us.evil.example/", tab }, ourselves), "page");
});

test("another extension and a sender without a name are strangers", () => {
  assert.equal(whoAsks({ id: "them", url: "chrome-extension://us/popup/popup.html" }, ourselves), "stranger");
  assert.equal(whoAsks({ id: "us" }, ourselves), "stranger");
  assert.equal(whoAsks(undefined, ourselves), "stranger");
});

test("the two tables have no request in common", () => {
  const own = Object.keys(ownRequests({ companion: {}, questions: {} }));
  const pages = Object.keys(pageRequests({}));
  assert.deepEqual(pages, ["document", "pictures", "nearer", "moved"]);
  assert.deepEqual(
    own.filter((type) => pages.includes(type)),
    [],
  );
});

test("a table answers only what stands in it", () => {
  const table = { known: () => "answer" };
  assert.equal(handlerOf(table, { type: "known" })(), "answer");
  for (const message of [null, "known", 7, {}, { type: 7 }, { type: "toString" }, { type: "__proto__" }]) {
    assert.equal(handlerOf(table, message), null);
  }
});

test("a frame cannot pass itself off as the page, and no page can hand in what is not a picture", async () => {
  const entered = [];
  const added = [];
  const table = pageRequests({
    documents: { add: () => {}, of: () => ({ token: "t", tab_id: 3, is_top: false }) },
    queue: { add: (_, pictures) => added.push(...pictures), count: () => 0 },
    pages: { enter: async (...all) => entered.push(all), count: async () => true, setWaiting: async () => {} },
    checks: { advance: () => {} },
  });
  const port = { sender: { tab, frameId: 5, url: "https://bank.example/" } };
  await table.document({ token: "t", address: "https://bank.example/", title: "" }, port);
  assert.deepEqual(entered, []);
  const good = { key: "k", address: "https://a.example/1.jpg", width: 1, height: 1, nearness: 0 };
  const bad = [null, 7, {}, { ...good, address: "file:///etc/passwd" }, { ...good, nearness: -1 }, { ...good, key: 1 }];
  await table.pictures({ pictures: [...bad, good] }, port);
  assert.deepEqual(added, [good]);
  await table.pictures({ pictures: "none" }, port);
  assert.deepEqual(added, [good]);
});

/** What a top document's introduction makes of its page. */
async function entered(message, sender) {
  const pages = { enter: async (_, page) => found.push(page), count: async () => true };
  const found = [];
  const redirects = new Redirects();
  const documents = { add: () => {} };
  const table = pageRequests({ documents, queue: {}, pages, checks: { advance: () => {} }, redirects });
  await table.document({ token: "t", title: "", ...message }, { sender: { tab, frameId: 0, ...sender } });
  return found[0];
}

test("neither title nor address of a page can be so long that its pictures cannot be asked about", async () => {
  const path = `https://a.example/${"p".repeat(100)}`;
  const sender = { url: "https://a.example/start" };
  const long = await entered({ address: `${path}?${"q".repeat(70_000)}`, title: "t".repeat(20_000) }, sender);
  assert.equal(long.address, path);
  assert.equal(long.title.length, 1_000);
  const longer = await entered({ address: `${path}${"p".repeat(70_000)}`, title: {} }, sender);
  assert.ok(longer.address.startsWith(path) && longer.address.length < 65_536);
  assert.equal(longer.title, "");
  const named = await entered({ address: `https://${"u".repeat(70_000)}:pw@a.example/` }, sender);
  assert.equal(named.address, "https://a.example/");
  assert.equal((await entered({ address: `${path}?q#part` }, sender)).address, `${path}?q`);
});

test("a document is where the browser says that it is, whatever its script says", async () => {
  const address = "https://bank.example/";
  assert.equal(await entered({ address }, { url: "https://evil.example/" }), undefined);
  assert.equal(await entered({ address }, { url: "https://bank.example.evil.example/" }), undefined);
  assert.equal(await entered({ address }, { url: "http://bank.example/" }), undefined);
  assert.equal(await entered({ address }, {}), undefined);
  assert.equal(await entered({ address }, { url: "about:blank", origin: "https://evil.example" }), undefined);
  assert.equal((await entered({ address }, { url: "https://bank.example/before" })).address, address);
  assert.ok(await entered({ address }, { url: address, origin: "null" }), "a document that its site sandboxed");
  assert.ok(await entered({ address }, { url: "about:blank", origin: "https://bank.example" }), "a window it opened");
});

test("a message that fails holds up none that comes after it", async (context) => {
  const reported = context.mock.method(console, "error", () => {});
  const turns = new Turns();
  const done = [];
  turns.add(async () => done.push("first"));
  turns.add(() => Promise.reject(new Error("quota exceeded")));
  turns.add(() => {
    throw new Error("a fault of ours");
  });
  turns.add(async () => done.push("last"));
  await turns.done;
  assert.deepEqual(done, ["first", "last"]);
  assert.equal(reported.mock.callCount(), 2);
});

const TAB = { id: 3, windowId: 5, title: "A page", incognito: false };

test("the question about a picture carries a title and an address that the companion takes", async () => {
  const asked = [];
  globalThis.chrome.windows = { create: async () => {} };
  globalThis.chrome.runtime.getURL = (path) => path;
  const questions = { ask: async (question) => asked.push(question) };
  const info = { menuItemId: "is-this-me", pageUrl: `https://a.example/?${"q".repeat(70_000)}`, srcUrl: "data:," };
  const parts = { questions, pages: { of: () => undefined }, documents: { inFrame: () => undefined }, answers: {} };
  await askAboutPicture(info, { id: 3, title: "t".repeat(20_000) }, parts);
  assert.deepEqual(asked[0].page, { address: "https://a.example/", title: "t".repeat(1_000) });
});

test("what the browser calls the picture counts, and the page's word where it calls nothing", async () => {
  globalThis.chrome.windows = { create: async () => {} };
  const place = { x: 1, y: 2, width: 30, height: 40 };
  const told = { key: "k", address: "https://a.example/told.jpg", referrer_policy: "origin" };
  const asked = async (info, picture) => {
    const questions = [];
    await askAboutPicture({ menuItemId: "is-this-me-here", pageUrl: "https://a.example/", frameId: 4, ...info }, TAB, {
      questions: { ask: async (question) => questions.push(question) },
      pages: { of: () => undefined },
      documents: { inFrame: (...where) => (where.join() === "3,4" ? { token: "frame" } : undefined) },
      answers: { underPointer: async (token) => ({ picture, place, pixels_per_unit: 2, token }) },
    });
    return questions[0];
  };
  const { address, source } = await asked({}, told);
  assert.equal(address, told.address);
  assert.deepEqual(source, {
    token: "frame",
    key: "k",
    tab_id: 3,
    window_id: 5,
    is_private: false,
    place,
    pixels_per_unit: 2,
    referrer_policy: "origin",
  });
  const ofQuestion = async (...what) => {
    const question = await asked(...what);
    return [question.address, question.source.key];
  };
  const canvas = { key: "c", address: "" };
  const blob = { menuItemId: "is-this-me", srcUrl: "blob:https://a.example/1" };
  const other = { menuItemId: "is-this-me", srcUrl: "https://a.example/other.jpg" };
  const video = { mediaType: "video", srcUrl: "https://a.example/film.mp4" };
  assert.deepEqual(await ofQuestion({}, canvas), ["", "c"]);
  assert.deepEqual(await ofQuestion(blob, canvas), ["", "c"]);
  assert.deepEqual(await ofQuestion(video, canvas), ["", "c"], "the frame that is shown, not the film");
  assert.deepEqual(await ofQuestion(other, told), [other.srcUrl, ""], "something else lies over it");
  assert.deepEqual(await ofQuestion({ ...other, srcUrl: told.address }, told), [told.address, "k"]);
  assert.deepEqual(await ofQuestion({}, null), ["", ""]);
});

test("a question where there is no picture is answered with that", async () => {
  const questions = new Questions({ session: new Session(), companion: {}, terms: {}, supplier: {} });
  const source = { token: "top", key: "", tab_id: 3, window_id: 5, is_private: false, place: null, pixels_per_unit: 1 };
  const id = await questions.ask({ page: { address: "https://a.example/", title: "" }, address: "", source });
  await assert.rejects(questions.answer(id), { code: "no_picture_here" });
});

test("a question about a picture that no frame can carry is answered without the companion", async () => {
  const { kept } = globalThis.chrome.storage.session;
  const questions = new Questions({ session: new Session(), companion: {}, terms: {}, supplier: {} });
  const page = { address: "https://a.example/", title: "" };
  const id = await questions.ask({ page, address: `data:image/png;base64,${"A".repeat(15_000_000)}` });
  const answer = await questions.answer(id);
  assert.equal(answer.verdict, "undecided");
  assert.equal(answer.reason.code, "image_too_large");
  assert.equal(kept[`question:${id}`].address, "", "nor does it fill the session");
});
