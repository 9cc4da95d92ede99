/** How many files go with a message, and how much is said of each; of locked messages only their readers see it. */

export const MOST_FILES = 10;
/** Code units here, code points on the server: what fits here fits there. */
export const LONGEST_ALT = 500;
