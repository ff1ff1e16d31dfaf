import assert from "node:assert/strict";
import { test } from "node:test";
import { FakePort, runContentScripts, sourceOf } from "./fake_browser.js";

const CONTENT_SCRIPTS = JSON.parse(sourceOf("manifest.json")).content_scripts[0].js.map((path) =>
  path.split("/").pop(),
);

const { Ledger, isAskable, isWorthLooking, keyOf } = runContentScripts(
  ["worth.js", "ledger.js"],
  ["Ledger", "isAskable", "isWorthLooking", "keyOf"],
  { WeakRef },
);
const square = (side) => ({ width: side, height: side });
const picture = (name, nearness = 0) => {
  return { source: `https://a.example/${name}`, element: {}, width: 200, height: 200, nearness };
};
const PLENTY = { most: 100, mostSeen: 300, mostCharacters: 1_000_000 };
const names = (pictures) => [...pictures].map(({ address }) => address.split("/").pop());

test("icons and spacers are not worth looking at, small portraits are", () => {
  assert.equal(isWorthLooking(square(48), square(48)), false, "an icon");
  assert.equal(isWorthLooking(square(600), square(1)), false, "a stretched spacer");
  assert.equal(isWorthLooking(square(16), square(512)), false, "a site's sign drawn tiny");
  assert.equal(isWorthLooking(square(0), square(800)), false, "a hidden picture");
  assert.equal(isWorthLooking(square(40), square(160)), true, "a round portrait in a list");
  assert.equal(isWorthLooking(square(64), square(48)), true, "a thumbnail drawn larger");
  assert.equal(isWorthLooking(square(64), null), true, "a background as large as a portrait");
  assert.equal(isWorthLooking(square(40), null), false, "a background as large as an icon");
  assert.equal(isWorthLooking({ width: 900, height: 8 }, null), false, "a line drawn as a background");
});

test("only pictures with an address, and those that a page holds itself, can be asked about", () => {
  assert.equal(isAskable("https://a.example/x.jpg"), true);
  assert.equal(isAskable("data:image/png;base64,AAAA"), true);
  for (const source of ["blob:https://a.example/1", "canvas:3.1"]) assert.equal(isAskable(source), true, source);
  for (const address of ["file:///x.jpg", "javascript:1", "data:text/html,x", ""]) {
    assert.equal(isAskable(address), false, address);
  }
  assert.equal(isAskable("https://a.example/logo.svg?v=2"), false);
  assert.equal(isAskable("data:image/svg+xml,<svg/>"), false);
  assert.equal(isAskable(`data:image/png;base64,${"A".repeat(10_000_000)}`), false, "too long for a frame");
});

test("ten thousand addresses have ten thousand keys, and the same address always has the same", () => {
  const keys = new Set(Array.from({ length: 10_000 }, (_, index) => keyOf(`https://a.example/${index}.jpg`)));
  assert.equal(keys.size, 10_000);
  assert.equal(keyOf("https://a.example/1.jpg"), keyOf("https://a.example/1.jpg"));
});

test("a picture is sent once, however often the page shows it", () => {
  const ledger = new Ledger();
  assert.equal(ledger.note(picture("one")), "new");
  assert.equal(ledger.note(picture("one")), "known");
  assert.deepEqual(names(ledger.send(PLENTY)), ["one"]);
  assert.deepEqual(names(ledger.send(PLENTY)), []);
  assert.equal(ledger.note(picture("one")), "known");
});

test("what is seen is sent before what is near, and that before the rest", () => {
  const ledger = new Ledger();
  ledger.note(picture("far", 2));
  ledger.note(picture("near", 1));
  ledger.note(picture("seen", 0));
  assert.deepEqual(names(ledger.send(PLENTY)), ["seen", "near", "far"]);
});

test("a picture that is scrolled into view after it was sent is news", () => {
  const ledger = new Ledger();
  ledger.note(picture("one", 2));
  ledger.send(PLENTY);
  assert.equal(ledger.note(picture("one", 0)), "nearer");
  assert.equal(ledger.note(picture("one", 1)), "known");
});

test("what is unseen waits where there is no room, what is seen has more", () => {
  const ledger = new Ledger();
  for (const name of ["a", "b", "c"]) ledger.note(picture(name, 2));
  const room = { most: 2, mostSeen: 3, mostCharacters: 1_000_000 };
  assert.deepEqual(names(ledger.send(room)), ["a", "b"]);
  ledger.note(picture("seen", 0));
  assert.deepEqual(names(ledger.send(room)), ["seen"]);
  ledger.settle([keyOf(picture("a").source), keyOf(picture("b").source)]);
  assert.deepEqual(names(ledger.send(room)), ["c"]);
});

