import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

/**
 * A package registry in memory, on the loopback: takes what is published, serves it, and sends whoever asks for another
 * package to the registry behind it. Knows as much of the protocol as `npm install`, `npm info` and `publish` use
 * (https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md).
 *
 * @param {string} behind URL of the other registry
 * @returns {Promise<{ url: string, published: Map<string, object>, close: () => Promise<void> }>}
 */
export async function startRegistry(behind) {
  /** @type {Map<string, object>} what is known of each package, as the registry serves it */
  const published = new Map();
  /** @type {Map<string, Buffer>} by the path of its URL */
  const tarballs = new Map();

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url.split("?")[0]);
    const name = path.slice(1);
    if (request.method === "PUT") {
      const { versions, "dist-tags": tags, _attachments: files } = await json(request);
      const known = published.get(name) ?? { name, versions: {}, "dist-tags": {} };
      const [[version, manifest]] = Object.entries(versions);
      if (version in known.versions) return answer(response, 409, { error: `${name}@${version} is there already` });
      const tarball = `/${name}/-/${version}.tgz`;
      tarballs.set(tarball, Buffer.from(Object.values(files).find(({ data }) => data).data, "base64"));
      known.versions[version] = { ...manifest, dist: { ...manifest.dist, tarball: `${url}${tarball}` } };
      Object.assign(known["dist-tags"], tags);
      published.set(name, known);
      return answer(response, 201, { ok: true });
    }
    if (tarballs.has(path)) return response.end(tarballs.get(path));
    if (published.has(name)) return answer(response, 200, published.get(name));
    if (name.startsWith("@p2pnet/")) return answer(response, 404, { error: "not found" });
    response.writeHead(302, { location: new URL(request.url.slice(1), behind).href }).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${server.address().port}`;

  return {
    url,
    published,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function answer(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
