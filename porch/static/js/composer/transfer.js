/** One upload on its way: the only thing here that `fetch` cannot do, which does not tell how far it is. */

/** Milliseconds without a sign after which a line counts as dead; the server has longer to make a picture anew. */
const STALLED = 30_000;
const MAKING = 120_000;

/** @typedef {{status: number, answer: any, retryAfter: number | null}} Outcome `status` 0 when there was no answer */

/**
 * @param {string} path
 * @param {File} file
 * @param {{userId: number, progress: (part: number) => void}} options `userId`: whose page this is
 * @returns {{over: Promise<Outcome>, abort: () => void}}
 */
export function transfer(path, file, { userId, progress }) {
  const asking = new XMLHttpRequest();
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const watch = (/** @type {number} */ patience) => {
    clearTimeout(timer);
    timer = setTimeout(() => asking.abort(), patience);
  };
  const over = new Promise((/** @type {(outcome: Outcome) => void} */ resolve) => {
    asking.addEventListener("loadend", () => {
      clearTimeout(timer);
      const retryAfter = Number.parseFloat(asking.getResponseHeader("Retry-After") ?? "");
      resolve({ status: asking.status, answer: asking.response, retryAfter: Number.isFinite(retryAfter) ? retryAfter : null });
    });
  });
  asking.upload.addEventListener("progress", ({ loaded, total }) => { watch(STALLED); progress(total > 0 ? loaded / total : 0); });
  asking.upload.addEventListener("load", () => { watch(MAKING); progress(1); });
  asking.open("POST", path);
  asking.responseType = "json";
  asking.setRequestHeader("Accept", "application/json");
  asking.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  // A lone surrogate, as some systems allow in names, cannot be written with percent signs.
  asking.setRequestHeader("Porch-File-Name", encodeURIComponent(file.name.replace(/\p{Surrogate}/gu, "")));
  asking.setRequestHeader("Porch-User", String(userId));
  watch(STALLED);
  asking.send(file);
  return { over, abort: () => asking.abort() };
}
