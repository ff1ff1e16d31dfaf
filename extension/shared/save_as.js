/** Saves what a page of ours made as a file, where the browser keeps downloads. */

/** @param {string} name of the file @param {string} address `data:` or `blob:` */
export function saveAs(name, address) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
