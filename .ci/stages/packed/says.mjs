/** Null if a text has all of the patterns. */
export function says(text, ...patterns) {
  const missing = patterns.filter((pattern) => !pattern.test(text));
  return missing.length === 0 ? null : `expected it to say ${missing.join(" and ")}`;
}
