/** What a child of this app sends: to question 0, which nobody asks, it answers when it is ready. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: string };

/** What a child is asked, by the name of the question. */
export type Answers = Readonly<Record<string, (value: never) => unknown>>;

/** The value that `Child.start` was given. */
export function setupFromParent<T>(): T {
  return JSON.parse(process.argv[2] ?? "null") as T;
}

/** Says that this program is ready, answers what its parent asks, and ends with it. */
export function answerParent(ready: unknown, answers: Answers): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", async ({ id, question, value }: { id: number; question: string; value: unknown }) => {
    try {
      send({ id, value: await answers[question]!(value as never) });
    } catch (error) {
      send({ id, failure: String(error) });
    }
  });
  send({ id: 0, value: ready });
}

function send(answer: Answer): void {
  process.send?.(answer);
}
