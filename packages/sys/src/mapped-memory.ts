/** Memory that the kernel shares with this process. It is there until `unmap`; nobody may touch it afterwards. */
export interface MappedMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Gives it up; a second time is allowed. */
  unmap(): void;
}
