/**
 * How often a test repeats what may fail only now and then, or for how long. AISOPOD_TEST_THOROUGH=1 asks for what a release needs:
 * see CONTRIBUTING.md.
 */
export const isThorough = process.env.AISOPOD_TEST_THOROUGH === '1';

export const thorough = (forRelease: number, usually: number): number => (isThorough ? forRelease : usually);
