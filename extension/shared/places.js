/**
 * Places on the web as the user means them: a page, a site, an account. A pattern is the text that is kept of one: an
 * address without `https://`, fragment and slash at the end. What is compared is what the browser's own parser makes of
 * it, so that hosts that only look alike, credentials before a host and dots in a path mislead nobody.
 */

import { HOST_NETWORKS, NETWORKS } from "./networks.js";

/**
 * An address in parts, the same for every way to write it.
 * @typedef {object} Place
 * @property {boolean} isSecure
 * @property {string} host with the port where it is not the usual one
 * @property {string[]} path decoded
 * @property {[string, string][]} query
 */

const NAME = /^[^\s/\\]{1,200}$/u;
const PLACEHOLDERS = /** @type {Record<string, RegExp>} */ ({
  "{}": NAME,
  "{digits}": /^\d{1,30}$/,
  "{lang}": /^[a-z]{2}(-[a-z]{2})?$/i,
});

/**
 * The pattern of the account that an address belongs to, on one of the networks that we know.
 * @param {string} address
 * @returns {{network: string, pattern: string} | null}
 */
export function accountAt(address) {
  const place = placeOf(address);
  if (!place) return null;
  const ofHost = HOST_NETWORKS.find((network) => isAccountHost(place.host, network));
  if (ofHost) return { network: ofHost.name, pattern: textOf({ ...place, path: [], query: [] }) };
  const network = networkOf(place.host);
  const account = network && accountIn(network, place);
  return account ? { network: network.name, pattern: textOf({ ...place, ...account.root }) } : null;
}

/** The pattern of the whole site. @param {string} address @returns {string | null} */
export function siteAt(address) {
  const place = placeOf(address);
  return place && textOf({ ...place, path: [], query: [] });
}

/** The pattern of this page alone. @param {string} address @returns {string | null} */
export function pageAt(address) {
  const place = placeOf(address);
  return place && textOf(place);
}

/**
 * What the user wrote as a place, as a pattern: the account it leads to, or else the address.
 * @param {string} text
 * @returns {{pattern: string} | {trouble: "none" | "whole_network"}}
 */
export function patternIn(text) {
  const trimmed = text.trim();
  const address = /^https?:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  const isOdd = /[\s\p{Cc}]/u.test(trimmed) || (URL.canParse(address) && new URL(address).username !== "");
  const place = isOdd ? null : placeOf(address);
  if (!place || !/[.\]]|^localhost(:|$)/.test(place.host)) return { trouble: "none" };
  const account = accountAt(address);
  if (account) return { pattern: account.pattern };
  const isWhole = place.path.length === 0 && place.query.length === 0;
  const isNetwork = networkOf(place.host) || HOST_NETWORKS.some(({ under }) => under === place.host);
  return isWhole && isNetwork ? { trouble: "whole_network" } : { pattern: textOf(place) };
}

/**
 * Whether an address is one of those that a pattern means.
 * @param {{pattern?: string | null, reach?: "page" | "below" | null}} meant @param {string} address
 */
