#!/usr/bin/env python3
"""Make porch/static/js/messages/emoji_list.js: the emoji of the picker, with Unicode's own short names.

The choice is made here; the names are those of emoji-test.txt, which the library `emoji` brings along.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from emoji import EMOJI_DATA  # noqa: E402

from porch.emoji import enforce_emoji  # noqa: E402

LIST = ROOT / "porch" / "static" / "js" / "messages" / "emoji_list.js"
HEADER = """\
/**
 * The emoji of the picker, by groups: each with Unicode's own short name (emoji-test.txt), by which it is
 * found. Made by scripts/emoji_list.py. The names are © Unicode, Inc., under the Unicode License v3,
 * https://www.unicode.org/license.txt
 */

import { gettext } from "../base/gettext.js";

/** @type {readonly (readonly [string, string])[]} groups: a name, and emoji with theirs, `|` between */
export const GROUPS = [
"""
GROUPS = {
    "Faces": (
        "😀 😃 😄 😁 😆 😅 🤣 😂 🙂 🙃 😉 😊 😇 🥰 😍 🤩 😘 😚 😋 😛 😜 🤪 😝 🤗 "
        "🤭 🤫 🤔 🤨 😐 😑 😶 😏 😒 🙄 😬 😌 😔 😪 😴 😷 🤒 🤕 🤢 🤧 🥵 🥶 🥴 😵 "
        "🤯 🤠 🥳 😎 🤓 🧐 😕 😟 🙁 😮 😲 😳 🥺 😦 😨 😰 😥 😢 😭 😱 😖 😣 😞 😓 "
        "😩 😫 🥱 😤 😡 😠 😈 💀 💩 🤡 👻 👽 🤖 🙈 🙉 🙊 "
    ),
    "Hands and people": (
        "👋 🤚 ✋ 🖖 👌 🤌 🤏 ✌️ 🤞 🤟 🤘 🤙 👈 👉 👆 👇 ☝️ 👍 👎 ✊ 👊 👏 🙌 👐 "
        "🤲 🤝 🙏 ✍️ 💪 👀 🧠 👂 👶 🧒 🧑 🧓 🙅 🙆 🙋 🤦 🤷 🧑‍💻 🧑‍🍳 🧑‍🎤 🧑‍🚀 🕵️ 🧙 🧚 "
        "🏃 💃 🕺 👪 "
    ),
    "Hearts and signs": (
        "❤️ 🧡 💛 💚 💙 💜 🖤 🤍 🤎 💔 ❣️ 💕 💞 💖 💘 💯 💢 💥 💫 💦 💨 💬 💭 💤 "
        "✅ ❌ ❓ ❗ ‼️ ⚠️ 🚫 ♻️ ➕ ➖ 🔴 🟠 🟡 🟢 🔵 🟣 ⚫ ⚪ ⭐ 🌟 ✨ 🔥 🎵 🏳️‍🌈 "
        "🏁 "
    ),
    "Animals and plants": (
        "🐶 🐱 🐭 🐰 🦊 🐻 🐼 🐨 🐯 🦁 🐮 🐷 🐸 🐵 🐔 🐧 🐦 🦆 🦉 🐺 🐴 🦄 🐝 🦋 "
        "🐌 🐞 🐢 🐍 🐙 🐬 🐳 🐟 🦔 🐘 🐿️ 🌵 🎄 🌲 🌳 🌱 🌿 🍀 🍁 🍄 💐 🌷 🌹 🌻 "
        "🌸 "
    ),
    "Food and drink": (
        "🍎 🍊 🍋 🍌 🍉 🍇 🍓 🍒 🍑 🥝 🍅 🥑 🥕 🌽 🍞 🥐 🧀 🥚 🥞 🍔 🍟 🍕 🌮 🍝 "
        "🍣 🍜 🥗 🍿 🍩 🍪 🎂 🍰 🍫 🍦 ☕ 🍵 🥤 🍺 🍻 🍷 🥂 "
    ),
    "Things to do": (
        "⚽ 🏀 🎾 🏐 🎱 🏓 🥅 ⛳ 🎣 🏊 🚴 🧗 🏆 🥇 🎯 🎮 🎲 🧩 🎨 🎭 🎤 🎧 🎸 🎹 🥁 🎬 🎉 🎊 🎈 🎁 "
    ),
    "Travel and weather": (
        "🚗 🚌 🚲 🚂 ✈️ 🚀 ⛵ 🏠 🏡 🏢 🏕️ ⛺ 🏖️ 🏔️ 🌋 🗺️ 🌍 🌙 ☀️ ⛅ ☁️ 🌧️ ⛈️ 🌈 ❄️ ⛄ 🌊 ☔ ⚡ 🪐 "
    ),
    "Objects": (
        "⌚ 📱 💻 🖨️ 💾 📷 🎥 📺 ⏰ ⌛ 🔋 💡 🔦 🕯️ 💰 🔧 🔨 🪛 🧰 🧲 🧪 🔭 💊 🧹 "
        "🧺 🪴 🔑 🚪 🪑 🛏️ 📦 ✉️ 📝 📚 📌 📎 ✂️ 🔒 🔔 🧭 👓 🎩 👟 ☂️ "
    ),
}


def named(text: str) -> str:
    emoji = enforce_emoji(text)
    return f"{emoji} {str(EMOJI_DATA[emoji]['en']).strip(':').replace('_', ' ').replace('|', ' ')}"


def main() -> None:
    lines = [
        f'  [gettext("{group}"), "{"|".join(map(named, emoji.split()))}"],\n'
        for group, emoji in GROUPS.items()
    ]
    LIST.write_text(f"{HEADER}{''.join(lines)}];\n", encoding="utf-8")


if __name__ == "__main__":
    main()
