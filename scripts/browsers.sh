# Sourced after environment.sh. Brings browsers for demonstration and tests where this system lets us.

# need_browsers NAME...: installs the missing ones on Debian as root; otherwise says what is missing and fails.
need_browsers() {
  local name missing=() packages=()
  for name in "$@"; do
    case $name in
      chromium) command -v chromium >/dev/null || { missing+=(chromium); packages+=(chromium); } ;;
      firefox) command -v firefox-esr >/dev/null || command -v firefox >/dev/null || { missing+=(firefox); packages+=(firefox-esr); } ;;
      screen) { command -v Xvfb && command -v xdotool; } >/dev/null || { missing+=("Xvfb and xdotool"); packages+=(xvfb xdotool); } ;;
      fonts)
        fc-list 2>/dev/null | grep -q . || { missing+=(fonts); packages+=(fonts-dejavu-core); }
        fc-list :lang=zh 2>/dev/null | grep -q . || { missing+=("a Chinese font"); packages+=(fonts-wqy-microhei); }
        ;;
    esac
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing ${packages[*]}"
    if apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null; then
      return
    fi
  fi
  say "Missing: ${missing[*]}. On Debian or Ubuntu, this brings them: sudo apt-get install ${packages[*]}" >&2
  return 1
}
