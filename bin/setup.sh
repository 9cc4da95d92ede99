# Read by run, porch and test, not run by itself: finds Python and makes the virtual environments.
# Expects $root, the folder of this checkout.
: "${root:?}"

say() { printf '%s\n' "$*" >&2; }
fail() { say "porch: $*"; exit 1; }

# stamp FILE: what make_venv writes down about the lock it has installed.
stamp() { cksum <"$1"; }

# is_current FOLDER LOCK: whether FOLDER was installed, to the end, from this very lock.
is_current() { [ "$(stamp "$2")" = "$(cat "$1/.lock-stamp" 2>/dev/null)" ]; }

has_uv() { uv --version >/dev/null 2>&1; }

# Sets $python to the newest Python that can do the work.
find_python() {
    without_venv=
    for name in python3.14 python3.13 python3.12 python3.11 python3 python; do
        python=$("$name" -c 'import sys; print(sys.executable); sys.exit(sys.version_info < (3, 11))' 2>/dev/null) ||
            continue
        has_uv || "$python" -c 'import ensurepip, venv' 2>/dev/null && return
        without_venv=${without_venv:-$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')}
    done
    [ -z "$without_venv" ] ||
        fail "Python is here without its venv module: install it (Debian and Ubuntu: apt install $without_venv)."
    fail "Python 3.11 or newer is needed and none was found: install it, for example from python.org."
}

# hold_lock: waits until nobody else sets up this checkout. For a subshell: the kernel lets go of the lock when it and
# what it started have ended, however they ended, so there is no stale lock to clear away.
hold_lock() {
    exec 9>"$root/.venv.lock"
    "$python" - 9>&9 <<'PYTHON' || fail "the lock .venv.lock could not be taken."
import fcntl, sys
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("Waiting for another set-up of this folder to finish ...", file=sys.stderr)
    fcntl.flock(9, fcntl.LOCK_EX)
PYTHON
}

# make_venv FOLDER LOCK: a virtual environment with exactly what the lock names. Free when it is there already; the
# stamp is written last, so one that was interrupted is made anew at the next start.
make_venv() {
    has_venv "$@" || (
        case $(uname) in MINGW* | MSYS* | CYGWIN*) fail "on Windows, follow the lines for Windows in README.md." ;; esac
        find_python
        hold_lock
        has_venv "$@" && exit
        say "Setting up $(basename "$1"): once, and again when requirements change ..."
        rm -rf "$1"
        install "$@" || fail "the set-up failed, the lines above say why; start again to repeat it."
        stamp "$2" >"$1/.lock-stamp"
    )
}

has_venv() { [ -x "$1/bin/python" ] && is_current "$@"; }

install() {
    if has_uv; then
        uv venv --quiet --no-project --python "$python" "$1" &&
            uv pip sync --quiet --python "$1/bin/python" --require-hashes --compile-bytecode "$2"
    else
        "$python" -m venv "$1" &&
            "$1/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$2"
    fi
}
