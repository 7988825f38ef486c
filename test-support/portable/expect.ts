import {
  ASYMMETRIC_MATCHERS_OBJECT,
  type Assertion,
  chai,
  customMatchers,
  type ExpectStatic,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";
import { getCurrentTest } from "@vitest/runner";

/** An assertion as vitest's plugins make it: it knows its test, and may let it go on after a failure. */
interface TestedAssertion extends Assertion {
  withTest(test: unknown): this;
  withContext(context: { soft: boolean }): this;
}

/** What `JestExtend` adds to chai. */
interface Extendable {
  extend(expect: ExpectStatic, matchers: object): void;
}

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** `any`, `objectContaining` and their like, which the last plugin leaves in two places. */
const asymmetric = { ...chai.expect, ...Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT) };

function assertion(value: unknown, message?: string): TestedAssertion {
  const about = chai.expect(value, message) as unknown as TestedAssertion;
  const test = getCurrentTest();
  return test === undefined ? about : about.withTest(test);
}

/** What of vitest's `expect` the tests use, with all matchers. What they do not use is missing rather than wrong. */
export const expect: ExpectStatic = Object.assign(assertion, asymmetric, {
  soft: (value: unknown, message?: string) => assertion(value, message).withContext({ soft: true }),
  unreachable: (message = "this line"): never => chai.assert.fail(`${message}: expected not to be reached`),
}) as unknown as ExpectStatic;

// Matchers look for it where vitest puts it.
setState({ assertionCalls: 0 }, expect);
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect });
(chai.expect as unknown as Extendable).extend(expect, customMatchers);
