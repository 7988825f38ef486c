/** What the server tells about itself. Clients are numbered from 1 as they come. */
export type ServerEvent =
  | { readonly event: "listening"; readonly address: string; readonly port: number; readonly backend: string }
  | { readonly event: "started"; readonly sockets: number }
  | { readonly event: "metrics"; readonly address: string; readonly port: number }
  | {
      /** Who the server is, for those who connect to it. */
      readonly event: "secured";
      readonly peerId: string;
      readonly fingerprint: string;
      /** Peers that may connect; null: everybody. */
      readonly allowed: number | null;
    }
  | {
      readonly event: "connected";
      readonly client: number;
      readonly address: string;
      readonly port: number;
      /** Clients connected now. */
      readonly total: number;
      /** Who it is, both or none of them: only a secure server knows. */
      readonly peerId?: string;
      readonly fingerprint?: string;
    }
  | { readonly event: "received"; readonly client: number; readonly payload: Uint8Array }
  | { readonly event: "sent"; readonly client: number; readonly bytes: number }
  | {
      readonly event: "relayed";
      /** Who said it. */
      readonly client: number;
      readonly bytes: number;
      /** Clients that it was sent to. */
      readonly to: number;
    }
  | { readonly event: "disconnected"; readonly client: number; readonly total: number }
  | {
      readonly event: "error";
      readonly code: string;
      readonly message: string;
      /** Left out where the error is not one of a connected client. */
      readonly client?: number;
      readonly total?: number;
    }
  | { readonly event: "stopped"; readonly clients: number; readonly messages: number; readonly bytes: number };
