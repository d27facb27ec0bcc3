import sharp from "sharp";

/** The longest edge of a resized picture, in pixels. */
export const pictureEdgePixels = { small: 256, medium: 800, large: 1_600 };

export type PictureSize = keyof typeof pictureEdgePixels;

const maxInputPixels = 40_000_000;
const maxDecodeSeconds = 5;

// Only these decoders read what strangers send. SVG is not among them: it is a document with links and scripts.
sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: [
    "VipsForeignLoadJpegBuffer",
    "VipsForeignLoadPngBuffer",
    "VipsForeignLoadWebpBuffer",
    "VipsForeignLoadNsgifBuffer",
    "VipsForeignLoadHeifBuffer",
  ],
});
sharp.cache(false);
// One thread for each picture.
sharp.concurrency(1);

/**
 * Decodes a JPEG, PNG, WebP, GIF or AVIF, found out by its first bytes, and encodes it as WebP within the edge of
 * the size: upright, without metadata such as where it was taken, and of an animation the first frame. Rejects what
 * is none of these, broken, or has more than 40 million pixels.
 */
export async function resizePicture(bytes: Buffer, size: PictureSize): Promise<Buffer> {
  const edge = pictureEdgePixels[size];
  return sharp(bytes, { limitInputPixels: maxInputPixels, failOn: "error", sequentialRead: true })
    .timeout({ seconds: maxDecodeSeconds })
    .autoOrient()
    .resize({ width: edge, height: edge, fit: "inside", withoutEnlargement: true })
    .webp({ quality: 80 })
    .toBuffer();
}
