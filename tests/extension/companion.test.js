import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { FakePort } from "./fake_browser.js";

const { Companion, phaseOfDisconnect } = await import("../../extension/background/companion.js");
const { CompanionPort } = await import("../../extension/background/port.js");

const STATUS = { state: "ready", photos: 3, paused: { everywhere: false, sites: [] }, problems: [] };
const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

function setUp(before) {
  const ports = [];
  const world = { ports, reason: "", saved: [] };
  world.companion = new Companion(
    {
      connectNative: (hear, lost) => {
        const port = new FakePort();
        ports.push(port);
        return new CompanionPort(port, hear, lost, () => world.reason);
      },
      save: (state) => world.saved.push(state),
      describeBrowser: () => ({ extension_version: "1", browser: "chromium", user_agent: "ua" }),
    },
    before,
  );
  return world;
}

async function connected() {
  const world = setUp();
  world.companion.connect();
  world.port = world.ports[0];
  world.port.bring({ type: "welcome", id: 1, protocol: 1, oldest_protocol: 1, status: STATUS });
  await settle();
  return world;
}

test("the browsers' words about a failed connection are understood", () => {
  assert.equal(phaseOfDisconnect("Specified native messaging host not found."), "missing");
  assert.equal(phaseOfDisconnect("No such native application isthisme.host"), "missing");
  assert.equal(phaseOfDisconnect("Access to the specified native messaging host is forbidden."), "refused");
  assert.equal(phaseOfDisconnect("Native host has exited."), "unreachable");
  assert.equal(phaseOfDisconnect(""), "unreachable");
});

test("hello comes first, and the welcome's status is kept", async () => {
  const { companion, port } = await connected();
  assert.deepEqual(port.sent, [
    { type: "hello", protocol: 1, extension_version: "1", browser: "chromium", user_agent: "ua", id: 1 },
  ]);
  assert.equal(companion.isReady, true);
  assert.equal(companion.state.status.photos, 3);
});

test("connecting twice opens one port", () => {
  const { companion, ports } = setUp();
  companion.connect();
  companion.connect();
  companion.connectNow();
  assert.equal(ports.length, 1);
});

test("answers find their requests in any order, and verdicts come before the last answer", async () => {
  const { companion, port } = await connected();
  const heard = [];
  const first = companion.request({ type: "check_page" }, (verdict) => heard.push(verdict.key));
  const second = companion.request({ type: "photo_preview" });
  port.bring({ type: "preview", id: second.id });
  port.bring({ type: "verdict", id: first.id, key: "a" });
  port.bring({ type: "done", id: first.id });
  port.bring({ type: "verdict", id: first.id, key: "late" });
  assert.equal((await second.answered).type, "preview");
  assert.equal((await first.answered).type, "done");
  assert.deepEqual(heard, ["a"]);
});

test("an error answer rejects its request alone", async () => {
  const { companion, port } = await connected();
  const { id, answered } = companion.request({ type: "rebuild" });
  port.bring({ type: "error", id, code: "overloaded", message: "later" });
  await assert.rejects(answered, { code: "overloaded", message: "later" });
  assert.equal(companion.isReady, true);
});

test("when the host goes away all requests fail, and we connect again after a pause that grows", async () => {
  const { companion, port, ports } = await connected();
  const { answered } = companion.request({ type: "rebuild" });
  port.drop();
  await assert.rejects(answered, { code: "gone" });
  assert.equal(companion.state.phase, "unreachable");
  mock.timers.tick(499);
  assert.equal(ports.length, 1);
  mock.timers.tick(1);
  assert.equal(ports.length, 2);
  ports[1].drop();
  mock.timers.tick(999);
  assert.equal(ports.length, 2);
  mock.timers.tick(1);
  assert.equal(ports.length, 3);
  assert.equal(companion.state.phase, "unreachable", "the last known trouble stays on the screen");
});

test("a missing host is not asked for again and again, but at once when the user looks", () => {
  const world = setUp();
  world.companion.connect();
  world.reason = "Specified native messaging host not found.";
  world.ports[0].drop();
  assert.equal(world.companion.state.phase, "missing");
  mock.timers.tick(60_000);
  assert.equal(world.ports.length, 1);
  world.companion.connectNow();
  assert.equal(world.ports.length, 2);
});

test("a daemon that starts is waited for, and not for ever", async () => {
  const { companion, ports } = setUp();
  companion.connect();
  ports[0].bring({ type: "starting" });
  assert.equal(companion.state.phase, "starting");
  mock.timers.tick(30_000);
  assert.equal(companion.state.phase, "starting");
  mock.timers.tick(60_000);
  assert.equal(companion.state.phase, "unreachable");
  assert.equal(ports[0].isClosed, true);
});

test("versions that are too far apart say which side to update", async () => {
  for (const code of ["update_extension", "update_companion"]) {
    const { companion, ports } = setUp();
    companion.connect();
    ports[0].bring({ type: "error", id: 1, code, message: "do this" });
    await settle();
    assert.equal(companion.state.phase, code);
    assert.equal(companion.state.message, "do this");
  }
});

