import { describe, expect, test } from "vitest";
import {
  DEFAULT_MAX_LENGTH,
  FrameDecoder,
  type FrameDecoderOptions,
  FrameDecoderStream,
  FrameEncoder,
  FrameEncoderStream,
  framesFrom,
  framesTo,
  type LengthFieldSize,
} from "../src/index.js";
import { thrownBy } from "./samples.js";

/** Options from JavaScript, where no compiler looks at them. */
const untyped = (options: unknown): FrameDecoderOptions => options as FrameDecoderOptions;

const refused: [string, FrameDecoderOptions, string, string][] = [
  [
    "maxLength 0",
    { maxLength: 0 },
    "ERR_INVALID_ARG_VALUE",
    "maxLength: expected an integer from 1 to 4294967295, got 0",
  ],
  ["a negative maxLength", { maxLength: -1 }, "ERR_INVALID_ARG_VALUE", "got -1"],
  ["half a byte", { maxLength: 1.5 }, "ERR_INVALID_ARG_VALUE", "got 1.5"],
  ["NaN", { maxLength: Number.NaN }, "ERR_INVALID_ARG_VALUE", "got NaN"],
  ["Infinity", { maxLength: Number.POSITIVE_INFINITY }, "ERR_INVALID_ARG_VALUE", "got Infinity"],
  ["more than 1 byte holds", { lengthField: 1, maxLength: 256 }, "ERR_INVALID_ARG_VALUE", "from 1 to 255, got 256"],
  ["more than 2 bytes hold", { lengthField: 2, maxLength: 65_536 }, "ERR_INVALID_ARG_VALUE", "from 1 to 65535"],
  ["more than 3 bytes hold", { lengthField: 3, maxLength: 2 ** 24 }, "ERR_INVALID_ARG_VALUE", "from 1 to 16777215"],
  ["more than 4 bytes hold", { maxLength: 2 ** 32 }, "ERR_INVALID_ARG_VALUE", "from 1 to 4294967295"],
  ["more than a number holds", { lengthField: 8, maxLength: 2 ** 53 }, "ERR_INVALID_ARG_VALUE", "to 9007199254740991"],
  [
    "the same for varints",
    { lengthField: "varint", maxLength: 2 ** 53 },
    "ERR_INVALID_ARG_VALUE",
    "to 9007199254740991",
  ],
  [
    "maxLength as text",
    untyped({ maxLength: "10" }),
    "ERR_INVALID_ARG_TYPE",
    "maxLength: expected a number of bytes, got string",
  ],
  [
    "an odd length field",
    untyped({ lengthField: 5 }),
    "ERR_INVALID_ARG_VALUE",
    'lengthField: expected 1, 2, 3, 4, 8 or "varint", got 5',
  ],
  [
    "an odd byte order",
    untyped({ byteOrder: "BE" }),
    "ERR_INVALID_ARG_VALUE",
    'byteOrder: expected "big" or "little", got BE',
  ],
  [
    "allowEmpty as a number",
    untyped({ allowEmpty: 1 }),
    "ERR_INVALID_ARG_TYPE",
    "allowEmpty: expected a boolean, got number",
  ],
  ["null", untyped(null), "ERR_INVALID_ARG_TYPE", "options: expected an object, got null"],
  ["a number", untyped(4), "ERR_INVALID_ARG_TYPE", "options: expected an object, got number"],
];

describe("options that make no sense are refused at once, by everything that takes options", () => {
  test.each(refused)("%s", (_, options, code, message) => {
    const makers = [
      () => new FrameEncoder(options),
      () => new FrameDecoder(options),
      () => new FrameEncoderStream(options),
      () => new FrameDecoderStream(options),
      () => framesFrom([], options),
      () => framesTo([], options),
    ];
    for (const make of makers) {
      const error = thrownBy(make);
      expect(error.code).toBe(code);
      expect(error.message).toContain(message);
      expect(error).toBeInstanceOf(code === "ERR_INVALID_ARG_TYPE" ? TypeError : RangeError);
    }
  });

  test("copy as text", () => {
    expect(thrownBy(() => new FrameDecoder(untyped({ copy: "yes" }))).message).toBe(
      "copy: expected a boolean, got string",
    );
  });
});

describe("the maximum by default", () => {
  test("is 1 MiB", () => {
    expect(DEFAULT_MAX_LENGTH).toBe(1_048_576);
    const encoder = new FrameEncoder();
    expect(encoder.headerLength(1_048_576)).toBe(4);
    expect(thrownBy(() => encoder.headerLength(1_048_577)).code).toBe("ERR_FRAME_TOO_LARGE");
  });

  test.each<[LengthFieldSize, number]>([
    [1, 255],
    [2, 65_535],
    [3, 1_048_576],
    [8, 1_048_576],
    ["varint", 1_048_576],
  ])("is no more than the length field %s can hold", (lengthField, maximum) => {
    const encoder = new FrameEncoder({ lengthField });
    expect(encoder.headerLength(maximum)).toBeGreaterThan(0);
    expect(thrownBy(() => encoder.headerLength(maximum + 1)).code).toBe("ERR_FRAME_TOO_LARGE");
  });

  test("options that are there but undefined are left out", () => {
    const encoder = new FrameEncoder(untyped({ maxLength: undefined, lengthField: undefined, byteOrder: undefined }));
    expect([...encoder.encode(Uint8Array.of(9))]).toEqual([0, 0, 0, 1, 9]);
  });
});
