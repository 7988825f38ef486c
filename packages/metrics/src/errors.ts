/** The codes of a `MetricsError`. Decide on `code`, never on a message. */
export type MetricsErrorCode = "ERR_METRIC_EXISTS" | "ERR_INVALID_ARG_VALUE";

/** Metrics that cannot be shown as asked. */
export class MetricsError extends Error {
  override readonly name = "MetricsError";
  readonly code: MetricsErrorCode;

  constructor(code: MetricsErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