test("what only a newer companion says or adds disturbs nothing, and what an older one does not know fails alone", async () => {
  const { companion, port } = await connected();
  const news = [];
  companion.onNews((message) => news.push(message));
  port.bring({ type: "of_a_newer_version", anything: [1] });
  port.bring({ type: "status", ...STATUS, photos: 4, state: "of_a_newer_version", more: { deep: null } });
  assert.equal(companion.isReady, true);
  assert.equal(companion.state.status.photos, 4);
  assert.deepEqual(news, []);
  const unknown = companion.request({ type: "show_bundle" });
  const known = companion.request({ type: "folders" });
  port.bring({
    type: "error",
    id: unknown.id,
    code: "unknown_type",
    message: "update the companion",
    may_retry: false,
  });
  port.bring({ type: "folders", id: known.id, folders: [], more: true });
  await assert.rejects(unknown.answered, { code: "unknown_type" });
  assert.deepEqual((await known.answered).folders, []);
  assert.equal(companion.isReady, true);
});

test("an error of the host itself, without an id, ends the connection with its words", async () => {
  const { companion, ports } = setUp();
  companion.connect();
  ports[0].bring({ type: "error", code: "daemon_unreachable", message: "see the log" });
  assert.equal(companion.state.phase, "unreachable");
  assert.equal(companion.state.message, "see the log");
});

test("what lies behind an end is kept, is what requests fail with, and is forgotten when all is well", async () => {
  const { companion, ports } = setUp();
  companion.connect();
  const frame = { type: "error", code: "daemon_unreachable", cause: "catalog_damaged", message: "run the repair" };
  ports[0].bring(frame);
  assert.deepEqual(
    [companion.state.phase, companion.state.cause, companion.state.message],
    ["unreachable", "catalog_damaged", "run the repair"],
  );
  const { answered } = companion.request({ type: "status" });
  await assert.rejects(answered, { code: "catalog_damaged", message: "run the repair" });
  companion.connectNow();
  ports[1].bring({ type: "welcome", id: 1, protocol: 1, oldest_protocol: 1, status: STATUS });
  await settle();
  assert.equal(companion.state.cause, "");
});

test("an error without an id fails the one request it can be about, and the connection goes on", async () => {
  const { companion, port, ports } = await connected();
  const { answered } = companion.request({ type: "rebuild" });
  port.bring({ type: "error", id: null, code: "invalid_message", message: "not JSON" });
  await assert.rejects(answered, { code: "invalid_message", message: "not JSON" });
  const others = [companion.request({ type: "status" }), companion.request({ type: "folders" })];
  port.bring({ type: "error", code: "internal", message: "whose it is, nobody knows" });
  for (const { id } of others) port.bring({ type: "ok", id });
  for (const other of others) assert.equal((await other.answered).type, "ok");
  assert.equal(companion.isReady, true);
  assert.equal(port.isClosed, false);
  assert.equal(ports.length, 1);
});

test("an error after which nobody hears us ends the connection", async () => {
  for (const code of ["frame_too_large", "hello_first", "caller_refused", "daemon_gone", "daemon_unreachable"]) {
    const { companion, port } = await connected();
    const { answered } = companion.request({ type: "check_page" });
    port.bring({ type: "error", code, message: "the end" });
    // Only what was interrupted through no fault of its own may be asked for as it was.
    await assert.rejects(answered, { code: code === "frame_too_large" ? code : "gone" });
    assert.equal(port.isClosed, true, code);
    assert.equal(companion.isReady, false, code);
  }
});

test("a hello that is not understood is an error of the connection", async () => {
  const { companion, ports } = setUp();
  companion.connect();
  ports[0].bring({ type: "error", code: "invalid_message", message: "no such hello" });
  await settle();
  assert.equal(companion.state.phase, "unreachable");
  assert.equal(companion.state.message, "no such hello");
});

test("a status that comes by itself is news", async () => {
  const { companion, port } = await connected();
  const states = [];
  companion.onChange(({ status }) => states.push(status.photos));
  port.bring({ type: "status", ...STATUS, photos: 4 });
  assert.deepEqual(states, [4]);
});

test("whoever waits for the companion hears when it is ready, missing, or too slow", async () => {
  const ready = setUp();
  const waits = ready.companion.whenReady(5_000);
  ready.ports[0].bring({ type: "welcome", id: 1, status: STATUS });
  await waits;

  const missing = setUp();
  const failure = assert.rejects(missing.companion.whenReady(5_000), { code: "missing" });
  missing.reason = "Specified native messaging host not found.";
  missing.ports[0].drop();
  await failure;

  const slow = setUp();
  const late = assert.rejects(slow.companion.whenReady(5_000), { code: "deadline_exceeded" });
  mock.timers.tick(5_000);
  await late;
});

test("whoever waits after a crash hears of the next connection, not of the crash", async () => {
  const { companion, port, ports } = await connected();
  port.drop();
  const waits = companion.whenReady(5_000);
  assert.equal(companion.state.phase, "unreachable");
  ports[1].bring({ type: "welcome", id: 1, status: STATUS });
  await waits;
});

test("what an earlier worker knew of a trouble is shown until there is news", () => {
  assert.equal(setUp({ phase: "missing", message: "", status: null }).companion.state.phase, "missing");
  assert.equal(setUp({ phase: "ready", message: "", status: STATUS }).companion.state.phase, "idle");
});
