/** What the page's markup says of the referrer that its pictures are asked for with. */

/** @type {Set<string>} */
const REFERRER_POLICIES = new Set([
  "no-referrer",
  "no-referrer-when-downgrade",
  "origin",
  "origin-when-cross-origin",
  "same-origin",
  "strict-origin",
  "strict-origin-when-cross-origin",
  "unsafe-url",
]);
/** Words that only `<meta>` understands, from before the policies had names. @type {Record<string, string>} */
const OLD_WORDS = {
  never: "no-referrer",
  default: "strict-origin-when-cross-origin",
  always: "unsafe-url",
  "origin-when-crossorigin": "origin-when-cross-origin",
};

/** @param {Element} element @returns {{referrer_policy?: ReferrerPolicy}} */
const policyOf = (element) =>
  element instanceof HTMLImageElement && element.referrerPolicy
    ? { referrer_policy: /** @type {ReferrerPolicy} */ (element.referrerPolicy) }
    : {};

/** The policy in the document's `<meta name=referrer>`; the last one counts. A document without an address of its own has
 * that of the one around it.
 * @param {Document} [from] @returns {{referrer_policy?: ReferrerPolicy}}
 */
const documentPolicy = (from = document) => {
  const words = [...allIn(from, "meta[name=referrer i]")].map((meta) =>
    policyNamed(meta.getAttribute("content") ?? ""),
  );
  const policy = words.findLast((word) => word !== null);
  if (policy) return { referrer_policy: policy };
  const around = from.location.protocol === "about:" ? documentAround(from) : null;
  return around ? documentPolicy(around) : {};
};

/** @param {string} word @returns {ReferrerPolicy | null} */
const policyNamed = (word) => {
  const small = word.trim().toLowerCase();
  const name = Object.hasOwn(OLD_WORDS, small) ? OLD_WORDS[small] : small;
  return name && REFERRER_POLICIES.has(name) ? /** @type {ReferrerPolicy} */ (name) : null;
};

/** @param {Document} inner @returns {Document | null} null where there is none, or one of another origin */
const documentAround = (inner) => inner.defaultView?.frameElement?.ownerDocument ?? null;