test("long addresses travel alone rather than in a frame that is too large", () => {
  const ledger = new Ledger();
  for (const name of ["x".repeat(900), "y".repeat(900)]) ledger.note(picture(name));
  const room = { ...PLENTY, mostCharacters: 1_000 };
  assert.equal(ledger.send(room).length, 1);
  assert.equal(ledger.send(room).length, 1);
});

test("a picture that lives in the page is told of without its name, and can be found again until it is answered", () => {
  const ledger = new Ledger();
  const element = {};
  const source = "blob:https://a.example/1";
  ledger.note({ ...picture("x"), source, element, referrer_policy: "origin" });
  const [{ ...told }] = ledger.send(PLENTY);
  const place = { width: 200, height: 200, nearness: 0 };
  assert.deepEqual(told, { key: keyOf(source), address: "", lives_in_page: true, referrer_policy: "origin", ...place });
  assert.equal(ledger.originOf(told.key).element.deref(), element);
  assert.equal(ledger.originOf(told.key).source, source);
  ledger.settle([told.key]);
  assert.equal(ledger.originOf(told.key), undefined);
});

test("after the worker died, exactly what had no answer is sent again", () => {
  const ledger = new Ledger();
  for (const name of ["a", "b"]) ledger.note(picture(name));
  ledger.send(PLENTY);
  ledger.settle([keyOf(picture("a").source)]);
  ledger.unsend();
  assert.deepEqual(names(ledger.send(PLENTY)), ["b"]);
  assert.equal(ledger.settled, 1);
});

test("an answer from before the page moved on does not settle what was found again", () => {
  const ledger = new Ledger();
  ledger.note(picture("a"));
  ledger.send(PLENTY);
  ledger.forget();
  ledger.note(picture("a"));
  ledger.settle([keyOf(picture("a").source)]);
  assert.deepEqual(names(ledger.send(PLENTY)), ["a"]);
});

test("an answer from before the page moved on does not settle what is only about to be found again", () => {
  const ledger = new Ledger();
  ledger.note(picture("a"));
  ledger.send(PLENTY);
  ledger.forget();
  ledger.settle([keyOf(picture("a").source)]);
  assert.equal(ledger.settled, 0);
  assert.equal(ledger.note(picture("a")), "new");
  assert.deepEqual(names(ledger.send(PLENTY)), ["a"]);
});

test("five thousand answered pictures leave only their short keys behind", () => {
  const ledger = new Ledger();
  const room = { most: 5_000, mostSeen: 5_000, mostCharacters: 100_000_000 };
  for (let index = 0; index < 5_000; index++) ledger.note(picture(`${index}.jpg`));
  ledger.settle(ledger.send(room).map(({ key }) => key));
  assert.equal(ledger.hasUnanswered, false);
  assert.equal(ledger.settled, 5_000);
});

test("the first pictures are sent at once, those found while these are looked at travel together", () => {
  const port = new FakePort();
  const timers = [];
  const scope = {
    WeakRef,
    connectToWorker: () => port,
    documentPolicy: () => ({}),
    setTimeout: (work, ms) => timers.push({ work, ms }),
  };
  const parts = runContentScripts(["worth.js", "ledger.js", "courier.js"], ["Ledger", "Courier"], scope);
  const ledger = new parts.Ledger();
  const courier = new parts.Courier(
    ledger,
    () => ({ type: "document" }),
    () => {},
    () => {},
  );
  courier.connect();
  const waits = ["a", "b"].map((name) => {
    ledger.note(picture(name));
    courier.sendSoon();
    const { work, ms } = timers.shift();
    work();
    return ms;
  });
  assert.deepEqual(
    port.sent.filter(({ type }) => type === "pictures").map(({ pictures }) => names(pictures)),
    [["a"], ["b"]],
  );
  assert.equal(waits[0], 0);
  assert.ok(waits[1] > 0);
});

