#!/bin/sh
# Takes away what install.sh laid out; settings and the user's files stay. It lies in PREFIX/lib/paramdesk.
set -eu

home=$(cd "$(dirname "$0")" && pwd)
prefix=$(dirname "$(dirname "$home")")

refresh() {
    if command -v update-desktop-database >/dev/null; then
        update-desktop-database -q "$prefix/share/applications" 2>/dev/null || true
    fi
    if command -v update-mime-database >/dev/null; then
        update-mime-database "$prefix/share/mime" 2>/dev/null || true
    fi
}

if [ "${1:-}" = --refresh ]; then
    refresh
    exit 0
fi

while IFS= read -r file; do
    rm -f "$file"
    rmdir -p "$(dirname "$file")" 2>/dev/null || true
done <"$home/installed-files"
if [ "$(readlink "$prefix/bin/paramdesk" || true)" = "$home/paramdesk" ]; then rm -f "$prefix/bin/paramdesk"; fi
rm -rf "$home"
if [ -d "$prefix/share/mime" ]; then refresh; fi
for folder in "$prefix/bin" "$prefix/lib" "$prefix/share" "$prefix"; do rmdir "$folder" 2>/dev/null || true; done
if [ "${1:-}" != --quiet ]; then echo "paramdesk is uninstalled."; fi
