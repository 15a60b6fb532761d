#!/bin/sh
# Builds what static/ serves from npm packages: CSS, the GOV.UK script, fonts, and axe for the browser tests.
# The results are committed, so that running and testing the portal needs no npm.
#   static/build/build.sh          writes the files
#   static/build/build.sh --check  builds elsewhere and fails when the committed files differ
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# Packages are unpacked outside static/, or collectstatic would publish them.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$here/." "$work/"
cd "$work"
npm ci --ignore-scripts --silent

out="$work/out"
mkdir -p "$out/static/css" "$out/static/js" "$out/static/fonts" "$out/tests/browser/vendor"
npx sass --no-source-map --style=compressed --quiet-deps --load-path=node_modules scss/portal.scss "$out/static/css/portal.css"
npx esbuild js/govuk.mjs --bundle --format=esm --target=es2020 --minify --legal-comments=eof --log-level=warning \
  --outfile="$out/static/js/govuk.mjs"

variable=node_modules/@fontsource-variable/atkinson-hyperlegible-next
fixed=node_modules/@fontsource/atkinson-hyperlegible-next
for set in latin latin-ext; do
  for slant in normal italic; do
    cp "$variable/files/atkinson-hyperlegible-next-$set-wght-$slant.woff2" "$out/static/fonts/"
    for weight in 400 700; do
      cp "$fixed/files/atkinson-hyperlegible-next-$set-$weight-$slant.woff2" "$out/static/fonts/"
    done
  done
done
cp "$variable/LICENSE" "$out/static/fonts/LICENSE-OFL.txt"
cp node_modules/govuk-frontend/LICENSE.txt "$out/static/css/LICENSE-govuk-frontend.txt" 2>/dev/null ||
  cp node_modules/govuk-frontend/LICENSE "$out/static/css/LICENSE-govuk-frontend.txt" 2>/dev/null ||
  cp "$here/LICENSE-govuk-frontend.txt" "$out/static/css/LICENSE-govuk-frontend.txt"
cp node_modules/axe-core/axe.min.js "$out/tests/browser/vendor/axe.min.js"
cp node_modules/axe-core/LICENSE "$out/tests/browser/vendor/LICENSE-axe-core.txt"

if [ "${1:-}" = "--check" ]; then
  cd "$out"
  find . -type f | while read -r file; do
    cmp -s "$file" "$root/$file" || { echo "Out of date: $file. Run static/build/build.sh and commit."; exit 1; }
  done
else
  mkdir -p "$root/tests/browser/vendor"
  cp -R "$out/static/." "$root/static/"
  cp -R "$out/tests/browser/vendor/." "$root/tests/browser/vendor/"
fi
