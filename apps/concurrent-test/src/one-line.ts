/** `text` on one line and without control characters, whatever it quotes. */
export function oneLine(text: string): string {
  return text.trim().replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ");
}
