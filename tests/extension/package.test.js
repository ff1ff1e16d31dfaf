/** What the package as a whole promises: permissions, texts, identity, and what its sources do not do. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { EXTENSION, messagesOf, sourceOf } from "./fake_browser.js";

const root = fileURLToPath(EXTENSION);
const manifest = JSON.parse(sourceOf("manifest.json"));
const files = readdirSync(root, { recursive: true }).filter((name) => statSync(join(root, name)).isFile());
const sources = new Map(
  files
    .filter((name) => /\.(js|html|css)$/.test(name) || name === "manifest.json")
    .map((name) => [name, readFileSync(join(root, name), "utf8")]),
);
const scripts = [...sources].filter(([name]) => name.endsWith(".js"));

test("the permissions are these and no others", () => {
  assert.deepEqual(manifest.permissions, [
    "nativeMessaging",
    "contextMenus",
    "notifications",
    "sidePanel",
    "storage",
    "activeTab",
    "webRequest",
    "proxy",
  ]);
  // Browsers give pictures of a tab only to who may see all sites, which is what ours are already, and local files.
  assert.deepEqual(manifest.host_permissions, ["<all_urls>"]);
  assert.deepEqual(manifest.content_scripts[0].matches, ["http://*/*", "https://*/*"], "no other page is looked at");
  for (const key of ["optional_permissions", "web_accessible_resources", "externally_connectable"]) {
    assert.equal(manifest[key], undefined, key);
  }
  assert.equal(manifest.incognito, "spanning");
});

test("each permission is explained", () => {
  const explained = readFileSync(new URL("../docs/permissions.md", EXTENSION), "utf8");
  for (const permission of [...manifest.permissions, ...manifest.host_permissions]) {
    assert.match(explained, new RegExp(`^\\| \`${permission}\`[^|]*\\|[^|]*\\|[^|]+\\|`, "m"), permission);
  }
});

test("our pages run our own scripts only and connect to nothing", () => {
  const policy = manifest.content_security_policy.extension_pages;
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;/);
  assert.match(
    policy,
    /; connect-src http: https: data:; base-uri 'none'/,
    "for the worker alone; data: for the photo in a notification",
  );
  assert.doesNotMatch(policy.replace("connect-src http: https: data:;", ""), /unsafe|https?:|connect-src/);
  for (const [name, source] of sources) {
    if (name.endsWith(".html")) assert.match(source, /Policy" content="connect-src 'none'"/, name);
  }
});

test("the native host knows the ids that browsers give this extension", () => {
  const identity = JSON.parse(readFileSync(new URL("../native_host/isthisme_host/identity.json", EXTENSION), "utf8"));
  const digest = createHash("sha256").update(Buffer.from(manifest.key, "base64")).digest("hex").slice(0, 32);
  const id = [...digest].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join("");
  assert.deepEqual(identity.chromium_extension_ids, [id]);
  assert.deepEqual(identity.firefox_addon_ids, [manifest.browser_specific_settings.gecko.id]);
  assert.ok(sources.get("background/main.js").includes(`"${identity.host_name}"`));
});

test("every file that the manifest names is there", () => {
  const named = JSON.stringify(manifest).match(/[a-z_]+\/[\w-]+\.(js|html|png)/g);
  assert.ok(named.length > 15);
  for (const name of named) assert.ok(existsSync(join(root, name)), name);
  for (const state of ["on", "quiet", "paused", "trouble"]) {
    for (const size of [16, 32, 48, 128]) assert.ok(existsSync(join(root, `icons/${state}-${size}.png`)));
  }
});

test("only browser.js names the browser's interface", () => {
  for (const [name, source] of scripts) {
    if (name.endsWith("browser.js")) continue;
    const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^import .*$/gm, "");
    assert.doesNotMatch(code, /\bchrome\s*[.?]|\bglobalThis\.browser\b/, name);
  }
});

/** Who fetch pictures where the companion cannot: each says in its head what it may ask for. */
const FETCHING = ["background/session_bytes.js", "content/supply.js"];

test("text of pages never becomes HTML or code, and nothing but pictures is fetched", () => {
  for (const [name, source] of sources) {
    assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, name);
    if (!FETCHING.includes(name)) assert.doesNotMatch(source, /(?<!#)\bfetch\(/, name);
    assert.doesNotMatch(source, /XMLHttpRequest|WebSocket|EventSource|sendBeacon/, name);
    assert.doesNotMatch(source, /\bon[a-z]+\s*=\s*"|<style|\sstyle="|<script(?![^>]*\bsrc=)/, name);
  }
});

test("a document fetches only what is behind its own blob: addresses", () => {
  const source = sourceOf("content/supply.js");
  assert.equal(source.match(/\bfetch\(/g).length, 1);
  assert.match(source, /\/\^blob:\/i\.test\(source\) \? await behindBlob\(source\)/);
});

test("content scripts touch nothing that a page can see", () => {
  const writing = /appendChild|\.append\(|setAttribute|dispatchEvent|postMessage\(.*"\*"|classList|\.dataset|\.style\b/;
  for (const [name, source] of scripts) {
    if (name.startsWith("content/")) assert.doesNotMatch(source, writing, name);
  }
});

test("both languages have the same texts with the same places for values", () => {
  const [en, zh] = [messagesOf("en"), messagesOf("zh_CN")];
  assert.deepEqual(Object.keys(zh), Object.keys(en));
  const places = ({ message }) => [...new Set(message.match(/\$\d/g) ?? [])].sort();
  for (const key of Object.keys(en)) {
    assert.deepEqual(places(zh[key]), places(en[key]), key);
    assert.ok(zh[key].message.trim() && en[key].message.trim(), key);
  }
});

test("in Chinese one thing has one name, and the user is spoken to in one way", () => {
  for (const [key, { message }] of Object.entries(messagesOf("zh_CN"))) {
    assert.doesNotMatch(message, /您|伴侣|沙盒/, `${key}: 你, 配套程序, 沙箱`);
  }
});

test("every text is used, and every text that is used exists", () => {
  const all = [...sources.values()].join("\n");
  const named = new Set([
    ...[...all.matchAll(/"([a-z]+(?:_[a-z]+)*)"/g)].map(([, key]) => key),
    ...[...all.matchAll(/__MSG_(\w+)__/g)].map(([, key]) => key),
  ]);
  const keys = new Set(Object.keys(messagesOf("en")));
  assert.deepEqual(
    [...keys].filter((key) => !named.has(key)),
    [],
    "texts that nobody uses",
  );
  const asked = [...all.matchAll(/(?:\bsay\(|data-say(?:-\w+)?=)"(\w+)"/g)].map(([, key]) => key);
  assert.ok(asked.length > 50);
  assert.deepEqual(
    asked.filter((key) => !keys.has(key)),
    [],
    "texts that do not exist",
  );
});

test("the lock names no registry", () => {
  const lock = readFileSync(new URL("../package-lock.json", EXTENSION), "utf8");
  assert.doesNotMatch(lock, /"resolved":\s*"http/);
});
