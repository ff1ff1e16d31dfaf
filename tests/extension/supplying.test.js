/** Handing in pictures: which way they come, and what a page may not bring about by it. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import "./fake_browser.js";

const { base64Parts } = await import("../../extension/background/base64.js");
const { DocumentAnswers } = await import("../../extension/background/document_answers.js");
const { Documents } = await import("../../extension/background/documents.js");
const { asBrowsersAsk, bytesFromSession, mayFetch } = await import("../../extension/background/session_bytes.js");
const { Supplier } = await import("../../extension/background/supplier.js");

const PAGE = "https://page.example/p";
const SOURCE = { token: "top", key: "k", address: "https://a.example/a.jpg", page_address: PAGE, is_private: false };
const WANTED = { target: 7, key: "0", fromDocumentOnly: false };

function setUp({ document = "tainted", session = "status_403", refused = false } = {}) {
  const sent = [];
  const ways = [];
  const supplier = new Supplier({
    companion: {
      request: (message) => {
        sent.push(message);
        return { answered: refused ? Promise.reject(new Error("not_found")) : Promise.resolve({ type: "ok" }) };
      },
    },
    askDocument: async (...asked) => {
      ways.push(["document", ...asked]);
      return document;
    },
    fetch: async (...asked) => {
      ways.push(["session", ...asked]);
      return session;
    },
  });
  return { supplier, sent, ways };
}

test("what the document has is handed in by parts, and nobody else is asked", async () => {
  const { supplier, sent, ways } = setUp({ document: ["YQ==", "Yg=="] });
  await supplier.supply(WANTED, SOURCE);
  assert.deepEqual(ways, [["document", "top", "k"]]);
  const part = { type: "supply_bytes", target: 7, key: "0", parts: 2 };
  assert.deepEqual(sent, [
    { ...part, part: 0, bytes: "YQ==" },
    { ...part, part: 1, bytes: "Yg==" },
  ]);
});

test("what the document has not is fetched as the user", async () => {
  const { supplier, sent, ways } = setUp({ session: ["YQ=="] });
  await supplier.supply(WANTED, SOURCE);
  assert.deepEqual(
    ways.map(([way]) => way),
    ["document", "session"],
  );
  assert.equal(sent[0].bytes, "YQ==");
});

for (const [name, change, wanted] of [
  ["of a private window", { is_private: true }, {}],
  ["that the companion's guard refused", {}, { fromDocumentOnly: true }],
  ["without an address", { address: "" }, {}],
  ["inside its address", { address: "data:image/png;base64,AAAA" }, {}],
]) {
  test(`a picture ${name} is never fetched as the user`, async () => {
    const { supplier, sent, ways } = setUp({ session: ["YQ=="] });
    await supplier.supply({ ...WANTED, ...wanted }, { ...SOURCE, ...change });
    assert.deepEqual(ways, [["document", "top", "k"]]);
    assert.deepEqual(sent, [{ type: "supply_nothing", target: 7, key: "0", reason: "tainted" }]);
  });
}

test("the screen is looked at last, and only for the user's own question", async () => {
  const { supplier, sent, ways } = setUp();
  await supplier.supply(WANTED, SOURCE);
  assert.deepEqual(sent, [{ type: "supply_nothing", target: 7, key: "0", reason: "status_403" }]);
  await supplier.supply(WANTED, SOURCE, async () => ["YQ=="]);
  assert.equal(ways.length, 4);
  assert.equal(sent[1].bytes, "YQ==");
});

test("what is refused once is over", async () => {
  const { supplier, sent } = setUp({ document: ["YQ==", "Yg==", "Yw=="], refused: true });
  await supplier.supply(WANTED, SOURCE);
  assert.equal(sent.length, 1);
});

test("bytes become base64 by parts, each by itself", () => {
  const bytes = Uint8Array.from({ length: 3_000_001 }, (_, index) => index % 251);
  const parts = base64Parts(bytes);
  assert.equal(parts.length, 2);
  assert.deepEqual(Buffer.concat(parts.map((part) => Buffer.from(part, "base64"))), Buffer.from(bytes));
});

// ---- what a document answers

function connected() {
  const documents = new Documents();
  const told = [];
  const port = { postMessage: (message) => told.push(message) };
  const stranger = { postMessage: () => {} };
  documents.add({ port, token: "top", tab_id: 1, frame_id: 0, is_top: true });
  documents.add({ port: stranger, token: "other", tab_id: 2, frame_id: 0, is_top: true });
  const answers = new DocumentAnswers(documents);
  return { answers, told, port, stranger };
}

test("a document gives a picture by parts", async () => {
  const { answers, told, port, stranger } = connected();
  const coming = answers.bytes("top", "k");
  assert.deepEqual(told, [{ type: "give", key: "k" }]);
  answers.requests.given({ key: "k", part: 0, parts: 2, bytes: "YQ==" }, port);
  answers.requests.given({ key: "k", part: 1, parts: 2, bytes: "ZXZpbA==" }, stranger);
  answers.requests.given({ key: "x", part: 1, parts: 2, bytes: "ZXZpbA==" }, port);
  answers.requests.given({ key: "k", part: 1, parts: 2, bytes: "Yg==" }, port);
  assert.deepEqual(await coming, ["YQ==", "Yg=="]);
  answers.requests.given({ key: "k", part: 0, parts: 1, bytes: "late" }, port);
});

test("a document gives its text by parts, and what breaks the rules is none", async () => {
  const { answers, port, stranger } = connected();
  const coming = answers.text("top");
  answers.requests.text({ part: 0, parts: 2, text: "<p>" }, port);
  answers.requests.text({ part: 1, parts: 2, text: "evil" }, stranger);
  answers.requests.text({ part: 1, parts: 2, text: "</p>", is_cut: true }, port);
  assert.deepEqual(await coming, { text: "<p></p>", is_cut: true });
  for (const message of [
    { part: 1, parts: 2, text: "" },
    { part: 0, parts: 101, text: "" },
    { part: 0, parts: 2, text: 7 },
    { part: 0, parts: 2, text: "a".repeat(26_000_000) },
  ]) {
    const refused = answers.text("top");
    answers.requests.text(message, port);
    assert.equal(await refused, null);
  }
});

test("a size that is none is not believed", async () => {
  const { answers, port } = connected();
  for (const size of [null, {}, { width: "1" }, { width: Number.NaN }]) {
    const coming = answers.measure("top");
    answers.requests.size({ size }, port);
    assert.equal(await coming, null);
  }
  const coming = answers.scroll("top", { y: 0, is_first: true, is_last: true });
  answers.requests.scrolled({ y: Number.POSITIVE_INFINITY }, port);
  assert.equal(await coming, null);
});

test("who asks a document that goes away need not wait for it", async () => {
  const { answers } = connected();
  const coming = [answers.measure("top"), answers.bytes("top", "k")];
  answers.forget("top");
  assert.deepEqual(await Promise.all(coming), [null, "no_answer"]);
});

for (const [name, message] of [
  ["out of order", { part: 1, parts: 2, bytes: "YQ==" }],
  ["without end", { part: 0, parts: 65, bytes: "YQ==" }],
  ["of no number", { part: 0, parts: "many", bytes: "YQ==" }],
  ["that are no text", { part: 0, parts: 2, bytes: { length: 3 } }],
  ["too long", { part: 0, parts: 2, bytes: "a".repeat(15_000_000) }],
]) {
  test(`parts ${name} end the giving`, async () => {
    const { answers, port } = connected();
    const coming = answers.bytes("top", "k");
    answers.requests.given({ key: "k", ...message }, port);
    assert.equal(await coming, "too_large");
  });
}

test("a document may say no, or nothing, or be gone", async () => {
  const { answers, port } = connected();
  const refused = answers.bytes("top", "k");
  answers.requests.not_given({ key: "k", reason: "tainted" }, port);
  assert.equal(await refused, "tainted");
  assert.equal(await answers.bytes("nobody", "k"), "no_answer");
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const silent = answers.bytes("top", "k");
    mock.timers.tick(6_000);
    assert.equal(await silent, "no_answer");
  } finally {
    mock.timers.reset();
  }
});

test("what lies under the pointer is told with its place", async () => {
  const { answers, port } = connected();
  const place = { x: 1, y: 2, width: 30, height: 40 };
  const told = answers.underPointer("top");
  answers.requests.under_pointer_is({ picture: null, place, pixels_per_unit: 2 }, port);
  assert.deepEqual(await told, { picture: null, place, pixels_per_unit: 2 });
  const nonsense = answers.underPointer("top");
  answers.requests.under_pointer_is({ place: { x: "1" }, pixels_per_unit: "?" }, port);
  assert.deepEqual(await nonsense, { picture: null, place: null, pixels_per_unit: 1 });
});

// ---- what may be fetched with the user's cookies

const PUBLIC = [
  "https://a.example/a.jpg",
  "http://a.example:8080/a.jpg",
  "https://8.8.8.8/a.jpg",
  "https://100.63.0.1/",
  "https://100.128.0.1/",
  "https://172.15.0.1/",
  "https://172.32.0.1/",
  "https://192.0.1.1/",
  "https://198.17.0.1/",
  "https://[2606:4700::1]/",
  "https://[2001:4860:4860::8888]/",
];
const NOT_PUBLIC = [
  "ftp://a.example/",
  "file:///etc/passwd",
  "chrome://settings/",
  "https://user@a.example/",
  "https://:word@a.example/",
  "no address",
  "",
  "http://127.0.0.1/",
  "http://127.1/",
  "http://2130706433/",
  "http://0x7f.1/",
  "http://0177.0.0.1/",
  "http://0/",
  "http://10.0.0.1/",
  "http://100.64.0.1/",
  "http://169.254.169.254/latest/",
  "http://168.63.129.16/machine",
  "http://example.onion/",
  "http://example.i2p/",
  "http://172.16.0.1/",
  "http://172.31.255.255/",
  "http://192.168.1.1/cgi-bin/reboot",
  "http://192.0.0.1/",
  "http://192.0.2.1/",
  "http://192.88.99.1/",
  "http://198.18.0.1/",
  "http://198.19.0.1/",
  "http://198.51.100.1/",
  "http://203.0.113.1/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://[::1]/",
  "http://[::]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:8.8.8.8]/",
  "http://[fe80::1]/",
  "http://[fd00::1]/",
  "http://[fec0::1]/",
  "http://[ff02::1]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[64:ff9b:1::1]/",
  "http://[2001::1]/",
  "http://[2001:0:1::1]/",
  "http://[2001:10::1]/",
  "http://[2001:1ff::1]/",
  "http://[2001:db8::1]/",
  "http://[2002:7f00:1::]/",
  "http://[3fff::1]/",
  "http://localhost/",
  "http://LOCALHOST./",
  "http://a.localhost/",
  "http://router/",
  "http://router./",
  "http://printer.local/",
  "http://nas.lan/",
  "http://metadata.google.internal/",
  "http://router.home.arpa/",
  "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/",
  "http://\uff11\uff12\uff17.0.0.1/",
];

test("public addresses may be fetched for every page", () => {
  for (const address of PUBLIC) assert.ok(mayFetch(address, PAGE), address);
});

test("no page elsewhere has this computer or the private network asked with the user's cookies", () => {
  for (const address of NOT_PUBLIC) {
    assert.ok(!mayFetch(address, PAGE), address);
    assert.ok(!mayFetch(address, "http://10.9.9.9/"), address);
  }
});

test("a page in the private network has its own host asked, and no other", () => {
  assert.ok(mayFetch("http://192.168.1.5:8080/a.jpg", "http://192.168.1.5/"));
  assert.ok(mayFetch("http://nas.lan/a.jpg", "http://nas.lan./"));
  assert.ok(mayFetch("http://localhost:9000/a.jpg", "http://localhost:3000/"));
  assert.ok(!mayFetch("http://192.168.1.1/", "http://192.168.1.5/"));
  assert.ok(!mayFetch("http://127.0.0.1/", "http://localhost/"));
});

test("pictures of secure pages are asked for securely", () => {
  assert.equal(asBrowsersAsk("http://a.example/a?b", PAGE), "https://a.example/a?b");
  assert.equal(asBrowsersAsk("http://a.example/a?b", "http://page.example/"), "http://a.example/a?b");
});

/** Answers the next fetch. @param {any} answer a response, or an error */
function fetched(context, answer) {
  const asked = [];
  context.mock.method(globalThis, "fetch", async (address, options) => {
    asked.push([address, options]);
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return asked;
}

test("a picture is fetched with the user's cookies, from the very address, and goes nowhere else", async (context) => {
  const asked = fetched(context, new Response("bytes", { headers: { "Content-Type": "image/png" } }));
  assert.deepEqual(await bytesFromSession("https://a.example/a.png", PAGE), ["Ynl0ZXM="]);
  const [[address, { credentials, redirect, cache, referrerPolicy }]] = asked;
  assert.equal(address, "https://a.example/a.png");
  assert.deepEqual([credentials, redirect, cache, referrerPolicy], ["include", "error", "force-cache", "no-referrer"]);
});

for (const [name, answer, reason] of [
  ["a refusal", new Response("", { status: 403 }), "status_403"],
  ["a sign-in page", new Response("<p>", { headers: { "Content-Type": "text/html" } }), "no_picture"],
  ["nothing", new Response(new Uint8Array(0)), "no_picture"],
  ["a giant that says so", new Response(new Uint8Array(1), { headers: { "Content-Length": "99999999" } }), "too_large"],
  ["a giant that does not", new Response(new Uint8Array(10 * 2 ** 20 + 1)), "too_large"],
  ["a redirect", new TypeError("unexpected redirect"), "not_fetched"],
]) {
  test(`${name} is no picture`, async (context) => {
    fetched(context, answer);
    assert.equal(await bytesFromSession("https://a.example/a.png", PAGE), reason);
  });
}

test("what may not be fetched is not asked for", async (context) => {
  const asked = fetched(context, new Response("bytes"));
  assert.equal(await bytesFromSession("http://192.168.1.1/a.png", PAGE), "not_allowed");
  assert.deepEqual(asked, []);
});
