/** A fenced block of a Markdown text. */
export interface FencedBlock {
  /** What stands after the fence, up to the first space: "ts", "text", "sh". */
  readonly language: string;
  readonly text: string;
  /** The line of its first line, from 1. */
  readonly line: number;
  /** The comment right above it, `<!-- given: ... -->`: what a fragment takes for granted. Empty without one. */
  readonly given: string;
}

const GIVEN = /<!-- given:((?:(?!-->)[\s\S])*)-->\s*$/;

/** All fenced blocks of a Markdown text, in order. */
export function fencedBlocks(markdown: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  let open: { language: string; first: number; given: string } | null = null;
  let between = "";
  let text = "";
  for (const [index, line] of markdown.split(/\r?\n/).entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (fence === null) {
      if (open === null) between += `${line}\n`;
      else text += `${line}\n`;
    } else if (open === null) {
      open = { language: fence[1]!, first: index + 2, given: GIVEN.exec(between)?.[1]?.trim() ?? "" };
      between = text = "";
    } else {
      blocks.push({ language: open.language, text, line: open.first, given: open.given });
      open = null;
    }
  }
  return blocks;
}
