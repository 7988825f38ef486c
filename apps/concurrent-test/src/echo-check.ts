/** What is wrong with an echo, or null: it has to be what was sent, byte for byte. */
export function findDifference(sent: Uint8Array, echo: Uint8Array): string | null {
  if (Buffer.compare(sent, echo) === 0) return null;
  const shorter = Math.min(sent.length, echo.length);
  let same = 0;
  while (same < shorter && sent[same] === echo[same]) same++;
  return same < shorter
    ? `expected the ${sent.length} bytes that were sent, got ${echo.length} that differ at byte ${same + 1}`
    : `expected the ${sent.length} bytes that were sent, got ${echo.length}`;
}
