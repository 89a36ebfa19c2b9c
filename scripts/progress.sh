# shellcheck shell=bash
# For scripts that source it: steps that say what they do and how long they take.

# step WHAT COMMAND...: runs the command with its output in a log. Says when it starts, every TICK_SECONDS (8) how far the log is, and how long it took.
# When the command fails, the end of its output is shown, and the log is kept. Everything goes to stderr. A function ends at the first command of it that fails.
step() {
  local what=$1 started=$SECONDS log status=0 ticker output
  shift
  log=$(mktemp -t chandlery-XXXXXX.log)
  echo "$what" >&2
  # The ticker ends when nobody holds the other end of its pipe any more, however this script ends.
  exec {ticker}> >(
    while true; do
      read -r -t "${TICK_SECONDS:-8}" _ && continue
      [ $? -gt 128 ] || break
      echo "  … $((SECONDS - started)) s: $(tr '\r' '\n' <"$log" | grep -v '^ *$' | tail -n 1 | cut -c1-110)" >&2
    done
  )
  if [ "$(type -t "$1")" = function ]; then
    # `function || …` and `if step …` switch errexit off inside, also in a subshell; a process substitution does not inherit that.
    exec {output}< <(exec {ticker}>&- >"$log" 2>&1; set -e; "$@")
    wait $! || status=$?
    exec {output}<&-
  else
    "$@" {ticker}>&- >"$log" 2>&1 || status=$?
  fi
  exec {ticker}>&-
  if [ $status = 0 ]; then
    rm -f "$log"
    echo "  done in $((SECONDS - started)) s" >&2
  else
    failure_of "$log" >&2
    echo "FAILED after $((SECONDS - started)) s: $what (the whole output is in $log)" >&2
  fi
  return $status
}

# lock FILE WHAT: waits until no other process has the file locked, and locks it until this script ends. The number of its descriptor is in LOCK.
lock() {
  exec {LOCK}>"$1"
  flock --nonblock "$LOCK" || step "Waiting for another process: $2" flock "$LOCK"
}

# failure_of LOG: from the first compilation that failed, else the end.
failure_of() {
  if grep -q '^FAILED: ' "$1"; then
    sed -n '/^FAILED: /,$p' "$1" | head -n 200
  else
    tail -n 25 "$1"
  fi
}

# stop WHY: ends the script with one line.
stop() {
  echo "$*" >&2
  exit 1
}
