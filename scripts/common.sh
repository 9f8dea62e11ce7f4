# Shared by the scripts: where the project is, installing packages, building. Source it; it runs nothing by itself.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 3; }

# install_packages [LIST...]: installs what is missing of scripts/packages.txt, or of the lists named. Calls apt only when something is.
install_packages() {
    local missing=() package
    [ $# -gt 0 ] || set -- "$root/scripts/packages.txt"
    command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 ||
        die "this script installs Debian packages and found no apt here; on another Linux install the equivalents of scripts/packages.txt by hand, then: meson setup build && ninja -C build"
    while read -r package; do
        case $package in '' | '#'*) continue ;; esac
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done < <(cat "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || die "these packages are missing and there is no sudo: ${missing[*]}; as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# build FOLDER TARGET [meson options]: configures once, then builds what has changed of TARGET ("all": everything).
build() {
    local folder=$1 target=$2
    shift 2
    [ -f "$folder/build.ninja" ] || (unset CFLAGS LDFLAGS; meson setup "$folder" "$root" "$@" >"$folder.log" 2>&1) || { cat "$folder.log" >&2; die "meson setup failed"; }
    rm -f "$folder.log"
    # four steps only ask git for the commit again
    [ "$(ninja -C "$folder" -n "$target" | grep -c '^\[')" -le 4 ] || say "building in $folder"
    ninja -C "$folder" --quiet "$target" >&2 || die "the build failed"
}
