/**
 * Runs every peer once in each round and collects what each round gave, by peer and in the order of the rounds.
 *
 * Interleaved, so that a minute in which the machine was busy with something else hits every peer alike. Each round
 * begins with another peer, so that none always runs behind the same neighbour.
 */
export async function runRounds<Sample>(
  peers: readonly string[],
  rounds: number,
  measurePeer: (peer: string, round: number) => Promise<Sample>,
): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(peers.map((peer) => [peer, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < peers.length; turn++) {
      const peer = peers[(round + turn) % peers.length]!;
      samples.get(peer)!.push(await measurePeer(peer, round));
    }
  }
  return samples;
}
