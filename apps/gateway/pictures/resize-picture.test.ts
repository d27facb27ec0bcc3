import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { createPicture } from "../testing/picture-host.ts";
import { resizePicture } from "./resize-picture.ts";

describe("resizePicture", () => {
  for (const format of ["png", "jpeg", "webp", "gif", "avif"] as const) {
    it(`turns ${format} into WebP within the size`, async () => {
      const resized = await resizePicture(await createPicture(format), "small");
      const { format: made, width, height } = await sharp(resized).metadata();
      assert.deepEqual([made, width, height], ["webp", 256, 192]);
    });
  }

  it("enlarges nothing", async () => {
    const { width, height } = await sharp(
      await resizePicture(await createPicture("png"), "large"),
    ).metadata();
    assert.deepEqual([width, height], [400, 300]);
  });

  it("turns a picture upright, and leaves its metadata out", async () => {
    const exif = { IFD0: { Artist: "Ada" }, IFD3: { GPSLatitude: "48/1 12/1 0/1" } };
    const photo = await sharp(await createPicture("jpeg"))
      .withExif(exif)
      .withMetadata({ orientation: 6 })
      .toBuffer();
    assert.ok((await sharp(photo).metadata()).exif);
    const {
      exif: kept,
      icc,
      xmp,
      width,
      height,
    } = await sharp(await resizePicture(photo, "large")).metadata();
    assert.deepEqual([kept, icc, xmp, width, height], [undefined, undefined, undefined, 300, 400]);
  });

  it("shows the first frame of an animation", async () => {
    const frames = await Promise.all([
      createPicture("png", { background: "red" }),
      createPicture("png", { background: "blue" }),
    ]);
    const animation = await sharp(frames, { join: { animated: true } })
      .gif()
      .toBuffer();
    assert.equal((await sharp(animation, { animated: true }).metadata()).pages, 2);
    const resized = await resizePicture(animation, "small");
    assert.equal((await sharp(resized).metadata()).pages, undefined);
    const [red = 0, , blue = 255] = await sharp(resized).raw().toBuffer();
    assert.ok(red > 200 && blue < 50);
  });

  it("takes no other format, whatever it is called", async () => {
    const others = {
      svg: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`),
      pdf: Buffer.from("%PDF-1.7\n"),
      ppm: Buffer.from("P3 1 1 255 0 0 0"),
      html: Buffer.from("<!doctype html><title>No picture</title>"),
      tiff: await createPicture("tiff"),
      nothing: Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(others)) {
      await assert.rejects(resizePicture(bytes, "small"), name);
    }
  });

  it("refuses huge dimensions before it decodes, and broken pictures", async () => {
    const picture = await createPicture("png", { width: 10, height: 10 });
    await assert.rejects(
      resizePicture(withPngSize(picture, 60_000, 60_000), "small"),
      /pixel limit/,
    );
    const noise = await sharp(randomBytes(64 * 64 * 3), {
      raw: { width: 64, height: 64, channels: 3 },
    })
      .png()
      .toBuffer();
    await assert.rejects(resizePicture(noise.subarray(0, noise.length / 2), "small"));
  });
});

/** The PNG with other dimensions in its header. */
function withPngSize(png: Buffer, width: number, height: number): Buffer {
  const bomb = Buffer.from(png);
  bomb.writeUInt32BE(width, 16);
  bomb.writeUInt32BE(height, 20);
  bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
  return bomb;
}
