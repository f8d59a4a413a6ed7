#!/bin/sh
# Sign, notarise and staple what build.py made on macOS: notarise.sh APP DMG
#
# Needs a Developer ID certificate in the keychain (DECAM_SIGNING_IDENTITY, as for build.py) and a
# profile of notarytool's, made once with: xcrun notarytool store-credentials PROFILE
# (DECAM_NOTARY_PROFILE). Not run by this project's own checks, which have no Mac.
set -eu
app=$1
image=$2
identity=${DECAM_SIGNING_IDENTITY:?set it to the name of a Developer ID Application certificate}
profile=${DECAM_NOTARY_PROFILE:?set it to a profile of notarytool}
here=$(cd "$(dirname "$0")" && pwd)

# From the inside out: every library and program, then the app with its entitlements.
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' \) -print0 |
    xargs -0 codesign --force --timestamp --options runtime --sign "$identity"
for program in "$app/Contents/MacOS/"*; do
    codesign --force --timestamp --options runtime \
        --entitlements "$here/entitlements.plist" --sign "$identity" "$program"
done
codesign --force --timestamp --options runtime \
    --entitlements "$here/entitlements.plist" --sign "$identity" "$app"
codesign --verify --deep --strict --verbose=2 "$app"

rm -f "$image"
hdiutil create -ov -format UDZO -volname "DE-CAM Studio" -srcfolder "$app" "$image"
codesign --force --timestamp --sign "$identity" "$image"
xcrun notarytool submit "$image" --keychain-profile "$profile" --wait
xcrun stapler staple "$image"
spctl --assess --type open --context context:primary-signature --verbose "$image"
