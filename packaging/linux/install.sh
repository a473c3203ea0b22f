#!/bin/sh
# Installs paramdesk for one user: no root, no Python, no network. The .run file unpacks itself and starts this.
set -eu

usage() {
    echo "Usage: paramdesk-@VERSION@.run [-- --prefix FOLDER]"
    echo "Installs into FOLDER, or else into ~/.local; FOLDER/lib/paramdesk/uninstall takes it all away again."
}

prefix=${HOME:?}/.local
while [ $# -gt 0 ]; do
    case $1 in
    --prefix) prefix=${2:?a folder must follow --prefix}; shift 2 ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
    esac
done
case $prefix in
/*) ;;
*) prefix=${USER_PWD:-$PWD}/$prefix ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
home=$prefix/lib/paramdesk
if [ -x "$home/uninstall" ]; then "$home/uninstall" --quiet; fi
if [ -e "$home" ]; then
    echo "paramdesk: $home is there and was not installed by this: please move it away first." >&2
    exit 1
fi

mkdir -p "$prefix/lib" "$prefix/bin" "$prefix/share"
cp -R "$here/application" "$home"
cp "$here/uninstall.sh" "$home/uninstall"
chmod 755 "$home/uninstall"
ln -sf "$home/paramdesk" "$prefix/bin/paramdesk"
(cd "$here/share" && find . -type f) | while IFS= read -r file; do
    mkdir -p "$prefix/share/$(dirname "$file")"
    cp "$here/share/$file" "$prefix/share/$file"
    printf '%s\n' "$prefix/share/${file#./}" >>"$home/installed-files"
done

# A desktop splits the line at blanks, and takes % for a sign of its own.
entry=$prefix/share/applications/paramdesk.desktop
program=$(printf '%s' "$home/paramdesk" | sed 's/["`$\\]/\\\\&/g; s/%/%%/g')
sed -e '/^TryExec=/d' -e '/^Exec=/d' "$here/share/applications/paramdesk.desktop" >"$entry"
printf 'Exec="%s" %%f\n' "$program" >>"$entry"

sh "$home/uninstall" --refresh
echo "paramdesk @VERSION@ is installed: $prefix/bin/paramdesk"
