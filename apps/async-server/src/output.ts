/**
 * Writes lines to `stream`. When its reader is gone (EPIPE, as after `| head -1`) nothing more is written and `onClosed`
 * is called, once.
 */
export function lineWriter(stream: NodeJS.WritableStream, onClosed: () => void): (line: string) => void {
  let open = true;
  stream.on("error", () => {
    if (open) onClosed();
    open = false;
  });
  return (line) => {
    if (open) stream.write(`${line}\n`);
  };
}
