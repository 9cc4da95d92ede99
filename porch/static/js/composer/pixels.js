/** A picture as it is sent where nobody but this browser can make it anew: its pixels alone, upright, of an animation the first frame, no wider than others are. */

/** Pixels: of a picture's width, and of one at all. As the server has them for pictures that it makes anew. */
const WIDEST = 2560;
const MOST_PIXELS = 50_000_000;
const QUALITY = 0.85;

/** @typedef {{content: Blob, width: number, height: number}} Picture `content` is WebP, or JPEG where the browser writes none */

/** @param {Blob} file @returns {Promise<Picture | null>} null for what cannot be read */
export async function pixelsOf(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return null;
  try {
    if (bitmap.width * bitmap.height > MOST_PIXELS) return null;
    const scale = Math.min(1, WIDEST / bitmap.width);
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    if (!context) return null;
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    const webp = await written(canvas, "image/webp");
    if (webp?.type === "image/webp") return { content: webp, width, height };
    // JPEG knows no transparency: what shows through is white, not black.
    Object.assign(context, { globalCompositeOperation: "destination-over", fillStyle: "#fff" });
    context.fillRect(0, 0, width, height);
    const jpeg = await written(canvas, "image/jpeg");
    return jpeg && { content: jpeg, width, height };
  } finally {
    bitmap.close();
  }
}

/** @param {HTMLCanvasElement} canvas @param {string} type @returns {Promise<Blob | null>} */
function written(canvas, type) {
  return new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));
}
