import cliProgress from "cli-progress";

const UPDATE_MS = 100;

export interface Progress {
  /** What is counted. */
  readonly unit: string;
  readonly total: number;
  value(): number;
}

/** A bar that follows `value()` up to `total`, on a terminal only. Returns what removes it. */
export function showProgress(stream: NodeJS.WriteStream, { unit, total, value }: Progress): () => void {
  if (!stream.isTTY) return () => {};
  const bar = new cliProgress.SingleBar({
    stream,
    format: `{bar} {percentage} % | {value} of {total} ${unit}`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    clearOnComplete: true,
    // Ctrl+C is handled where the server is stopped, too.
    gracefulExit: false,
  });
  bar.start(total, 0);
  const timer = setInterval(() => bar.update(value()), UPDATE_MS);
  return () => {
    clearInterval(timer);
    bar.stop();
  };
}
