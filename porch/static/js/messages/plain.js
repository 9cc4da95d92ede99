/** Whether a message is nothing but words and links, which most are. */

/** @import { More } from "../base/types.js" */

/** What may be Markdown: marks around words, what takes a mark its meaning, and lines that begin with one. */
const MARKS = /[*_`~\\]|\]\(|^[ \t]*(?:>|[-+]\s|\d+[.)]\s)/mu;
/** Nothing but emoji: they may be large. */
const EMOJI = /^[\p{Extended_Pictographic}\p{RI}\p{EMod}\u200d\ufe0f\s]{1,80}$/u;

/** @param {More & {content: string}} told */
export function isPlain({ content, reply_to, files, reactions, pinned, preview, unopened }) {
  return reply_to === undefined && !files && !reactions && !pinned && !preview && !unopened && !MARKS.test(content) && !EMOJI.test(content);
}
