# Sourced after environment.sh. Brings what the extension's checks need.

make_node_modules() {
  local stamp
  if ! command -v npm >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      say "Installing Node.js"
      apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
    fi
    command -v npm >/dev/null || fail "npm is missing: the extension cannot be checked; install Node.js 20 or newer"
  fi
  stamp=$(sha256sum package-lock.json 2>/dev/null || shasum -a 256 package-lock.json)
  grep -qsxF "$stamp" node_modules/.installed-lock && return
  say "Installing what package-lock.json names (into node_modules)"
  npm ci --ignore-scripts --silent --no-audit --no-fund || fail "npm could not install the extension's development tools"
  printf '%s\n' "$stamp" >node_modules/.installed-lock
}
