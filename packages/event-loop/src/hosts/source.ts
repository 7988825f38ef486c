/** What tells a driven host, from Node's own loop, that there is something to do. */
export interface Source {
  /** From now on `ready` is called whenever a turn should come. @throws SystemError; nothing is watched then */
  start(ready: () => void): void;
  /** Calls nobody any more, and lets go of whatever keeps the process running. */
  stop(): void;
  /** Whether its watches keep the process running. */
  setReferenced(referenced: boolean): void;
}
