/** Shows what runs now in one line of the terminal, replaced each time; an empty text clears it. Silent in a pipe. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}
