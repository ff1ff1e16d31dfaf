/** What writes a plain copy of an encrypted file, for the user to type. */

/** @param {string} path */
export const exportCommand = (path) => `isthisme encryption export "${path}" --to .`;
