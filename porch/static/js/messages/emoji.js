/** What in a text is emoji. Pure. */

const MOST_LARGE = 6;
const EMOJI = /(?:\p{RI}{2}|(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}(?=[\ufe0f\u200d\p{EMod}]))(?:[\ufe0f\p{EMod}]|\u200d\p{Extended_Pictographic}|[\u{e0020}-\u{e007f}])*|[#*\d]\ufe0f?\u20e3)/gu;

/** Whether a message is nothing but a few emoji. @param {string} content */
export function isLarge(content) {
  const found = content.match(EMOJI) ?? [];
  return found.length > 0 && found.length <= MOST_LARGE && content.replace(EMOJI, "").trim() === "";
}

/** The one emoji that a text is, or nothing. @param {string} text */
export function oneEmoji(text) {
  const [found, ...more] = text.trim().match(EMOJI) ?? [];
  return found !== undefined && more.length === 0 && found === text.trim() ? found : null;
}
