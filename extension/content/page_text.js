/**
 * The page's HTML as it is shown, written down as text: shadow roots included, scripts as the text that they are. What
 * lies in the fields of forms is left out, also where an application copies it into attributes.
 */

const MOST_TEXT = 16_000_000; // characters
const TEXT_PART = 1_000_000;
const LONGEST_MS = 4_000; // after which the rest is left out: the page stands still meanwhile

const HTML = "http://www.w3.org/1999/xhtml";
const WITHOUT_END = new Set(
  "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split(" "),
);
const TEXT_AS_IT_IS = new Set("iframe noembed noframes noscript plaintext script style xmp".split(" "));
const BUTTONS = /^(button|image|reset|submit)$/i; // whose value is their label
/** @type {Record<string, string>} */
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\u00a0": "&nbsp;" };

/** @param {Document} shown @returns {FromPage[]} */
const textParts = (shown) => {
  const { text, isCut } = textOf(shown, MOST_TEXT, LONGEST_MS);
  const whole = text.toWellFormed();
  const parts = Math.max(1, Math.ceil(whole.length / TEXT_PART));
  /** @type {FromPage[]} */
  const messages = [];
  let start = 0;
  for (let part = 0; part < parts; part++) {
    let end = part === parts - 1 ? whole.length : start + TEXT_PART;
    if (/[\ud800-\udbff]/.test(whole.charAt(end - 1))) end -= 1; // a character of two units stays together
    messages.push({ type: "text", part, parts, text: whole.slice(start, end), is_cut: isCut });
    start = end;
  }
  return messages;
};

/** @param {Document} shown @param {number} mostCharacters @param {number} longestMs */
const textOf = (shown, mostCharacters, longestMs) => {
  const late = performance.now() + longestMs;
  /** @type {string[]} */
  const pieces = [];
  let length = 0;
  /** What is still to be written, the next at its end. @type {(Node | string)[]} */
  const rest = [];
  pushChildren(rest, shown);
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const piece = typeof next === "string" ? next : written(next, rest);
    length += piece.length;
    if (length > mostCharacters || (pieces.length % 1_000 === 0 && performance.now() > late)) {
      return { text: pieces.join(""), isCut: true };
    }
    pieces.push(piece);
  }
  return { text: pieces.join(""), isCut: false };
};

/** The beginning of a node; what follows it is added to the rest. @param {Node} node @param {(Node | string)[]} rest */
const written = (node, rest) => {
  const { ELEMENT_NODE, TEXT_NODE, COMMENT_NODE, DOCUMENT_TYPE_NODE } = Node;
  const kind = Reflect.get(Node.prototype, "nodeType", node);
  if (kind === ELEMENT_NODE) return elementBegin(/** @type {Element} */ (node), rest);
  if (kind === TEXT_NODE) return textIn(/** @type {Text} */ (node));
  if (kind === COMMENT_NODE) return `<!--${/** @type {Comment} */ (node).data}-->`;
  return kind === DOCUMENT_TYPE_NODE ? doctypeOf(/** @type {DocumentType} */ (node)) : "";
};

/** @param {Element} element @param {(Node | string)[]} rest */
const elementBegin = (element, rest) => {
  const isHtml = isHtmlElement(element);
  const name = isHtml ? nameOf(element) : Reflect.get(Element.prototype, "tagName", element);
  const begin = `<${name}${attributesOf(element, isHtml && name === "input")}>`;
  if (isHtml && WITHOUT_END.has(name)) return begin;
  rest.push(`</${name}>`);
  if (isHtml && name === "textarea") return begin; // what is in it may be the user's
  pushChildren(rest, element instanceof HTMLTemplateElement ? element.content : element);
  const root = mayHaveRoot(element) ? shadowRootIn(element) : null;
  if (root) {
    rest.push("</template>");
    pushChildren(rest, root);
    rest.push(`<template shadowrootmode="${root.mode}">`);
  }
  return begin;
};

/** @param {Element} element @param {boolean} isInput */
const attributesOf = (element, isInput) => {
  const attributes = /** @type {NamedNodeMap} */ (Reflect.get(Element.prototype, "attributes", element));
  const isField = isInput && !BUTTONS.test(Element.prototype.getAttribute.call(element, "type") ?? "");
  let text = "";
  for (let i = 0; i < attributes.length; i++) {
    const { name: key = "", value = "" } = attributes[i] ?? {};
    if (isField && key.toLowerCase() === "value") continue;
    text += ` ${key}="${escapedText(value)}"`;
  }
  return text;
};

/** @param {Text} text */
const textIn = (text) => {
  const parent = parentOf(text);
  const isAsItIs = parent instanceof Element && isHtmlElement(parent) && TEXT_AS_IT_IS.has(nameOf(parent));
  return isAsItIs ? text.data : escapedText(text.data);
};

/** @param {DocumentType} doctype */
const doctypeOf = ({ name, publicId, systemId }) => {
  const outside = publicId ? ` PUBLIC "${publicId}"` : systemId ? " SYSTEM" : "";
  return `<!DOCTYPE ${name}${outside}${systemId ? ` "${systemId}"` : ""}>\n`;
};

/** @param {(Node | string)[]} rest @param {Node} parent */
const pushChildren = (rest, parent) => {
  const last = /** @type {Node | null} */ (Reflect.get(Node.prototype, "lastChild", parent));
  for (let child = last; child; child = Reflect.get(Node.prototype, "previousSibling", child)) rest.push(child);
};

/** @param {Element} element */
const isHtmlElement = (element) => Reflect.get(Element.prototype, "namespaceURI", element) === HTML;

/** @param {Element} element @returns {string} in lower case */
const nameOf = (element) => Reflect.get(Element.prototype, "localName", element).toLowerCase();

/** @param {string} text */
const escapedText = (text) => text.replace(/[&<>"\u00a0]/g, (character) => ESCAPES[character] ?? character);
