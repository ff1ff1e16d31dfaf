# Sourced by the other scripts. Makes .venv from a lock file, with a uv and a Python that are there or are brought.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 2

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 2; }

# Prints the path of uv; brings it into .tools where there is none.
find_uv() {
  local found
  for found in "$(command -v uv || true)" "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv" .tools/bin/uv; do
    if [ -n "$found" ] && [ -x "$found" ] && "$found" --version >/dev/null 2>&1; then
      printf '%s\n' "$found"
      return
    fi
  done
  say "Bringing uv, the installer (into .tools)" >&2
  if python3 -m venv .tools >/dev/null 2>&1; then
    .tools/bin/python -m pip install --quiet --require-hashes -r locks/uv.txt >&2 ||
      fail "uv could not be installed; check the connection, or install uv yourself"
  else
    # Debian's python3 comes without venv: pip alone does, too.
    rm -rf .tools
    python3 -m pip install --quiet --target .tools --require-hashes -r locks/uv.txt >&2 ||
      fail "uv could not be installed: python3 has neither venv nor pip; install python3-venv, or uv, and try again"
  fi
  printf '%s\n' .tools/bin/uv
}

# Prints a Python of 3.12 or newer: from PATH, from pyenv's versions folder, else a version for uv to fetch.
find_python() {
  local version found
  for version in 3.12 3.13 3.14; do
    for found in "$(command -v "python$version" || true)" \
      "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version"*/bin/python /usr/local/bin/"python$version"; do
      # Shims and broken installations answer with an error: ask each whether it works.
      if [ -x "$found" ] && "$found" -c 'import sys, ssl, sqlite3; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
        printf '%s\n' "$found"
        return
      fi
    done
  done
  printf '3.12\n'
}

# make_environment LOCK: .venv holds what the lock says and this project; quick when nothing changed.
make_environment() {
  local lock=$1 stamp uv
  stamp=$(cat "$lock" pyproject.toml | sha256sum 2>/dev/null || cat "$lock" pyproject.toml | shasum -a 256)
  if [ -x .venv/bin/isthisme ] && grep -qsxF "$stamp" .venv/installed-locks; then
    return
  fi
  uv=$(find_uv) || exit 2
  if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
    rm -rf .venv
    "$uv" venv --quiet --no-config --python "$(find_python)" .venv || fail "no environment could be made with Python 3.12 or newer"
  fi
  say "Installing what $lock names (into .venv)"
  # Install, not sync: what a larger lock brought stays, and every lock agrees on versions.
  "$uv" pip install --quiet --require-hashes --python .venv/bin/python -r "$lock" &&
    "$uv" pip install --quiet --no-deps --no-build-isolation --python .venv/bin/python -e . ||
    fail "the installation failed; the message above says why"
  printf '%s\n' "$stamp" >>.venv/installed-locks
}