export function holdsAt({ pattern, reach }, address) {
  const meant = pattern ? placeOf(/^http:\/\//i.test(pattern) ? pattern : `https://${pattern}`) : null;
  const place = placeOf(address);
  if (!meant || !place || meant.host !== place.host) return false;
  if (meant.isSecure && !place.isSecure) return false; // anybody on the way may have written the page
  if (!meant.path.every((segment, index) => segment === place.path[index])) return false;
  if (reach === "page") {
    return (
      meant.path.length === place.path.length &&
      textOf({ ...meant, path: [] }, true) === textOf({ ...place, path: [] }, true)
    );
  }
  return meant.query.every(([name, value]) => place.query.some((other) => other[0] === name && other[1] === value));
}

/** @param {string} address @returns {Place | null} null where it is no address of a web page */
function placeOf(address) {
  if (!URL.canParse(address)) return null;
  const { protocol, host, pathname, searchParams } = new URL(address);
  if (protocol !== "https:" && protocol !== "http:") return null;
  const path = pathname.slice(1).split("/").map(decoded);
  while (path.at(-1) === "") path.pop();
  const place = { isSecure: protocol === "https:", host: withoutWww(host), path, query: [...searchParams] };
  const network = networkOf(place.host);
  if (!network) return place;
  const account = accountIn(network, place);
  return { ...place, host: network.hosts[0] ?? place.host, ...(account?.whole ?? {}) };
}

/** @param {string} host */
const withoutWww = (host) => (/^www\.[^.]+\..+/.test(host) ? host.slice(4) : host);

/** @param {string} segment */
function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** @param {string} host */
const networkOf = (host) => NETWORKS.find(({ hosts, otherHosts }) => hosts.includes(host) || otherHosts?.test(host));

/** @param {string} host @param {import("./networks.js").HostNetwork} network */
const isAccountHost = (host, { under, reserved }) =>
  host.endsWith(`.${under}`) && !reserved.includes(host.slice(0, -under.length - 1));

/**
 * The account that an address lies in: its root, and the whole address, both in the form that is kept.
 * @param {import("./networks.js").Network} network @param {Place} place
 * @returns {{root: Pick<Place, "path" | "query">, whole: Pick<Place, "path" | "query">} | null}
 */
function accountIn(network, { path, query }) {
  for (const { forms, foldsCase } of network.accounts) {
    for (const form of forms) {
      const names = namesIn(form, path, query);
      if (!names || names.some((name) => network.reserved?.includes(name.toLowerCase()))) continue;
      const kept = names.map((name) => (foldsCase ? name.toLowerCase() : name));
      const root = filledIn(forms[0] ?? form, kept);
      const { length } = filledIn(form, names).path;
      const rest = query.filter(([name]) => !root.query.some((other) => other[0] === name));
      return { root, whole: { path: [...root.path, ...path.slice(length)], query: [...root.query, ...rest] } };
    }
  }
  return null;
}

/**
 * The names in the places of a form's placeholders; null where the address has another form.
 * @param {string} form @param {string[]} path @param {[string, string][]} query
 */
function namesIn(form, path, query) {
  const [formPath = "", formQuery = ""] = form.split("?");
  const names = [];
  for (const [index, part] of formPath.slice(1).split("/").entries()) {
    const name = nameIn(part, path[index] ?? "");
    if (name === null) return null;
    if (name) names.push(name);
  }
  for (const [key, part] of new URLSearchParams(formQuery)) {
    const name = nameIn(part, query.find((pair) => pair[0] === key)?.[1] ?? "");
    if (name === null) return null;
    if (name) names.push(name);
  }
  return names;
}

/** @param {string} part of a form @param {string} text @returns {string | null} empty where the part has no name */
function nameIn(part, text) {
  const placeholder = /\{[a-z]*\}$/.exec(part)?.[0];
  if (!placeholder) return part === text ? "" : null;
  const before = part.slice(0, -placeholder.length);
  const name = text.slice(before.length);
  if (!text.startsWith(before) || !PLACEHOLDERS[placeholder]?.test(name)) return null;
  return placeholder === "{lang}" ? "" : name;
}

/** @param {string} form @param {string[]} names */
function filledIn(form, names) {
  const left = [...names];
  const [path = "", query = ""] = form.split("?");
  const fill = (/** @type {string} */ part) => part.replace(/\{(digits)?\}/, () => left.shift() ?? "");
  return {
    path: path.slice(1).split("/").map(fill),
    query: /** @type {[string, string][]} */ ([...new URLSearchParams(query)].map(([key, part]) => [key, fill(part)])),
  };
}

/** What would be read otherwise, or not be seen. */
const UNSAFE = /[/?#%\\\s\p{Cc}\p{Cf}"<>^`{|}]/gu;

/** @param {Place} place @param {boolean} [isOfAnyScheme] */
function textOf({ isSecure, host, path, query }, isOfAnyScheme = false) {
  const escaped = (/** @type {string} */ text, /** @type {RegExp} */ unsafe) =>
    text.replace(unsafe, encodeURIComponent);
  const steps = path.map((segment) => `/${escaped(segment, UNSAFE)}`).join("");
  const asked = query.map((pair) => pair.map((text) => escaped(escaped(text, UNSAFE), /[&=+]/g)).join("=")).join("&");
  return `${isSecure || isOfAnyScheme ? "" : "http://"}${host}${steps}${asked && `?${asked}`}`;
}
