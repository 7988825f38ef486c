/** What a handshake message is made of (Noise specification, section 7.1). `e` and `s` are sent, the others computed. */
export type Token = "e" | "s" | "ee" | "es" | "se" | "ss" | "psk";

/** Who begins the handshake, and who answers. */
export type Role = "initiator" | "responder";

export interface HandshakePattern {
  /** What each side knows of the other beforehand: its static key, or nothing. */
  readonly initiatorPremessage: readonly Token[];
  readonly responderPremessage: readonly Token[];
  /** The messages in turn, the initiator's first. */
  readonly messages: readonly (readonly Token[])[];
}

const NOTHING = "";

/** As the specification writes them: premessages of initiator and responder, then messages in turn. */
function pattern(initiatorPremessage: string, responderPremessage: string, ...messages: string[]): HandshakePattern {
  return {
    initiatorPremessage: tokens(initiatorPremessage),
    responderPremessage: tokens(responderPremessage),
    messages: messages.map(tokens),
  };
}

function tokens(text: string): Token[] {
  return text === NOTHING ? [] : (text.split(" ") as Token[]);
}

/**
 * The patterns of the Noise specification, revision 34: one-way (7.4), fundamental (7.5) and deferred (18.1 of the
 * appendices).
 */
export const PATTERNS: Readonly<Record<string, HandshakePattern>> = {
  N: pattern(NOTHING, "s", "e es"),
  K: pattern("s", "s", "e es ss"),
  X: pattern(NOTHING, "s", "e es s ss"),

  NN: pattern(NOTHING, NOTHING, "e", "e ee"),
  NK: pattern(NOTHING, "s", "e es", "e ee"),
  NX: pattern(NOTHING, NOTHING, "e", "e ee s es"),
  KN: pattern("s", NOTHING, "e", "e ee se"),
  KK: pattern("s", "s", "e es ss", "e ee se"),
  KX: pattern("s", NOTHING, "e", "e ee se s es"),
  XN: pattern(NOTHING, NOTHING, "e", "e ee", "s se"),
  XK: pattern(NOTHING, "s", "e es", "e ee", "s se"),
  XX: pattern(NOTHING, NOTHING, "e", "e ee s es", "s se"),
  IN: pattern(NOTHING, NOTHING, "e s", "e ee se"),
  IK: pattern(NOTHING, "s", "e es s ss", "e ee se"),
  IX: pattern(NOTHING, NOTHING, "e s", "e ee se s es"),

  NK1: pattern(NOTHING, "s", "e", "e ee es"),
  NX1: pattern(NOTHING, NOTHING, "e", "e ee s", "es"),
  X1N: pattern(NOTHING, NOTHING, "e", "e ee", "s", "se"),
  X1K: pattern(NOTHING, "s", "e es", "e ee", "s", "se"),
  XK1: pattern(NOTHING, "s", "e", "e ee es", "s se"),
  X1K1: pattern(NOTHING, "s", "e", "e ee es", "s", "se"),
  X1X: pattern(NOTHING, NOTHING, "e", "e ee s es", "s", "se"),
  XX1: pattern(NOTHING, NOTHING, "e", "e ee s", "es s se"),
  X1X1: pattern(NOTHING, NOTHING, "e", "e ee s", "es s", "se"),
  K1N: pattern("s", NOTHING, "e", "e ee", "se"),
  K1K: pattern("s", "s", "e es", "e ee", "se"),
  KK1: pattern("s", "s", "e", "e ee se es"),
  K1K1: pattern("s", "s", "e", "e ee es", "se"),
  K1X: pattern("s", NOTHING, "e", "e ee s es", "se"),
  KX1: pattern("s", NOTHING, "e", "e ee se s", "es"),
  K1X1: pattern("s", NOTHING, "e", "e ee s", "se es"),
  I1N: pattern(NOTHING, NOTHING, "e s", "e ee", "se"),
  I1K: pattern(NOTHING, "s", "e es s", "e ee", "se"),
  IK1: pattern(NOTHING, "s", "e s", "e ee se es"),
  I1K1: pattern(NOTHING, "s", "e s", "e ee es", "se"),
  I1X: pattern(NOTHING, NOTHING, "e s", "e ee s es", "se"),
  IX1: pattern(NOTHING, NOTHING, "e s", "e ee se s", "es"),
  I1X1: pattern(NOTHING, NOTHING, "e s", "e ee s", "se es"),
};

/** The pattern with `psk` tokens where its modifiers put them (section 9.4): psk0 begins the first message, pskN ends the Nth. */
export function withPsks(plain: HandshakePattern, positions: readonly number[]): HandshakePattern {
  const messages = plain.messages.map((message, i): Token[] => [
    ...(i === 0 && positions.includes(0) ? (["psk"] as const) : []),
    ...message,
    ...(positions.includes(i + 1) ? (["psk"] as const) : []),
  ]);
  return { ...plain, messages };
}
