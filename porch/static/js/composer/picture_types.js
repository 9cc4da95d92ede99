/** What browsers read as a picture before it is uploaded; by its type, which is what the system says of its name. */

export const PICTURES = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"];
