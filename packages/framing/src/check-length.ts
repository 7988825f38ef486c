import { EmptyFrameError, FrameTooLargeError } from "./errors.js";
import type { FrameFormat } from "./frame-format.js";

/**
 * Throws unless a frame may carry a payload of this many bytes.
 *
 * @throws FrameTooLargeError (`ERR_FRAME_TOO_LARGE`), EmptyFrameError (`ERR_FRAME_EMPTY`)
 */
export function checkLength(length: number, { minLength, maxLength }: FrameFormat): void {
  if (length > maxLength) throw new FrameTooLargeError(length, maxLength);
  if (length < minLength) throw new EmptyFrameError();
}