test("what is seen waits for the page's own tasks, but for no idle moment", () => {
  let nowMs = 0;
  const timers = [];
  const idle = [];
  const scope = {
    performance: { now: () => nowMs },
    setTimeout: (work) => timers.push(work),
    requestIdleCallback: (work) => idle.push(work),
  };
  const { IdleWork } = runContentScripts(["idle_work.js"], ["IdleWork"], scope);
  const seen = ["a", "b", "c"];
  const done = [];
  const unseen = ["d", "e"];
  const work = new IdleWork(
    () => {
      nowMs += 3; // two make more than a slice
      const next = seen.shift() ?? unseen.shift();
      if (next) done.push(next);
      return next !== undefined;
    },
    () => seen.length > 0,
  );
  work.doSlice();
  assert.deepEqual([done.length, timers.length, idle.length], [2, 1, 0]);
  timers.shift()();
  assert.deepEqual([done.length, timers.length, idle.length], [4, 0, 1]);
});

/** A document as far as the content scripts look at it, and the ports that they open. */
function fakePage({ prerendering = false, title = "A page", pictures = [], setTimeout = globalThis.setTimeout }) {
  const ports = [];
  const observed = [];
  const listeners = {};
  const document = {
    prerendering,
    title,
    visibilityState: "visible",
    location: { protocol: "https:" },
    addEventListener: (name, listener) => {
      listeners[name] = listener;
    },
    querySelectorAll: (selector) => (selector === "*" ? [] : pictures),
  };
  class Node {
    get isConnected() {
      return true;
    }
  }
  class Element extends Node {
    matches(selector) {
      return selector.split(",").includes("img");
    }
  }
  class HTMLImageElement extends Element {}
  class HTMLCanvasElement extends Element {}
  let see;
  const seeAll = (elements) => {
    const place = { isIntersecting: true, boundingClientRect: { width: 200, height: 150 } };
    see(elements.map((target) => ({ target, ...place })));
  };
  const connect = () => {
    ports.push(new FakePort());
    return ports.at(-1);
  };
  class Observer {
    constructor(hear) {
      see ??= hear; // the first one is of places
    }
    observe(target) {
      observed.push(target);
    }
    unobserve() {}
  }
  const scope = {
    chrome: { runtime: { connect } },
    document,
    location: { href: "https://a.example/page#part" },
    crypto: globalThis.crypto,
    IntersectionObserver: Observer,
    MutationObserver: Observer,
    Element,
    HTMLImageElement,
    HTMLCanvasElement,
    Node,
    performance: globalThis.performance,
    requestIdleCallback: () => {},
    addEventListener: () => {},
    setTimeout,
  };
  scope.window = { top: null };
  runContentScripts(CONTENT_SCRIPTS, [], scope);
  const imageOf = (shown) => Object.assign(new HTMLImageElement(), shown);
  return { ports, listeners, observed, seeAll, imageOf };
}

test("what is there already is looked at although a page that loads is never idle", () => {
  const pictures = [{ name: "one" }, { name: "two" }];
  const { observed } = fakePage({ pictures });
  for (const picture of pictures) assert.ok(observed.includes(picture), picture.name);
});

test("a picture that was seen while it loaded is told of when it has, before the next frame", () => {
  const timers = [];
  const { ports, listeners, seeAll, imageOf } = fakePage({ setTimeout: (work) => timers.push(work) });
  const image = imageOf({ src: "https://a.example/1.jpg", complete: false, naturalWidth: 0, naturalHeight: 0 });
  seeAll([image]);
  timers.splice(0).map((work) => work());
  const told = () => ports[0].sent.filter(({ type }) => type === "pictures").flatMap(({ pictures }) => names(pictures));
  assert.deepEqual(told(), []);
  Object.assign(image, { complete: true, naturalWidth: 300, naturalHeight: 200 });
  listeners.load({ target: image });
  timers.splice(0).map((work) => work());
  assert.deepEqual(told(), ["1.jpg"]);
});

test("a document says who it is, without the fragment of its address", () => {
  const [port] = fakePage({ prerendering: false }).ports;
  const [{ token, ...introduction }] = port.sent;
  assert.match(token, /^[a-z0-9]{12,}$/);
  assert.deepEqual(introduction, { type: "document", address: "https://a.example/page", title: "A page", settled: 0 });
});

test("no title keeps a document from saying who it is", () => {
  const titleFor = (title) => fakePage({ title }).ports[0].sent[0].title;
  assert.equal(titleFor("x".repeat(20_000)).length, 1_000);
  assert.equal(titleFor(`${"x".repeat(999)}😀`), `${"x".repeat(999)}\ufffd`, "cut inside a character");
});

test("a page that is loaded ahead is looked at when it is shown, not before", () => {
  const { ports, listeners } = fakePage({ prerendering: true });
  assert.equal(ports.length, 0);
  listeners.prerenderingchange();
  assert.equal(ports.length, 1);
});
