/** Who may put a time under a hash: public authorities to choose from, and which addresses can be one. */

export const AUTHORITIES = ["https://freetsa.org/tsr", "http://timestamp.digicert.com", "http://timestamp.sectigo.com"];

/** @param {string} address @returns {boolean} */
export function isAuthority(address) {
  if (!URL.canParse(address) || address.length > 500) return false;
  const { protocol, username, password } = new URL(address);
  return /^https?:$/.test(protocol) && !username && !password;
}

/** @param {string} address */
export const hostOfAuthority = (address) => (URL.canParse(address) ? new URL(address).host : address.slice(0, 100));
