/** The browser's extension interface. Every module takes it from here; nothing else names `chrome`. */

export const browser = chrome;
